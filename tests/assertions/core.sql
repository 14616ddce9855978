-- Comparisons of values, diagnostics, and what a script asks about its surroundings.
BEGIN;
SELECT plan(206);

SELECT * FROM check_test(ok(true, 'works'), true, 'ok true', 'works', '');
SELECT * FROM check_test(ok(true), true, 'ok true alone', '', '');
SELECT * FROM check_test(ok(false, 'broken'), false, 'ok false', 'broken', '');
SELECT * FROM check_test(
    ok(NULL, 'unknown'),
    false,
    'ok NULL',
    'unknown',
    E'    (test result was NULL)'
);
SELECT * FROM check_test(ok(true, ''), true, 'ok without words', '', '');
SELECT * FROM check_test(ok(true, 'a # b'), true, 'ok with a hash', 'a # b', '');
SELECT * FROM check_test(pass('fine'), true, 'pass', 'fine', '');
SELECT * FROM check_test(pass(), true, 'pass alone', '', '');
SELECT * FROM check_test(fail('bad'), false, 'fail', 'bad', '');
SELECT * FROM check_test(fail(), false, 'fail alone', '', '');
SELECT * FROM check_test(is(1, 1, 'same'), true, 'is', 'same', '');
SELECT * FROM check_test(
    is(1, 2, 'other'),
    false,
    'is not',
    'other',
    E'        have: 1\n        want: 2'
);
SELECT * FROM check_test(is(NULL::text, NULL, 'both'), true, 'is NULL', 'both', '');
SELECT * FROM check_test(
    is('a'::text, NULL, 'null'),
    false,
    'is against NULL',
    'null',
    E'        have: a\n        want: NULL'
);
SELECT * FROM check_test(
    is(NULL, 'a'::text),
    false,
    'is of NULL',
    '',
    E'        have: NULL\n        want: a'
);
SELECT * FROM check_test(
    is(ARRAY[1, 2], '{1,3}', 'arrays'),
    false,
    'is arrays',
    'arrays',
    E'        have: {1,2}\n        want: {1,3}'
);
SELECT * FROM check_test(
    is(ROW(1, 'x'::text), ROW(1, 'y'::text), 'rows'),
    false,
    'is rows',
    'rows',
    E'        have: (1,x)\n        want: (1,y)'
);
SELECT * FROM check_test(
    is(E'a\nb'::text, 'c', 'lines'),
    false,
    'is lines',
    'lines',
    E'        have: a\nb\n        want: c'
);
SELECT * FROM check_test(isnt(1, 2, 'other'), true, 'isnt', 'other', '');
SELECT * FROM check_test(isnt(1, NULL, 'null'), true, 'isnt against NULL', 'null', '');
SELECT * FROM check_test(
    isnt(1, 1, 'same'),
    false,
    'isnt not',
    'same',
    E'        have: 1\n        want: anything else'
);
SELECT * FROM check_test(
    isnt(NULL::int, NULL),
    false,
    'isnt NULL',
    '',
    E'        have: NULL\n        want: anything else'
);
SELECT * FROM check_test(cmp_ok(1, '<', 2, 'less'), true, 'cmp_ok', 'less', '');
SELECT * FROM check_test(
    cmp_ok(2, '<', 1, 'less'),
    false,
    'cmp_ok not',
    'less',
    E'    ''2''\n        <\n    ''1'''
);
SELECT * FROM check_test(
    cmp_ok(1, '=', NULL),
    false,
    'cmp_ok NULL',
    '',
    E'    ''1''\n        =\n    NULL'
);
SELECT * FROM check_test(
    cmp_ok('it''s'::text, '~', 'x'),
    false,
    'cmp_ok quotes',
    '',
    E'    ''it''''s''\n        ~\n    ''x'''
);
SELECT * FROM check_test(matches('abc'::text, '^a', 'd'), true, 'matches', 'd', '');
SELECT * FROM check_test(matches('abc'::text, '^a'), true, 'matches alone', '', '');
SELECT * FROM check_test(
    matches('abc'::text, '^b', 'd'),
    false,
    'matches not',
    'd',
    E'                  ''abc''\n   doesn''t match: ''^b'''
);
SELECT * FROM check_test(
    matches(NULL::text, '^b'),
    false,
    'matches NULL',
    '',
    E'    (test result was NULL)\n                  NULL\n   doesn''t match: ''^b'''
);
SELECT * FROM check_test(imatches('abc'::text, '^A', 'd'), true, 'imatches', 'd', '');
SELECT * FROM check_test(imatches('abc'::text, '^A'), true, 'imatches alone', '', '');
SELECT * FROM check_test(
    imatches('abc'::text, '^B', 'd'),
    false,
    'imatches not',
    'd',
    E'                  ''abc''\n   doesn''t match: ''^B'''
);
SELECT * FROM check_test(
    imatches(NULL::text, '^B'),
    false,
    'imatches NULL',
    '',
    E'    (test result was NULL)\n                  NULL\n   doesn''t match: ''^B'''
);
SELECT * FROM check_test(doesnt_match('abc'::text, '^b', 'd'), true, 'doesnt_match', 'd', '');
SELECT * FROM check_test(doesnt_match('abc'::text, '^b'), true, 'doesnt_match alone', '', '');
SELECT * FROM check_test(
    doesnt_match('abc'::text, '^a', 'd'),
    false,
    'doesnt_match not',
    'd',
    E'                  ''abc''\n         matches: ''^a'''
);
SELECT * FROM check_test(
    doesnt_match(NULL::text, '^a'),
    false,
    'doesnt_match NULL',
    '',
    E'    (test result was NULL)\n                  NULL\n         matches: ''^a'''
);
SELECT * FROM check_test(doesnt_imatch('abc'::text, '^B', 'd'), true, 'doesnt_imatch', 'd', '');
SELECT * FROM check_test(doesnt_imatch('abc'::text, '^B'), true, 'doesnt_imatch alone', '', '');
SELECT * FROM check_test(
    doesnt_imatch('abc'::text, '^A', 'd'),
    false,
    'doesnt_imatch not',
    'd',
    E'                  ''abc''\n         matches: ''^A'''
);
SELECT * FROM check_test(
    doesnt_imatch(NULL::text, '^A'),
    false,
    'doesnt_imatch NULL',
    '',
    E'    (test result was NULL)\n                  NULL\n         matches: ''^A'''
);
SELECT * FROM check_test(alike('abc'::text, 'a%', 'd'), true, 'alike', 'd', '');
SELECT * FROM check_test(alike('abc'::text, 'a%'), true, 'alike alone', '', '');
SELECT * FROM check_test(
    alike('abc'::text, 'b%', 'd'),
    false,
    'alike not',
    'd',
    E'                  ''abc''\n   doesn''t match: ''b%'''
);
SELECT * FROM check_test(
    alike(NULL::text, 'b%'),
    false,
    'alike NULL',
    '',
    E'    (test result was NULL)\n                  NULL\n   doesn''t match: ''b%'''
);
SELECT * FROM check_test(ialike('abc'::text, 'A%', 'd'), true, 'ialike', 'd', '');
SELECT * FROM check_test(ialike('abc'::text, 'A%'), true, 'ialike alone', '', '');
SELECT * FROM check_test(
    ialike('abc'::text, 'B%', 'd'),
    false,
    'ialike not',
    'd',
    E'                  ''abc''\n   doesn''t match: ''B%'''
);
SELECT * FROM check_test(
    ialike(NULL::text, 'B%'),
    false,
    'ialike NULL',
    '',
    E'    (test result was NULL)\n                  NULL\n   doesn''t match: ''B%'''
);
SELECT * FROM check_test(unalike('abc'::text, 'b%', 'd'), true, 'unalike', 'd', '');
SELECT * FROM check_test(unalike('abc'::text, 'b%'), true, 'unalike alone', '', '');
SELECT * FROM check_test(
    unalike('abc'::text, 'a%', 'd'),
    false,
    'unalike not',
    'd',
    E'                  ''abc''\n         matches: ''a%'''
);
SELECT * FROM check_test(
    unalike(NULL::text, 'a%'),
    false,
    'unalike NULL',
    '',
    E'    (test result was NULL)\n                  NULL\n         matches: ''a%'''
);
SELECT * FROM check_test(unialike('abc'::text, 'B%', 'd'), true, 'unialike', 'd', '');
SELECT * FROM check_test(unialike('abc'::text, 'B%'), true, 'unialike alone', '', '');
SELECT * FROM check_test(
    unialike('abc'::text, 'A%', 'd'),
    false,
    'unialike not',
    'd',
    E'                  ''abc''\n         matches: ''A%'''
);
SELECT * FROM check_test(
    unialike(NULL::text, 'A%'),
    false,
    'unialike NULL',
    '',
    E'    (test result was NULL)\n                  NULL\n         matches: ''A%'''
);
SELECT * FROM check_test(isa_ok(1, 'int'), true, 'isa_ok', 'the value isa integer', '');
SELECT * FROM check_test(
    isa_ok(1, 'int', 'one'), true, 'isa_ok with a name', 'one isa integer', ''
);
SELECT * FROM check_test(
    isa_ok(1, 'text', 'one'),
    false,
    'isa_ok not',
    'one isa text',
    E'    one isn''t a "text" it''s a "integer"'
);
SELECT * FROM check_test(
    isa_ok(ARRAY['a'], 'int[]'),
    false,
    'isa_ok array',
    'the value isa integer[]',
    E'    the value isn''t a "integer[]" it''s a "text[]"'
);
SELECT * FROM check_test(collect_tap(ok(true, 'collected')), true, 'collect_tap', 'collected', '');
SELECT is(
    diag('one'),
    '# one',
    'diag'
);
SELECT is(
    diag(E'one\ntwo\r\n'),
    E'# one\n# two\n# # ',
    'diag of lines'
);
SELECT is(
    diag(6),
    '# 6',
    'diag of a number'
);
SELECT is(
    diag('a', 'b', NULL, 'c'),
    '# abc',
    'diag of texts'
);
SELECT is(
    diag(1, 2),
    '# 12',
    'diag of numbers'
);
SELECT is(
    diag(NULL::text),
    NULL,
    'diag of NULL'
);
SELECT is(
    diag_test_name('one'),
    '# one()',
    'diag_test_name'
);
SELECT is(
    collect_tap('a', NULL, 'b'),
    E'a\nb',
    'collect_tap of texts'
);
SELECT is(
    collect_tap(ARRAY['a', 'b']::varchar[]),
    E'a\nb',
    'collect_tap of an array'
);
SELECT is(
    display_oper('+', 'pg_catalog.+(int, int)'::regoperator),
    '+(integer,integer)',
    'display_oper'
);
SELECT is(
    display_oper('-', 'pg_catalog.-(NONE, int)'::regoperator),
    '-(NONE,integer)',
    'display_oper of one operand'
);
SELECT is(
    display_oper('+', 0),
    NULL,
    'display_oper of nothing'
);
SELECT is(
    pg_version(),
    current_setting('server_version'),
    'pg_version'
);
SELECT is(
    pg_version_num(),
    current_setting('server_version_num')::integer,
    'pg_version_num'
);
SELECT is(
    in_todo(),
    false,
    'in_todo outside'
);
SELECT matches(os_name(), '^[a-z0-9]+$', 'os_name');
SELECT cmp_ok(pgtap_version(), '>=', 1.2, 'pgtap_version');

SELECT * FROM finish();
ROLLBACK;
