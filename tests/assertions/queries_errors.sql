-- Statements that fail or do not fail, and how long they take.
BEGIN;
SELECT plan(245);

CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO t VALUES (1, 'one');
CREATE DOMAIN positive AS int CHECK (value > 0);
PREPARE fine AS SELECT 1;
PREPARE "not fine" AS SELECT 1 / 0;
PREPARE by(int) AS SELECT 1 / $1;

-- throws_ok: each overload, then each combination of what is caught and what is wanted.
SELECT * FROM check_test(throws_ok('SELECT 1/0'), true, 'throws_ok(query)', 'threw an exception', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', '22012'), true, 'throws_ok(query, code)', 'threw 22012', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 'division by zero'), true, 'throws_ok(query, message)', 'threw division by zero', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', '22012', 'division by zero'), true, 'throws_ok(query, code, message)', 'threw 22012: division by zero', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 'division by zero', 'd'), true, 'throws_ok(query, message, description)', 'd', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', '22012', 'division by zero', 'd'), true, 'throws_ok(query, code, message, description)', 'd', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 22012), true, 'throws_ok(query, number)', 'threw 22012', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 22012, 'division by zero'), true, 'throws_ok(query, number, message)', 'threw 22012: division by zero', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 22012, 'division by zero', 'd'), true, 'throws_ok(query, number, message, description)', 'd', '');
SELECT * FROM check_test(throws_ok('SELECT 1'), false, 'no exception', 'threw an exception', E'      caught: no exception\n      wanted: an exception');
SELECT * FROM check_test(throws_ok('SELECT 1', '22012', 'division by zero', 'd'), false, 'no exception, code and message', 'd', E'      caught: no exception\n      wanted: 22012');
SELECT * FROM check_test(throws_ok('SELECT 1', 'division by zero', 'd'), false, 'no exception, message', 'd', E'      caught: no exception\n      wanted: an exception');
SELECT * FROM check_test(throws_ok('SELECT 1/0', '22013'), false, 'other code', 'threw 22013', E'      caught: 22012: division by zero\n      wanted: 22013');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 22013, NULL, 'd'), false, 'other number', 'd', E'      caught: 22012: division by zero\n      wanted: 22013');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 'by zero'), false, 'other message', 'threw by zero', E'      caught: 22012: division by zero\n      wanted: an exception: by zero');
SELECT * FROM check_test(throws_ok('SELECT 1/0', '22012', 'by zero'), false, 'code, other message', 'threw 22012: by zero', E'      caught: 22012: division by zero\n      wanted: 22012: by zero');
SELECT * FROM check_test(throws_ok('SELECT 1/0', '22013', 'division by zero'), false, 'other code, message', 'threw 22013: division by zero', E'      caught: 22012: division by zero\n      wanted: 22013: division by zero');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 1, 'x'), false, 'short number', 'threw 1: x', E'      caught: 22012: division by zero\n      wanted: 1: x');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 220123), true, 'long number', 'threw 22012', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 'abcé', 'x'), false, 'five bytes are a code', 'threw abcé: x', E'      caught: 22012: division by zero\n      wanted: abcé: x');
SELECT * FROM check_test(throws_ok('SELECT 1/0', 'abcdé', 'x'), false, 'five letters need not be one', 'x', E'      caught: 22012: division by zero\n      wanted: an exception: abcdé');
SELECT * FROM check_test(throws_ok('SELECT 1/0', '220', 'division by zero', 'd'), false, 'four arguments take any code', 'd', E'      caught: 22012: division by zero\n      wanted: 220: division by zero');
SELECT * FROM check_test(throws_ok('SELECT 1/0', NULL, 'd'), true, 'NULL code, description', 'd', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', NULL, 'division by zero', NULL), true, 'NULL code, message', 'threw division by zero', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', NULL::int), true, 'NULL number', 'threw an exception', '');
SELECT * FROM check_test(throws_ok('SELECT 1/0', '', NULL, NULL), false, 'empty code', 'threw ', E'      caught: 22012: division by zero\n      wanted: ');
SELECT * FROM check_test(throws_ok(NULL, '22004'), true, 'NULL query', 'threw 22004', '');
SELECT * FROM check_test(throws_ok($$DO 'BEGIN ASSERT false; END'$$, 'P0004', 'assertion failed'), true, 'failed ASSERT', 'threw P0004: assertion failed', '');

