-- findfuncs(), do_tap() and runtests(). runtests() plans for itself, so it runs first; what it
-- printed is looked at afterwards, without what differs between versions (core_xunit_13.sql).
BEGIN;
CREATE SCHEMA suite;
CREATE TABLE suite.seen (what text);
CREATE FUNCTION suite.startup_a() RETURNS SETOF text LANGUAGE sql AS $$ SELECT pass('startup') $$;
CREATE FUNCTION suite.setup_a() RETURNS SETOF text LANGUAGE sql AS $$ SELECT diag('setup') $$;
CREATE FUNCTION suite.teardown_a() RETURNS SETOF text LANGUAGE sql AS $$ SELECT diag('teardown') $$;
CREATE FUNCTION suite.shutdown_a() RETURNS SETOF text LANGUAGE sql AS $$ SELECT diag('shutdown') $$;
CREATE FUNCTION suite.test_1() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO suite.seen VALUES ('one');
    RETURN NEXT pass('a');
    RETURN NEXT is(1, 2, 'b');
END $$;
CREATE FUNCTION suite."test 2"() RETURNS SETOF text LANGUAGE sql AS $$
SELECT is(count(*)::integer, 0, 'rolled back') FROM suite.seen;
$$;
CREATE FUNCTION suite.test_3() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT pass('lost');
    RAISE EXCEPTION E'dead\nindeed' USING
        DETAIL = 'detail', HINT = 'hint', SCHEMA = 's', TABLE = 't', COLUMN = 'c',
        CONSTRAINT = 'co', DATATYPE = 'ty';
END $$;
CREATE FUNCTION suite.test_4() RETURNS SETOF text LANGUAGE sql AS $$ SELECT diag('no test') $$;
CREATE FUNCTION suite.alike(lines text) RETURNS text LANGUAGE sql AS $$
SELECT regexp_replace(replace(lines, '1 tests of', '1 test of'), '^ +# Subtest', '# Subtest', 'gn')
$$;
CREATE TEMPORARY TABLE lines AS SELECT line FROM runtests('suite'::name) AS line;
CREATE SCHEMA expected;
CREATE FUNCTION expected.startup() RETURNS SETOF boolean LANGUAGE sql AS $$
SELECT * FROM todo('why', 9);
$$;
CREATE FUNCTION expected.test() RETURNS SETOF text LANGUAGE sql AS $$ SELECT diag('none') $$;
CREATE TEMPORARY TABLE todos AS SELECT line FROM runtests('expected'::name) AS line;
CREATE TEMPORARY TABLE empty AS SELECT line FROM runtests('suite'::name, '^none') AS line;
CREATE TEMPORARY TABLE nowhere AS SELECT line FROM runtests('nowhere'::name) AS line;

SELECT plan(15);
SELECT is(
    (SELECT suite.alike(string_agg(regexp_replace(line, '\s+CONTEXT:.*', ''), E'\n')) FROM lines),
    E'ok 1 - startup
# Subtest: suite."test 2"()
    # setup
    ok 1 - rolled back
    # teardown
    1..1
ok 2 - suite."test 2"
# Subtest: suite.test_1()
    # setup
    ok 1 - a
    not ok 2 - b
    # Failed test 2: "b"
    #         have: 1
    #         want: 2
    # teardown
    1..2
    # Looks like you failed 1 test of 2
not ok 3 - suite.test_1
# Failed test 3: "suite.test_1"
# Subtest: suite.test_3()
    # setup
    # Test died: P0001: dead
    # indeed
    #         DETAIL:     detail
    #         HINT:       hint
    #         SCHEMA:     s
    #         TABLE:      t
    #         COLUMN:     c
    #         CONSTRAINT: co
    #         TYPE:       ty
    #
not ok 4 - suite.test_3
# Failed test 4: "suite.test_3"
# Subtest: suite.test_4()
    # setup
    # no test
    # teardown
    1..0
    # No tests run!
not ok 5 - suite.test_4
# Failed test 5: "suite.test_4"
# shutdown
1..5
# Looks like you failed 3 tests of 5',
    'runtests()'
);
SELECT is(
    (SELECT string_agg(line, E'\n') FROM empty),
    E'ok 1 - startup\n# shutdown\n1..1',
    'runtests() without any test'
);
SELECT is(
    (SELECT suite.alike(string_agg(line, E'\n')) FROM todos),
    E'# Subtest: expected.test()
    # none
    1..0
    # No tests run!
not ok 1 - expected.test # TODO why
# Failed (TODO) test 1: "expected.test"
1..1
# Looks like you failed 1 test of 1',
    'a subtest that fails in a TODO counts as failed'
);
SELECT is((SELECT string_agg(line, E'\n') FROM nowhere), '1..0', 'runtests() of no schema');
SELECT is((SELECT count(*)::integer FROM suite.seen), 0, 'nothing is left of the tests');
SELECT throws_ok(
    $$SELECT * FROM runtests('suite'::name)$$,
    'P0001', 'You tried to plan twice!', 'runtests() after plan()'
);

SELECT is(
    findfuncs('suite'::name, '^test'),
    ARRAY['suite."test 2"', 'suite.test_1', 'suite.test_3', 'suite.test_4'],
    'findfuncs() of a schema'
);
SELECT is(
    findfuncs('suite'::name, '^test', '[13 ]'), ARRAY['suite.test_4'], 'findfuncs() but for some'
);
SELECT is(findfuncs('nowhere'::name, ''), '{}', 'findfuncs() of no schema');
SELECT is(findfuncs('^test_[0-9]$'::text), '{}', 'findfuncs() of the search path');
SET LOCAL client_min_messages = warning;
SELECT is(
    (SELECT string_agg(line, E'\n') FROM do_tap('suite'::name, '_4') AS line),
    '# no test',
    'do_tap()'
);
SET LOCAL client_min_messages = notice;
SELECT is(
    (SELECT string_agg(line, E'\n') FROM do_tap('suite'::name, '_4') AS line),
    E'# suite.test_4()\n# no test',
    'do_tap() names the functions'
);
SELECT set_config('search_path', 'suite, ' || current_setting('search_path'), true) <> '' AS on_path
\gset
SELECT is(
    findfuncs('^test_[0-9]$', '1'),
    ARRAY['suite.test_3', 'suite.test_4'],
    'findfuncs() of the search path but for some'
);
SELECT is(
    (SELECT string_agg(line, E'\n') FROM do_tap('_4$') AS line),
    E'# suite.test_4()\n# no test',
    'do_tap() of the search path'
);
SELECT is(num_failed(), 0, 'none of this failed');
SELECT * FROM finish();
ROLLBACK;
