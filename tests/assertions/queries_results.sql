-- The rows of queries, in their order.
BEGIN;
SELECT plan(176);

CREATE TABLE u (id int, name text);
INSERT INTO u VALUES (1, 'Anna'), (2, 'Bob'), (3, NULL), (NULL, NULL);
CREATE TYPE pair AS (a int, b text);
PREPARE p AS SELECT * FROM u;
PREPARE "p p" AS SELECT * FROM u;
PREPARE below(int) AS SELECT * FROM u WHERE id < $1;
DECLARE all_rows SCROLL CURSOR FOR SELECT * FROM u;
DECLARE again SCROLL CURSOR FOR SELECT * FROM u;
DECLARE ids SCROLL CURSOR FOR SELECT id FROM u;

-- results_eq: each overload.
SELECT * FROM check_test(results_eq('p', 'TABLE u'), true, 'results_eq(query, query)', '', '');
SELECT * FROM check_test(results_eq('"p p"', 'EXECUTE below( 9 )', 'd'), false, 'results_eq(query, query, description)', 'd', E'    Results differ beginning at row 4:\n        have: (,)\n        want: NULL');
SELECT * FROM check_test(results_eq('SELECT id FROM u', ARRAY[1, 2, 3, NULL]), true, 'results_eq(query, array)', '', '');
SELECT * FROM check_test(results_eq('SELECT id FROM u', ARRAY[1, 2, 4], 'd'), false, 'results_eq(query, array, description)', 'd', E'    Results differ beginning at row 3:\n        have: (3)\n        want: (4)');
SELECT * FROM check_test(results_eq('p', 'all_rows'::refcursor), true, 'results_eq(query, cursor)', '', '');
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_eq('below(3)', 'all_rows'::refcursor, 'd'), false, 'results_eq(query, cursor, description)', 'd', E'    Results differ beginning at row 3:\n        have: NULL\n        want: (3,)');
SELECT is(array_agg(name ORDER BY name), ARRAY['again', 'all_rows', 'ids'], 'only the given cursors stay open') FROM pg_cursors WHERE name <> '';
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_eq('all_rows'::refcursor, 'p'), true, 'results_eq(cursor, query)', '', '');
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_eq('all_rows'::refcursor, 'SELECT 1, ''Ann''', 'd'), false, 'results_eq(cursor, query, description)', 'd', E'    Results differ beginning at row 1:\n        have: (1,Anna)\n        want: (1,Ann)');
SELECT * FROM check_test(results_eq('ids'::refcursor, ARRAY[1, 2, 3, NULL]), true, 'results_eq(cursor, array)', '', '');
MOVE BACKWARD ALL IN ids;
SELECT * FROM check_test(results_eq('ids'::refcursor, ARRAY[2], 'd'), false, 'results_eq(cursor, array, description)', 'd', E'    Results differ beginning at row 1:\n        have: (1)\n        want: (2)');
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_eq('all_rows'::refcursor, 'again'::refcursor), true, 'results_eq(cursor, cursor)', '', '');
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_eq('all_rows'::refcursor, 'again'::refcursor, 'd'), false, 'results_eq(cursor, cursor, description)', 'd', E'    Results differ beginning at row 1:\n        have: (1,Anna)\n        want: NULL');

