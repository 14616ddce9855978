-- What pgTAP 1.3 added, and calls of col_default_is() that raise an error in pgTAP.
BEGIN;
SELECT plan(142);

CREATE SCHEMA one;
CREATE TABLE public.t (
    id int PRIMARY KEY,
    n int DEFAULT 42,
    made timestamp DEFAULT now(),
    doubled int GENERATED ALWAYS AS (id * 2) STORED,
    document json DEFAULT '{}'
);
CREATE INDEX t_part ON t (n) WHERE n > 0;
CREATE INDEX t_n ON t (n);
CREATE TABLE one.pair (a int, b int, PRIMARY KEY (b, a));
CREATE TABLE one.bare (a int);
CREATE TABLE one.child (a int UNIQUE CHECK (a > 0), b int, c int REFERENCES t);
CREATE INDEX pair_part ON one.pair (a) WHERE b > 0;

SELECT * FROM check_test(
    has_pk('one', 'pair'::name),
    true,
    'has_pk(one, pair::name)',
    'Table one.pair should have a primary key',
    ''
);
SELECT * FROM check_test(
    has_pk('one', 'nope'::name),
    false,
    'has_pk(one, nope::name)',
    'Table one.nope should have a primary key',
    ''
);
SELECT * FROM check_test(
    col_is_pk('one'::name, 'pair'::name, 'a'::name),
    false,
    'col_is_pk(one::name, pair::name, a::name)',
    'Column one.pair(a) should be a primary key',
    E'        have: {b,a}\n        want: {a}'
);
SELECT * FROM check_test(
    col_is_pk('public'::name, 't'::name, 'id'::name),
    true,
    'col_is_pk(public::name, t::name, id::name)',
    'Column public.t(id) should be a primary key',
    ''
);
SELECT * FROM check_test(
    col_is_pk('one', 'pair', ARRAY['b', 'a']),
    true,
    'col_is_pk(one, pair, ARRAY[b, a])',
    'Columns one.pair(b, a) should be a primary key',
    ''
);
SELECT * FROM check_test(
    col_is_pk('one', 'pair', ARRAY['a', 'b']),
    false,
    'col_is_pk(one, pair, ARRAY[a, b])',
    'Columns one.pair(a, b) should be a primary key',
    E'        have: {b,a}\n        want: {a,b}'
);
SELECT * FROM check_test(
    index_is_partial('t_part'),
    true,
    'index_is_partial(t_part)',
    'Index t_part should be partial',
    ''
);
SELECT * FROM check_test(
    index_is_partial('t_n'),
    false,
    'index_is_partial(t_n)',
    'Index t_n should be partial',
    ''
);
SELECT * FROM check_test(
    index_is_partial('nope'),
    false,
    'index_is_partial(nope)',
    'Index nope should be partial',
    ''
);
SELECT * FROM check_test(
    index_is_partial('t', 't_part'),
    true,
    'index_is_partial(t, t_part)',
    'Index t_part should be partial',
    ''
);
SELECT * FROM check_test(
    index_is_partial('t', 't_n'),
    false,
    'index_is_partial(t, t_n)',
    'Index t_n should be partial',
    ''
);
SELECT * FROM check_test(
    index_is_partial('one', 'pair', 'pair_part'),
    true,
    'index_is_partial(one, pair, pair_part)',
    'Index pair_part should be partial',
    ''
);
SELECT * FROM check_test(
    index_is_partial('one', 'pair', 'pair_part', 'd'),
    true,
    'index_is_partial(one, pair, pair_part, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    index_is_partial('one', 'pair', 'pair_pkey'),
    false,
    'index_is_partial(one, pair, pair_pkey)',
    'Index pair_pkey should be partial',
    ''
);
SELECT * FROM check_test(
    col_default_is('t', 'n', 'not a number'),
    false,
    'col_default_is(t, n, not a number)',
    'Column t.n should default to ''not a number''',
    E'        have: 42\n        want: not a number'
);
SELECT * FROM check_test(
    col_default_is('t', 'n', 42.5),
    false,
    'col_default_is(t, n, 42.5)',
    'Column t.n should default to ''42.5''',
    E'        have: 42\n        want: 42.5'
);
SELECT * FROM check_test(
    col_default_is('t', 'made', '2020-01-01'::timestamp),
    false,
    'col_default_is(t, made, 2020-01-01::timestamp)',
    'Column t.made should default to ''2020-01-01 00:00:00''',
    E'        have: now()\n        want: 2020-01-01 00:00:00'
);
SELECT * FROM check_test(
    col_default_is('t', 'doubled', '(id * 2)'),
    true,
    'col_default_is(t, doubled, (id * 2))',
    'Column t.doubled should default to ''(id * 2)''',
    ''
);
SELECT * FROM check_test(
    col_default_is('t', 'doubled', 4),
    false,
    'col_default_is(t, doubled, 4)',
    'Column t.doubled should default to ''4''',
    E'        have: (id * 2)\n        want: 4'
);
SELECT * FROM check_test(
    col_default_is('t', 'document', '{}'),
    true,
    'col_default_is(t, document, {})',
    'Column t.document should default to ''{}''',
    ''
);
SELECT * FROM check_test(
    col_default_is('t', 'document', '[]'),
    false,
    'col_default_is(t, document, [])',
    'Column t.document should default to ''[]''',
    E'        have: {}\n        want: []'
);

