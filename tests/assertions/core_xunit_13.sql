-- What runtests() prints since pgTAP 1.3: a subtest is announced where its result will be, and one
-- test is no "tests".
BEGIN;
CREATE SCHEMA suite;
CREATE FUNCTION suite.test_1() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT pass('a');
    RETURN NEXT fail('b');
END $$;
CREATE FUNCTION suite.test_2() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT fail('a');
    RETURN NEXT fail('b');
END $$;
CREATE FUNCTION suite.test_3() RETURNS SETOF text LANGUAGE sql AS $$ SELECT pass('a') $$;
CREATE TEMPORARY TABLE lines AS SELECT line FROM runtests('suite'::name) AS line;

SELECT plan(1);
SELECT is(
    (SELECT string_agg(line, E'\n') FROM lines),
    '# Subtest: suite.test_1()
    ok 1 - a
    not ok 2 - b
    # Failed test 2: "b"
    1..2
    # Looks like you failed 1 test of 2
not ok 1 - suite.test_1
# Failed test 1: "suite.test_1"
# Subtest: suite.test_2()
    not ok 1 - a
    # Failed test 1: "a"
    not ok 2 - b
    # Failed test 2: "b"
    1..2
    # Looks like you failed 2 tests of 2
not ok 2 - suite.test_2
# Failed test 2: "suite.test_2"
# Subtest: suite.test_3()
    ok 1 - a
    1..1
ok 3 - suite.test_3
1..3
# Looks like you failed 2 tests of 3',
    'runtests()'
);
SELECT * FROM finish();
ROLLBACK;