-- What differs.
SELECT * FROM check_test(results_eq('SELECT 1 WHERE false', 'SELECT 1, 2 WHERE false'), true, 'no rows', '', '');
SELECT * FROM check_test(results_eq('SELECT NULL::int WHERE false', 'SELECT NULL::int'), false, 'no row is not a row of NULLs', '', E'    Results differ beginning at row 1:\n        have: NULL\n        want: ()');
SELECT * FROM check_test(results_eq('SELECT 1.0', 'SELECT 1.00'), true, 'equal values', '', '');
SELECT * FROM check_test(results_eq('p', 'SELECT * FROM u ORDER BY id DESC NULLS FIRST'), false, 'another order', '', E'    Results differ beginning at row 1:\n        have: (1,Anna)\n        want: (,)');
SELECT * FROM check_test(results_eq('p', 'SELECT id FROM u'), false, 'fewer columns', '', E'    Number of columns or their types differ between the queries:\n        have: (1,Anna)\n        want: (1)\n        ERROR: cannot compare record types with different numbers of columns');
SELECT * FROM check_test(results_eq('SELECT 1', 'SELECT ''x'''), false, 'other types', '', E'    Number of columns or their types differ between the queries:\n        have: (1)\n        want: (x)\n        ERROR: cannot compare dissimilar column types integer and text at record column 1');
SELECT * FROM check_test(results_eq('SELECT 1', 'SELECT 1::bigint'), false, 'other types that look the same', '', E'    Number of columns or their types differ between the queries\n        ERROR: cannot compare dissimilar column types integer and bigint at record column 1');
SELECT * FROM check_test(results_eq('SELECT 1', ARRAY['x'], 'd'), false, 'an array of another type', 'd', E'    Number of columns or their types differ between the queries:\n        have: (1)\n        want: (x)\n        ERROR: cannot compare dissimilar column types integer and text at record column 1');
SELECT * FROM check_test(results_eq('SELECT u FROM u', (SELECT array_agg(u) FROM u)), true, 'composite values', '', '');
SELECT * FROM check_test(results_eq('SELECT id FROM u WHERE false', '{}'::int[]), true, 'an empty array', '', '');
SELECT * FROM check_test(results_eq('SELECT id FROM u WHERE false', NULL::int[]), true, 'no array', '', '');
SELECT * FROM check_test(results_eq('SELECT * FROM generate_series(5, 7)', '[2:4]={5,6,7}'::int[]), true, 'subscripts from 2', '', '');
SELECT * FROM check_test(results_eq('SELECT 1', ARRAY[[1, 2], [3, 4]]), false, 'an array of arrays', '', E'    Results differ beginning at row 1:\n        have: (1)\n        want: ()');
SELECT * FROM check_test(results_eq('INSERT INTO u VALUES (7, ''g'') RETURNING id', ARRAY[7]), true, 'RETURNING', '', '');
DELETE FROM u WHERE id = 7;
SELECT * FROM check_test(results_eq('SELECT i, i::text FROM generate_series(1, 50000) i', 'SELECT i, CASE i WHEN 49999 THEN ''x'' ELSE i::text END FROM generate_series(1, 50000) i'), false, 'many rows', '', E'    Results differ beginning at row 49999:\n        have: (49999,49999)\n        want: (49999,x)');
SELECT throws_ok('SELECT results_eq(''SELECT 1/0'', ''SELECT 1'')', 22012);
SELECT throws_ok('SELECT results_eq(''SELECT json ''''1'''''', ''SELECT json ''''1'''''')', 42883);
SELECT throws_ok('SELECT results_eq(''nonesuch'', ''p'')', '42P11');
SELECT throws_ok('SELECT results_eq(''nonesuch''::refcursor, ''p'')', 34000);

-- results_ne: each overload.
SELECT * FROM check_test(results_ne('p', 'below(3)'), true, 'results_ne(query, query)', '', '');
SELECT * FROM check_test(results_ne('p', '"p p"', 'd'), false, 'results_ne(query, query, description)', 'd', '');
SELECT * FROM check_test(results_ne('SELECT id FROM u', ARRAY[1, 3]), true, 'results_ne(query, array)', '', '');
SELECT * FROM check_test(results_ne('SELECT id FROM u', ARRAY[1, 2, 3, NULL], 'd'), false, 'results_ne(query, array, description)', 'd', '');
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_ne('below(3)', 'all_rows'::refcursor), true, 'results_ne(query, cursor)', '', '');
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_ne('p', 'all_rows'::refcursor, 'd'), false, 'results_ne(query, cursor, description)', 'd', '');
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_ne('all_rows'::refcursor, 'below(3)'), true, 'results_ne(cursor, query)', '', '');
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_ne('all_rows'::refcursor, 'p', 'd'), false, 'results_ne(cursor, query, description)', 'd', '');
MOVE BACKWARD ALL IN ids;
SELECT * FROM check_test(results_ne('ids'::refcursor, ARRAY[2]), true, 'results_ne(cursor, array)', '', '');
MOVE BACKWARD ALL IN ids;
SELECT * FROM check_test(results_ne('ids'::refcursor, ARRAY[1, 2, 3, NULL], 'd'), false, 'results_ne(cursor, array, description)', 'd', '');
MOVE BACKWARD ALL IN all_rows;
SELECT * FROM check_test(results_ne('all_rows'::refcursor, 'again'::refcursor), true, 'results_ne(cursor, cursor)', '', '');
MOVE BACKWARD ALL IN all_rows;
MOVE BACKWARD ALL IN again;
SELECT * FROM check_test(results_ne('all_rows'::refcursor, 'again'::refcursor, 'd'), false, 'results_ne(cursor, cursor, description)', 'd', '');
SELECT * FROM check_test(results_ne('SELECT 1', 'SELECT ''x''', 'd'), false, 'results_ne, other types', 'd', E'    Number of columns or their types differ between the queries:\n        have: (1)\n        want: (x)\n        ERROR: cannot compare dissimilar column types integer and text at record column 1');