-- What is a query, and what the name of a prepared statement.
SELECT * FROM check_test(throws_ok('fine'), false, 'prepared statement', 'threw an exception', E'      caught: no exception\n      wanted: an exception');
SELECT * FROM check_test(throws_ok('FINE'), false, 'folded name', 'threw an exception', E'      caught: no exception\n      wanted: an exception');
SELECT * FROM check_test(throws_ok('"not fine"', 22012), true, 'quoted name', 'threw 22012', '');
SELECT * FROM check_test(throws_ok('not fine', 42601), true, 'white space is SQL', 'threw 42601', '');
SELECT * FROM check_test(throws_ok(' "not fine"', 42601), true, 'space before the quote is SQL', 'threw 42601', '');
SELECT * FROM check_test(throws_ok('by(0)', 22012), true, 'with an argument', 'threw 22012', '');
SELECT * FROM check_test(throws_ok('by( 0 )', 42601), true, 'white space in the arguments is SQL', 'threw 42601', '');
SELECT * FROM check_test(throws_ok('EXECUTE by( 0 )', 22012), true, 'EXECUTE', 'threw 22012', '');
SELECT * FROM check_test(throws_ok('nonesuch', '26000', 'prepared statement "nonesuch" does not exist', 'd'), true, 'no such name', 'd', '');
SELECT * FROM check_test(throws_ok(E'SELECT\n1/0', 22012), true, 'a line end is white space', 'threw 22012', '');

-- What a statement did stays if it succeeded, and only then.
SELECT * FROM check_test(throws_ok('INSERT INTO t VALUES (2, ''two'')'), false, 'insert', 'threw an exception');
SELECT * FROM check_test(throws_ok('INSERT INTO t VALUES (3, ''three''), (1, ''again'')'), true, 'half an insert', 'threw an exception');
SELECT * FROM check_test(lives_ok('INSERT INTO t VALUES (4, ''four'')'), true, 'another insert', '', '');
SELECT results_eq('SELECT id FROM t ORDER BY id', ARRAY[1, 2, 4], 'rows that stay');