-- Names of types are read as SQL: without quotes, what needs some is no type.
CREATE TYPE one.mood AS ENUM ('sad', 'ok');
CREATE TYPE public."Odd Type" AS (a int);
CREATE TABLE public.users (state one.mood, odd public."Odd Type");
SELECT * FROM check_test(
    col_type_is('users', 'state', 'mood'),
    false,
    'col_type_is(users, state, mood)',
    'Column users.state should be type mood',
    '    Type mood does not exist'
);
SELECT * FROM check_test(
    col_type_is('users', 'odd', '"Odd Type"'),
    true,
    'col_type_is(users, odd, "Odd Type")',
    'Column users.odd should be type "Odd Type"',
    ''
);
SELECT * FROM check_test(
    col_type_is('users', 'odd', 'Odd Type'),
    false,
    'col_type_is(users, odd, Odd Type)',
    'Column users.odd should be type Odd Type',
    '    Type Odd Type does not exist'
);
SELECT * FROM check_test(
    col_type_is('users', 'odd', 'Other Type'),
    false,
    'col_type_is(users, odd, Other Type)',
    'Column users.odd should be type Other Type',
    '    Type Other Type does not exist'
);
SELECT * FROM check_test(
    col_type_is('public', 'users', 'odd', 'public', '"Odd Type"', 'd'),
    true,
    'col_type_is(public, users, odd, public, "Odd Type", d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_type_is('public', 'users', 'odd', 'public', 'Odd Type', 'd'),
    false,
    'col_type_is(public, users, odd, public, Odd Type, d)',
    'd',
    '    Type public.Odd Type does not exist'
);

SELECT * FROM check_test(
    hasnt_pk('one', 'pair'::name),
    false,
    'hasnt_pk(one, pair::name)',
    'Table one.pair should not have a primary key',
    ''
);
SELECT * FROM check_test(
    hasnt_pk('one', 'bare'::name),
    true,
    'hasnt_pk(one, bare::name)',
    'Table one.bare should not have a primary key',
    ''
);
SELECT * FROM check_test(
    has_fk('one', 'child'::name),
    true,
    'has_fk(one, child::name)',
    'Table one.child should have a foreign key constraint',
    ''
);
SELECT * FROM check_test(
    has_fk('one', 'bare'::name),
    false,
    'has_fk(one, bare::name)',
    'Table one.bare should have a foreign key constraint',
    ''
);
SELECT * FROM check_test(
    hasnt_fk('one', 'child'::name),
    false,
    'hasnt_fk(one, child::name)',
    'Table one.child should not have a foreign key constraint',
    ''
);
SELECT * FROM check_test(
    hasnt_fk('one', 'bare'::name),
    true,
    'hasnt_fk(one, bare::name)',
    'Table one.bare should not have a foreign key constraint',
    ''
);
SELECT * FROM check_test(
    has_unique('one', 'child'::name),
    true,
    'has_unique(one, child::name)',
    'Table one.child should have a unique constraint',
    ''
);
SELECT * FROM check_test(
    has_unique('one', 'bare'::name),
    false,
    'has_unique(one, bare::name)',
    'Table one.bare should have a unique constraint',
    ''
);
SELECT * FROM check_test(
    hasnt_unique('one', 'child'::name),
    false,
    'hasnt_unique(one, child::name)',
    'Table one.child should not have a unique constraint',
    ''
);
SELECT * FROM check_test(
    hasnt_unique('one', 'bare'::name),
    true,
    'hasnt_unique(one, bare::name)',
    'Table one.bare should not have a unique constraint',
    ''
);
SELECT * FROM check_test(
    has_check('one', 'child'::name),
    true,
    'has_check(one, child::name)',
    'Table one.child should have a check constraint',
    ''
);
SELECT * FROM check_test(
    has_check('one', 'bare'::name),
    false,
    'has_check(one, bare::name)',
    'Table one.bare should have a check constraint',
    ''
);
SELECT * FROM check_test(
    hasnt_check('one', 'child'::name),
    false,
    'hasnt_check(one, child::name)',
    'Table one.child should not have a check constraint',
    ''
);
SELECT * FROM check_test(
    hasnt_check('one', 'bare'::name),
    true,
    'hasnt_check(one, bare::name)',
    'Table one.bare should not have a check constraint',
    ''
);
SELECT * FROM check_test(
    hasnt_unique('t'), true, 'hasnt_unique(t)', 'Table t should not have a unique constraint', ''
);
SELECT * FROM check_test(hasnt_unique('t', 'whatever'), true, 'hasnt_unique(t, desc)', 'whatever', '');
SELECT * FROM check_test(
    hasnt_unique('one', 'child', 'whatever'), false, 'hasnt_unique(one, child, desc)', 'whatever', ''
);
SELECT * FROM check_test(
    hasnt_check('t'), true, 'hasnt_check(t)', 'Table t should not have a check constraint', ''
);
SELECT * FROM check_test(hasnt_check('t', 'whatever'), true, 'hasnt_check(t, desc)', 'whatever', '');
SELECT * FROM check_test(
    hasnt_check('one', 'child', 'whatever'), false, 'hasnt_check(one, child, desc)', 'whatever', ''
);
SELECT throws_ok(
    'SELECT plan(count(*)) FROM t', 'You tried to plan twice!', 'plan() takes a bigint'
);

SELECT * FROM finish();
ROLLBACK;