-- is_empty and isnt_empty.
SELECT * FROM check_test(is_empty('below(1)'), true, 'is_empty(query)', '', '');
SELECT * FROM check_test(is_empty('below(1)', 'd'), true, 'is_empty(query, description)', 'd', '');
SELECT * FROM check_test(is_empty('p'), false, 'is_empty, four rows', '', E'    Unexpected records:\n        (1,Anna)\n        (2,Bob)\n        (3,)\n        (,)');
SELECT * FROM check_test(is_empty('SELECT NULL', 'd'), false, 'is_empty, a row of NULLs', 'd', E'    Unexpected records:\n        ()');
SELECT throws_ok('SELECT is_empty(''INSERT INTO u VALUES (1)'')', '42P11', 'cannot open INSERT query as cursor');
SELECT * FROM check_test(isnt_empty('p'), true, 'isnt_empty(query)', '', '');
SELECT * FROM check_test(isnt_empty('SELECT NULL', 'd'), true, 'isnt_empty(query, description)', 'd', '');
SELECT * FROM check_test(isnt_empty('below(1)'), false, 'isnt_empty, no rows', '', '');
SELECT * FROM check_test(isnt_empty('below(1)', 'd'), false, 'isnt_empty, no rows, described', 'd', '');

-- row_eq.
SELECT * FROM check_test(row_eq('p', ROW(1, 'Anna')::u), true, 'row_eq(query, row)', '', '');
SELECT * FROM check_test(row_eq('SELECT 1, ''Anna''', ROW(1, 'Anna')::pair, 'd'), true, 'row_eq(query, row, description)', 'd', '');
SELECT * FROM check_test(row_eq('SELECT 1, ''Anna''', ROW(1, 'Anna'::text)), true, 'row_eq, a bare row', '', '');
SELECT * FROM check_test(row_eq('p', ROW(2, 'Anna')::u), false, 'row_eq, another row', '', E'        have: (1,Anna)\n        want: (2,Anna)');
SELECT * FROM check_test(row_eq('below(1)', ROW(2, 'Anna')::u, 'd'), false, 'row_eq, no row', 'd', E'        have: NULL\n        want: (2,Anna)');
SELECT * FROM check_test(row_eq('below(1)', ROW(NULL, NULL)::u), true, 'row_eq, no row and a row of NULLs', '', '');
SELECT * FROM check_test(row_eq('p', NULL::u), false, 'row_eq, NULL', '', E'        have: (1,Anna)\n        want: NULL');
SELECT * FROM check_test(row_eq('SELECT NULL::int, NULL::text', NULL::u), false, 'row_eq, a row of NULLs and NULL', '', E'        have: NULL\n        want: NULL');
SELECT throws_ok('SELECT row_eq(''SELECT 1'', ROW(''x''::text))', 42804, 'cannot compare dissimilar column types integer and text at record column 1');
SELECT throws_ok('SELECT row_eq(''SELECT 1'', 1)', 42883, 'operator does not exist: record = integer');

SELECT * FROM finish();
ROLLBACK;