-- throws_like and its kind.
SELECT * FROM check_test(throws_like('SELECT 1/0', 'div%'), true, 'throws_like(query, pattern)', 'Should throw exception like ''div%''', '');
SELECT * FROM check_test(throws_like('SELECT 1/0', 'div%', 'd'), true, 'throws_like(query, pattern, description)', 'd', '');
SELECT * FROM check_test(throws_like('SELECT 1/0', 'Div%'), false, 'throws_like, other case', 'Should throw exception like ''Div%''', E'   error message: ''division by zero''\n   doesn''t match: ''Div%''');
SELECT * FROM check_test(throws_like('SELECT 1/0', '^div'), false, 'throws_like, a regular expression', 'Should throw exception like ''^div''', E'   error message: ''division by zero''\n   doesn''t match: ''^div''');
SELECT * FROM check_test(throws_like('SELECT 1', 'div%', 'd'), false, 'throws_like, no exception', 'd', '    no exception thrown');
SELECT * FROM check_test(throws_like('SELECT 1/0', NULL, 'd'), false, 'throws_like, NULL', 'd', E'    (test result was NULL)\n   error message: ''division by zero''\n   doesn''t match: NULL');
SELECT * FROM check_test(throws_like('SELECT 1/0', 'it''s\', ''), false, 'throws_like, quotes', '', E'   error message: ''division by zero''\n   doesn''t match: E''it''''s\\\\''');
SELECT * FROM check_test(throws_ilike('SELECT 1/0', 'DIV%'), true, 'throws_ilike(query, pattern)', 'Should throw exception like ''DIV%''', '');
SELECT * FROM check_test(throws_ilike('SELECT 1/0', 'DIV%', 'd'), true, 'throws_ilike(query, pattern, description)', 'd', '');
SELECT * FROM check_test(throws_ilike('SELECT 1/0', 'DIV', 'd'), false, 'throws_ilike, part', 'd', E'   error message: ''division by zero''\n   doesn''t match: ''DIV''');
SELECT * FROM check_test(throws_ilike('SELECT 1', 'DIV%'), false, 'throws_ilike, no exception', 'Should throw exception like ''DIV%''', '    no exception thrown');
SELECT * FROM check_test(throws_matching('SELECT 1/0', '^div.*zero$'), true, 'throws_matching(query, regex)', 'Should throw exception matching ''^div.*zero$''', '');
SELECT * FROM check_test(throws_matching('SELECT 1/0', 'by', 'd'), true, 'throws_matching(query, regex, description)', 'd', '');
SELECT * FROM check_test(throws_matching('SELECT 1/0', 'BY', 'd'), false, 'throws_matching, other case', 'd', E'   error message: ''division by zero''\n   doesn''t match: ''BY''');
SELECT * FROM check_test(throws_matching('SELECT 1', 'by'), false, 'throws_matching, no exception', 'Should throw exception matching ''by''', '    no exception thrown');
SELECT * FROM check_test(throws_imatching('SELECT 1/0', 'BY'), true, 'throws_imatching(query, regex)', 'Should throw exception matching ''BY''', '');
SELECT * FROM check_test(throws_imatching('SELECT 1/0', '^DIV', 'd'), true, 'throws_imatching(query, regex, description)', 'd', '');
SELECT * FROM check_test(throws_imatching('SELECT 1/0', '^BY', 'd'), false, 'throws_imatching, elsewhere', 'd', E'   error message: ''division by zero''\n   doesn''t match: ''^BY''');
SELECT * FROM check_test(throws_imatching('SELECT 1', '^BY', 'd'), false, 'throws_imatching, no exception', 'd', '    no exception thrown');

-- lives_ok, and all it can say.
SELECT * FROM check_test(lives_ok('SELECT 1'), true, 'lives_ok(query)', '', '');
SELECT * FROM check_test(lives_ok('fine', 'd'), true, 'lives_ok(query, description)', 'd', '');
SELECT * FROM check_test(lives_ok('SELECT 1/0', 'd'), false, 'lives_ok, an error', 'd',
E'    died: 22012: division by zero
        CONTEXT:
            SQL statement "SELECT 1/0"
            PL/pgSQL function lives_ok(text,text) line 14 at EXECUTE');
SELECT * FROM check_test(lives_ok('"not fine"'), false, 'lives_ok, prepared', '',
E'    died: 22012: division by zero
        CONTEXT:
            SQL statement "EXECUTE "not fine""
            PL/pgSQL function lives_ok(text,text) line 14 at EXECUTE');
SELECT * FROM check_test(lives_ok('SELECT nonesuch()', 'd'), false, 'lives_ok, a hint', 'd',
E'    died: 42883: function nonesuch() does not exist
        HINT:       No function matches the given name and argument types. You might need to add explicit type casts.
        CONTEXT:
            PL/pgSQL function lives_ok(text,text) line 14 at EXECUTE');
SELECT * FROM check_test(lives_ok('INSERT INTO t VALUES (5)', 'd'), false, 'lives_ok, a column', 'd',
E'    died: 23502: null value in column "name" of relation "t" violates not-null constraint
        DETAIL:     Failing row contains (5, null).
        SCHEMA:     ' || current_schema || E'
        TABLE:      t
        COLUMN:     name
        CONTEXT:
            SQL statement "INSERT INTO t VALUES (5)"
            PL/pgSQL function lives_ok(text,text) line 14 at EXECUTE');
SELECT * FROM check_test(lives_ok('SELECT 0::positive', 'd'), false, 'lives_ok, a type', 'd',
E'    died: 23514: value for domain positive violates check constraint "positive_check"
        SCHEMA:     ' || current_schema || E'
        CONSTRAINT: positive_check
        TYPE:       positive
        CONTEXT:
            SQL statement "SELECT 0::positive"
            PL/pgSQL function lives_ok(text,text) line 14 at EXECUTE');
SELECT * FROM check_test(lives_ok($$DO 'BEGIN RAISE E''a\nb'' USING DETAIL = E''c\nd'', HINT = ''e''; END'$$, 'd'), false, 'lives_ok, lines', 'd',
E'    died: P0001: a
b
        DETAIL:     c
d
        HINT:       e
        CONTEXT:
            PL/pgSQL function inline_code_block line 1 at RAISE
            SQL statement "DO ''BEGIN RAISE E''''a\\nb'''' USING DETAIL = E''''c\\nd'''', HINT = ''''e''''; END''"
            PL/pgSQL function lives_ok(text,text) line 14 at EXECUTE');
SELECT * FROM check_test(lives_ok($$DO 'BEGIN ASSERT false; END'$$), false, 'lives_ok, a failed ASSERT', '');
SELECT * FROM check_test(lives_ok(NULL), false, 'lives_ok, NULL', '',
E'    died: 22004: query string argument of EXECUTE is null
        CONTEXT:
            PL/pgSQL function lives_ok(text,text) line 14 at EXECUTE');

-- performs_ok and performs_within.
SELECT * FROM check_test(performs_ok('SELECT 1', 5000), true, 'performs_ok(query, limit)', 'Should run in less than 5000 ms', '');
SELECT * FROM check_test(performs_ok('fine', 5000.50, 'd'), true, 'performs_ok(query, limit, description)', 'd', '');
SELECT * FROM check_test(performs_ok('SELECT pg_sleep(0.02)', 10.5), false, 'performs_ok, slow', 'Should run in less than 10.5 ms', E'^      runtime: \\d\\d+\\.\\d{3} ms\n      exceeds: 10.5 ms$', true);
SELECT * FROM check_test(performs_ok('SELECT 1', 0, 'd'), false, 'performs_ok, no time', 'd', E'^      runtime: \\d+\\.\\d{3} ms\n      exceeds: 0 ms$', true);
SELECT throws_ok('SELECT performs_ok(''SELECT 1/0'', 5000)', 22012);
SELECT * FROM check_test(performs_within('SELECT 1', 10, 5000), true, 'performs_within(query, average, within)', 'Should run within 10 +/- 5000 ms', '');
SELECT * FROM check_test(performs_within('SELECT 1', 10, 5000, 'd'), true, 'performs_within(query, average, within, description)', 'd', '');
SELECT * FROM check_test(performs_within('SELECT 1', 10, 5000, 3), true, 'performs_within(query, average, within, runs)', 'Should run within 10 +/- 5000 ms', '');
SELECT * FROM check_test(performs_within('fine', 10, 5000, 3, 'd'), true, 'performs_within(query, average, within, runs, description)', 'd', '');
SELECT * FROM check_test(performs_within('SELECT 1', 9000, 1.50, 3, 'd'), false, 'performs_within, too quick', 'd', E'^ average runtime: \\d+\\.\\d+ ms\n desired average: 9000 \\+/- 1.50 ms$', true);
SELECT * FROM check_test(performs_within('SELECT pg_sleep(0.02)', 0, 10, 2, 'd'), false, 'performs_within, too slow', 'd', E'^ average runtime: \\d\\d+\\.\\d+ ms\n desired average: 0 \\+/- 10 ms$', true);
CREATE SEQUENCE runs;
SELECT performs_within('SELECT nextval(''runs'')', 10, 5000);
SELECT is(currval('runs'), 10::bigint, 'ten runs unless told otherwise');
SELECT performs_within('SELECT nextval(''runs'')', 10, 5000, 7);
SELECT is(currval('runs'), 17::bigint, 'as many runs as told');
-- Of ten runs the quickest and the slowest do not count: one slow run is none, two are one.
ALTER SEQUENCE runs RESTART;
SELECT performs_within('SELECT pg_sleep(CASE nextval(''runs'') WHEN 5 THEN 0.3 ELSE 0 END)', 0, 20, 'a slow run of ten');
ALTER SEQUENCE runs RESTART;
SELECT performs_within('SELECT pg_sleep(CASE WHEN nextval(''runs'') < 3 THEN 0.3 ELSE 0 END)', 37.5, 20, 'two slow runs of ten');

SELECT * FROM finish();
ROLLBACK;
