SELECT no_plan();

CREATE TABLE t (id int PRIMARY KEY, "N a" text NOT NULL CHECK ("N a" <> 'x'));
CREATE TABLE child (id int REFERENCES t, "R" int4range, EXCLUDE USING gist ("R" WITH &&));
CREATE DOMAIN dom AS int CHECK (value > 0);
CREATE FUNCTION div(int) RETURNS int LANGUAGE sql AS 'SELECT 1 / $1';
CREATE FUNCTION pl(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN
    RETURN 1 / $1; END';
CREATE FUNCTION inserting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no %', new USING HINT = 'go away'; END $$;
CREATE TABLE guarded (i int);
CREATE TRIGGER guard BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION inserting();
PREPARE foo AS SELECT 1;
PREPARE foo1(int) AS SELECT 1 / $1;
PREPARE "Foo" AS SELECT 1 / (random() * 0);
PREPARE "fo o" AS SELECT 3;
PREPARE "fo""o" AS SELECT 1 / 0;
PREPARE "été" AS SELECT 1;

SELECT query, lives_ok(query), lives_ok(query, 'd'), throws_ok(query), throws_ok(query, '22012'), throws_ok(query, 22012), throws_ok(query, 'division by zero'), throws_ok(query, '42601', 'x', 'd'), throws_like(query, '%by%'), throws_ilike(query, '%BY%', 'd'), throws_matching(query, 'd.v'), throws_imatching(query, 'D.V', 'd') FROM unnest(ARRAY[
    'foo', 'FOO', 'Foo', '"Foo"', '"fo o"', 'fo o', '"fo""o"', '"foo"', '"FOO"', 'été', '"été"', 'foo1', 'foo1(3)', 'foo1(0)', 'foo1( 3)', 'foo1(0) ', '"foo1" (0)', '"foo1"(0)',
    'EXECUTE foo', 'EXECUTE "fo o"', 'execute foo1(0)', '  EXECUTE foo1( 1 )', E'EXECUTE\tfoo', E'\nfoo', ' foo', 'foo ', E'foo\n', 'foo;', 'foo;;', '"foo";', 'nonesuch', '"nonesuch"', '"none', 'none"', '''none', '$$none', 'foo()', 'foo(1)',
    E'SELECT\n1', E'SELECT\t1/0', E'SELECT\r1', E'SELECT\f1', E'SELECT\u000B1', E'SELECT\u00851', E'SELECT\u00a01', E'SELECT\u20031', E'SELECT\u30001', E'SELECT\u001c1',
    'VALUES (1)', 'SELECT (1/0)', '(SELECT (1/0))', 'TABLE t', 't', 'commit', 'COMMIT ', 'ROLLBACK ;', 'SAVEPOINT a', 'BEGIN ', 'SELECT 1; SELECT 2', 'SELECT 1; SELECT 1/0', 'SELECT 1 INTO x', 'SELECT $1', '', ' ', E'\n', '-- foo', '/* foo */', ';', '; ', 'selectx', 'select x',
    'SELECT 1/0', 'SELECT div(0)', 'SELECT div(x) FROM generate_series(1, 0, -1) x', 'SELECT pl(0)', 'SELECT pl(1)', E'SELECT /*\n\n*/ 1/0', 'SELECT * FROM nonesuch', 'SELECT nonesuch FROM t', 'SELECT foo(1)', 'SELECT ''a''::int', 'SELECT ''a'' = 1', 'SELECT 0::dom', 'SELECT NULL::nonesuch', 'SELECT ''{1''::int[]', 'SELECT ''2001-02-31''::date', 'SELECT 99999 * 99999', 'SELECT lo_get(1)',
    'INSERT INTO t VALUES (1, NULL)', 'INSERT INTO t VALUES (1, ''x'')', 'INSERT INTO t VALUES (NULL)', 'INSERT INTO t VALUES (1, 2, 3)', 'INSERT INTO child VALUES (9)', 'INSERT INTO child VALUES (NULL, ''[1,3]''), (NULL, ''[2,4]'')', 'INSERT INTO guarded VALUES (7)', 'DELETE FROM t', 'DROP TABLE t', 'DROP TABLE nonesuch', 'CREATE TABLE t()', 'ALTER TABLE t ADD CHECK (id > 9)', 'SET nonesuch = 1', 'SET work_mem = ''a''', 'SHOW nonesuch', 'SET ROLE nonesuch', 'COPY t FROM stdin', 'VACUUM t', 'CREATE DATABASE x', 'LISTEN x', 'FETCH nonesuch', 'CLOSE ALL', 'DISCARD ALL', 'PREPARE foo AS SELECT 1', 'DEALLOCATE nonesuch', 'EXPLAIN SELECT 1/0', 'GRANT x TO y', 'CALL nonesuch()', 'DO $$BEGIN END$$', 'LOCK TABLE nonesuch'
]) AS query;
SELECT query, lives_ok(query), lives_ok(query, 'd'), throws_ok(query), throws_ok(query, '22012'), throws_ok(query, 'P0001'), throws_ok(query, 'a1'), throws_ok(query, 'P0001', 'x', 'd') FROM unnest(ARRAY[
    $$DO 'BEGIN RAISE EXCEPTION ''a%'', 1; END'$$,
    $$DO 'BEGIN RAISE EXCEPTION USING message = ''''; END'$$,
    $$DO 'BEGIN RAISE EXCEPTION ''''; END'$$,
    $$DO 'BEGIN RAISE division_by_zero; END'$$,
    $$DO 'BEGIN RAISE SQLSTATE ''ABCDE''; END'$$,
    $$DO 'BEGIN RAISE SQLSTATE ''abcde''; END'$$,
    $$DO 'BEGIN RAISE NOTICE ''n''; END'$$,
    $$DO 'BEGIN RAISE EXCEPTION ''a%'', 1 USING detail = ''dd'', hint = ''hh'', column = ''cc'', constraint = ''con'', datatype = ''dt'', table = ''tt'', schema = ''ss'', errcode = ''12345''; END'$$,
    $$DO 'BEGIN RAISE EXCEPTION E''a\nb\n\nc'' USING detail = E''dd\nd2'', hint = ''hh'', column = '''', constraint = '''', datatype = ''dt'', table = ''tt'', schema = ''''; END'$$,
    $$DO 'BEGIN RAISE EXCEPTION E''a\r\nb\rc'' USING detail = '' '', hint = E''\n'', table = ''T t'', schema = ''S''; END'$$,
    $$DO 'BEGIN ASSERT false; END'$$,
    $$DO 'BEGIN ASSERT false, ''hmm''; END'$$,
    $$DO 'DECLARE i int; BEGIN i := pl(0); EXCEPTION WHEN division_by_zero THEN RAISE EXCEPTION ''caught''; END'$$
]) AS query;
SELECT lives_ok($$DO 'BEGIN RAISE query_canceled; END'$$);
SELECT throws_ok($$DO 'BEGIN RAISE query_canceled; END'$$);
SELECT throws_like($$DO 'BEGIN RAISE query_canceled; END'$$, '%');

SELECT lives_ok(NULL), lives_ok(NULL, 'd'), lives_ok('SELECT 1', NULL), lives_ok('SELECT 1', ''), lives_ok('SELECT 1/0', NULL), lives_ok('SELECT 1/0', ''), lives_ok('SELECT 1/0', E'two\nlines'), lives_ok('SELECT 1', E'two\nlines # and \\ more');
SELECT throws_ok(q), throws_ok(q, 'x') FROM unnest(ARRAY[NULL, '', 'SELECT 1', 'SELECT 1/0']) AS q;
SELECT q, code, throws_ok(q, code), throws_ok(q, code::varchar), throws_ok(q, code, NULL::text), throws_ok(q, code, 'd') FROM unnest(ARRAY['SELECT 1', 'SELECT 1/0']) AS q, unnest(ARRAY['22012', '22013', '2201', '220133', ' 22012', '22012 ', 'abcde', 'ABCDE', 'ab   ', 'abcé', 'abcdé', 'ééé', '', ' ', 'division by zero', 'division by zerO', 'division by zero ', 'division%', E'a\nb', NULL]) AS code;
SELECT q, code, msg, d, throws_ok(q, code, msg, d), throws_ok(q, code::char(5), msg, d), throws_ok(q, code::char(9), msg, d), throws_ok(q, code, msg) FROM unnest(ARRAY['SELECT 1', 'SELECT 1/0']) AS q, unnest(ARRAY['22012', '22013', '2201', '22012 ', 'abcdef', '', NULL]) AS code, unnest(ARRAY['division by zero', 'division', '22012', '', E'a\nb', NULL]) AS msg, unnest(ARRAY['d', '', NULL]) AS d;
SELECT q, code, throws_ok(q, code), throws_ok(q, code, 'division by zero'), throws_ok(q, code, 'x'), throws_ok(q, code, NULL), throws_ok(q, code, ''), throws_ok(q, code, 'division by zero', 'd'), throws_ok(q, code, 'x', 'd'), throws_ok(q, code, NULL, 'd'), throws_ok(q, code, NULL, NULL), throws_ok(q, code, 'x', NULL), throws_ok(q, code, '', '') FROM unnest(ARRAY['SELECT 1', 'SELECT 1/0', NULL]) AS q, unnest(ARRAY[22012, 22013, 2201, 220133, 0, 1, -22012, -2201, 2147483647, NULL]) AS code;
SELECT throws_ok('SELECT 1/0', '22012'::character(7)), throws_ok('SELECT 1/0', '22012'::"char"), throws_ok('SELECT 1/0', '22012'::name), throws_ok('SELECT 1/0', 22012::smallint), throws_ok('SELECT 1/0', '22012', 'division by zero'::varchar), throws_ok('SELECT 1/0', '22012'::text, 'division by zero', 'd');
SELECT throws_ok('SELECT 1/0', 22012::bigint);
SELECT throws_ok('SELECT 1/0', 22012.0);

SELECT q, pattern, d, throws_like(q, pattern), throws_ilike(q, pattern), throws_like(q, pattern, d), throws_ilike(q, pattern, d), throws_matching(q, pattern), throws_imatching(q, pattern), throws_matching(q, pattern, d), throws_imatching(q, pattern, d) FROM unnest(ARRAY['SELECT 1', 'SELECT 1/0', 'nonesuch', NULL]) AS q, unnest(ARRAY['div%', 'Div%', 'DIV', '^D', '%', '', '_ivision by zero', 'ero$', 'it''s', 'a\b', 'a%\', E'two\nlines', NULL]) AS pattern, unnest(ARRAY['d', '', NULL]) AS d;
SELECT throws_like('SELECT 1/0', 'd%\');
SELECT throws_matching('SELECT 1', 'by (Z');
SELECT throws_matching('SELECT 1/0', 'by (Z');
SELECT throws_matching($$DO 'BEGIN RAISE EXCEPTION E''it''''s\na \\ b''; END'$$, E'it''s\na c', 'd');
SELECT throws_like($$DO 'BEGIN RAISE EXCEPTION E''it''''s\na \\ b''; END'$$, E'it''s\n%');

CREATE TABLE n (i int);
SELECT throws_ok('INSERT INTO n SELECT 1/i FROM generate_series(1, 0, -1) i');
SELECT * FROM n;
SELECT throws_ok('INSERT INTO n VALUES (1)', NULL, NULL, 'alive'), throws_like('INSERT INTO n VALUES (2)', 'alive'), lives_ok('INSERT INTO n VALUES (3)'), throws_matching('INSERT INTO n VALUES (4); SELECT 1/0', 'div'), lives_ok('INSERT INTO n VALUES (5); SELECT 1/0');
SELECT * FROM n;
SELECT lives_ok('SET LOCAL harness.x = 1'), throws_ok('SET LOCAL harness.x = 2; SELECT 1/0'), current_setting('harness.x');
SELECT lives_ok('SET CONSTRAINTS ALL DEFERRED'), lives_ok('CREATE TABLE made (i int)'), lives_ok('DROP TABLE made'), lives_ok('PREPARE new AS SELECT 1'), lives_ok('new'), lives_ok('DEALLOCATE new'), throws_ok('new', '26000');
SELECT throws_ok('SELECT ok(true)');
SELECT lives_ok('SELECT ok(true)');
SELECT lives_ok('SELECT ok(false)');
SELECT throws_ok('SELECT ok(1 / 0 = 1)');
SELECT throws_ok('SELECT lives_ok(''SELECT 1/0''), 1 / (random() * 0)');
SELECT ok(true);
CREATE FUNCTION nest() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT lives_ok('SELECT 1/0');
    RETURN NEXT lives_ok('SELECT * FROM lives_ok(''SELECT 1/0'', ''x'')');
    RETURN NEXT throws_ok('SELECT lives_ok(''SELECT 1/0'', ''x''), 1 / (random() * 0)');
    RETURN QUERY SELECT lives_ok('nonesuch');
    RETURN QUERY SELECT lives_ok('SELECT pl(0)');
END $$;
SELECT * FROM nest();
SELECT * FROM lives_ok('SELECT 1/0'), lives_ok('SELECT pl(0)', 'd');
WITH a AS (SELECT lives_ok('SELECT 1/0') AS b) SELECT b FROM a;
SELECT num_failed();

SET LOCAL ROLE pg_signal_backend;
SELECT throws_ok('SELECT * FROM t', 42501, 'permission denied for table t'), lives_ok('SELECT * FROM t'), throws_like('SELECT * FROM t', 'perm%'), lives_ok('SELECT 1'), lives_ok('foo'), throws_ok('INSERT INTO t VALUES (1)', '42501');
RESET ROLE;
SELECT * FROM finish();
