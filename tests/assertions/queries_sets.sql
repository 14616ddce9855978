-- The rows of queries, in whatever order.
BEGIN;
SELECT plan(113);

CREATE TABLE u (id int, name text);
INSERT INTO u VALUES (1, 'Anna'), (2, 'Bob'), (2, 'Bob'), (NULL, NULL);
PREPARE p AS SELECT * FROM u;
PREPARE once AS SELECT DISTINCT * FROM u;
PREPARE below(int) AS SELECT * FROM u WHERE id < $1;
PREPARE from_two AS SELECT * FROM u WHERE id > 1;

-- Each overload, passing and failing.
SELECT * FROM check_test(set_eq('p', 'once'), true, 'set_eq(query, query)', '', '');
SELECT * FROM check_test(set_eq('below(2)', 'from_two', 'd'), false, 'set_eq(query, query, description)', 'd', E'    Extra records:\n        (1,Anna)\n    Missing records:\n        (2,Bob)');
SELECT * FROM check_test(set_eq('SELECT id FROM u', ARRAY[NULL, 2, 1]), true, 'set_eq(query, array)', '', '');
SELECT * FROM check_test(set_eq('SELECT id FROM u', ARRAY[1, 2, 3, NULL], 'd'), false, 'set_eq(query, array, description)', 'd', E'    Missing records:\n        (3)');
SELECT * FROM check_test(set_ne('p', 'below(9)'), true, 'set_ne(query, query)', '', '');
SELECT * FROM check_test(set_ne('p', 'once', 'd'), false, 'set_ne(query, query, description)', 'd', '');
SELECT * FROM check_test(set_ne('SELECT id FROM u', ARRAY[1, 2]), true, 'set_ne(query, array)', '', '');
SELECT * FROM check_test(set_ne('SELECT id FROM u', ARRAY[2, 1, NULL], 'd'), false, 'set_ne(query, array, description)', 'd', '');
SELECT * FROM check_test(set_has('once', 'p'), true, 'set_has(query, query)', '', '');
SELECT * FROM check_test(set_has('below(9)', 'p', 'd'), false, 'set_has(query, query, description)', 'd', E'    Missing records:\n        (,)');
SELECT * FROM check_test(set_hasnt('below(2)', 'from_two'), true, 'set_hasnt(query, query)', '', '');
SELECT * FROM check_test(set_hasnt('p', 'from_two', 'd'), false, 'set_hasnt(query, query, description)', 'd', E'    Extra records:\n        (2,Bob)');
SELECT * FROM check_test(bag_eq('p', 'SELECT * FROM u ORDER BY id DESC'), true, 'bag_eq(query, query)', '', '');
SELECT * FROM check_test(bag_eq('p', 'once', 'd'), false, 'bag_eq(query, query, description)', 'd', E'    Extra records:\n        (2,Bob)');
SELECT * FROM check_test(bag_eq('SELECT id FROM u', ARRAY[2, 1, 2, NULL]), true, 'bag_eq(query, array)', '', '');
SELECT * FROM check_test(bag_eq('SELECT id FROM u', ARRAY[2, 1, 2, 2, 2, NULL], 'd'), false, 'bag_eq(query, array, description)', 'd', E'    Missing records:\n        (2)\n        (2)');
SELECT * FROM check_test(bag_ne('p', 'once'), true, 'bag_ne(query, query)', '', '');
SELECT * FROM check_test(bag_ne('p', 'TABLE u', 'd'), false, 'bag_ne(query, query, description)', 'd', '');
SELECT * FROM check_test(bag_ne('SELECT id FROM u', ARRAY[2, 1, NULL]), true, 'bag_ne(query, array)', '', '');
SELECT * FROM check_test(bag_ne('SELECT id FROM u', ARRAY[2, 2, 1, NULL], 'd'), false, 'bag_ne(query, array, description)', 'd', '');
SELECT * FROM check_test(bag_has('p', 'once'), true, 'bag_has(query, query)', '', '');
SELECT * FROM check_test(bag_has('once', 'p', 'd'), false, 'bag_has(query, query, description)', 'd', E'    Missing records:\n        (2,Bob)');
SELECT * FROM check_test(bag_hasnt('below(2)', 'from_two'), true, 'bag_hasnt(query, query)', '', '');
SELECT * FROM check_test(bag_hasnt('p', 'from_two', 'd'), false, 'bag_hasnt(query, query, description)', 'd', E'    Extra records:\n        (2,Bob)\n        (2,Bob)');

-- Columns.
SELECT * FROM check_test(set_eq('p', 'SELECT id FROM u'), false, 'fewer columns', '', E'    Columns differ between queries:\n        have: (integer,text)\n        want: (integer)');
SELECT * FROM check_test(set_ne('SELECT 1', ARRAY['x'], 'd'), false, 'other types', 'd', E'    Columns differ between queries:\n        have: (integer)\n        want: (text)');
SELECT * FROM check_test(bag_has('SELECT 1', 'SELECT ''x''::varchar(5)'), false, 'types with modifiers', '', E'    Columns differ between queries:\n        have: (integer)\n        want: (character varying(5))');
SELECT * FROM check_test(bag_hasnt('SELECT point(1, 2)', 'SELECT ARRAY[1]', 'd'), false, 'types without a common one', 'd', E'    Columns differ between queries:\n        have: (point)\n        want: (integer[])');
SELECT * FROM check_test(set_eq('SELECT 1', 'SELECT 1.0'), true, 'types that can be compared', '', '');
SELECT * FROM check_test(set_eq('SELECT 1 AS a', 'SELECT 1 AS b'), true, 'names do not matter', '', '');

-- Values.
SELECT * FROM check_test(set_eq('SELECT 1 WHERE false', '{}'::int[]), true, 'no rows', '', '');
SELECT * FROM check_test(set_eq('SELECT 1', NULL::int[]), false, 'no array', '', E'    Extra records:\n        (1)');
SELECT * FROM check_test(bag_eq('SELECT 1', ARRAY[[1, 2], [3, 4]]), false, 'an array of arrays', '', E'    Extra records:\n        (1)\n    Missing records:\n        ()\n        ()');
SELECT * FROM check_test(set_eq('SELECT u FROM u', (SELECT array_agg(u) FROM u)), true, 'composite values', '', '');
SELECT * FROM check_test(set_has('SELECT 1', 'SELECT 1 WHERE false'), true, 'every set has the empty one', '', '');
SELECT * FROM check_test(bag_eq('SELECT i, md5(i::text) FROM generate_series(1, 50000) i', 'SELECT i, md5(i::text) FROM generate_series(50001, 2, -1) i'), false, 'many rows', '', E'    Extra records:\n        (1,c4ca4238a0b923820dcc509a6f75849b)\n    Missing records:\n        (50001,' || md5('50001') || ')');
SELECT throws_ok('SELECT set_eq(''SELECT 1/0'', ''SELECT 1'')', 22012);
SELECT throws_ok('SELECT set_eq(''nonesuch'', ''p'')', 26000);
SELECT throws_ok('SELECT set_eq(''p'', NULL::text)', 22004);
SELECT throws_ok('SELECT set_eq(''SELECT json ''''1'''''', ''SELECT json ''''1'''''')', 42883);
SELECT is_empty('SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = ''r'' AND relname !~ ''^__t''', 'no table is left');

SELECT * FROM finish();
ROLLBACK;
