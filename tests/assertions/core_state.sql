-- Plan, count and end of a script, and what a rollback takes back. What each part prints is kept
-- in variables; the last part tests it.
BEGIN;
SELECT plan(4) AS plan \gset
SELECT ok(false, 'kept') AS kept \gset
SAVEPOINT before;
SELECT ok(false, 'undone') AS undone, num_failed() AS failed_within \gset
ROLLBACK TO before;
SELECT num_failed() AS failed_after \gset
SELECT string_agg(f, E'\n') AS finished_after FROM finish() AS f \gset
SELECT ok(true, 'next') AS next, ok(true) AS short \gset
SELECT string_agg(f, E'\n') AS finished FROM finish() AS f \gset
ROLLBACK;

BEGIN;
SELECT count(*) AS no_plan FROM no_plan() \gset
SELECT ok(true) AS one, ok(false) AS two, ok(false) AS three \gset
SELECT string_agg(f, E'\n') AS finished_unplanned FROM finish() AS f \gset
ROLLBACK;

BEGIN;
SELECT plan(1) AS plan_one \gset
SELECT ok(true) AS one, ok(true) AS two \gset
SELECT string_agg(f, E'\n') AS finished_long FROM finish() AS f \gset
ROLLBACK;

-- Results added by hand, and check_test() of what is not as it should be.
BEGIN;
SELECT plan(8) AS plan_checked \gset
SELECT add_result(true, true, 'd', '', '') AS added \gset
SELECT add_result(false, false, '', '', '') AS more \gset
SELECT string_agg(c, E'\n') AS checked
FROM check_test(is(1, 2, 'x'), true, 'name', 'y', E'        have: 1\n        want: 3') AS c \gset
SELECT string_agg(c, E'\n') AS unwanted
FROM check_test(ok(true, 'x') || E'\n# more', true, 'name', 'x', '') AS c \gset
SELECT string_agg(f, E'\n') AS finished_checked FROM finish() AS f \gset
ROLLBACK;

-- Roles without any rights, and a RESET in between.
BEGIN;
CREATE ROLE core_nobody;
CREATE ROLE core_noone;
SET LOCAL ROLE core_nobody;
SELECT plan(3) AS plan_nobody \gset
SELECT ok(true) AS one, ok(false) AS two \gset
RESET ROLE;
SET LOCAL ROLE core_noone;
RESET ALL;
SELECT ok(false) AS after_reset \gset
RESET ALL;
SELECT num_failed() AS failed_reset \gset
SELECT string_agg(f, E'\n') AS finished_reset FROM finish() AS f \gset
ROLLBACK;

-- A script in several transactions.
SELECT plan(3) AS plan_committed \gset
SELECT ok(false) AS one \gset
BEGIN;
SELECT ok(false) AS two \gset
ROLLBACK;
SELECT ok(true) AS three \gset
SELECT string_agg(f, E'\n') AS finished_committed FROM finish() AS f \gset
DISCARD TEMP;

BEGIN;
SELECT plan(24);
SELECT is(:'plan'::text, '1..4', 'plan() prints the plan');
SELECT is(:'kept'::text, E'not ok 1 - kept\n# Failed test 1: "kept"', 'the first test');
SELECT is(
    :'undone'::text,
    E'not ok 2 - undone\n# Failed test 2: "undone"',
    'a test that is undone'
);
SELECT is(:failed_within, 2, 'it counts until then');
SELECT is(:failed_after, 1, 'and not after');
SELECT is(
    :'finished_after'::text,
    '# Looks like you planned 4 tests but ran 1',
    'finish() counts what is left'
);
SELECT is(:'next'::text, 'ok 3 - next', 'a number is not given twice');
SELECT is(:'short'::text, 'ok 4', 'a test without a description');
SELECT is(:'finished'::text, '# Looks like you failed 1 test of 4', 'finish() with a failure');
SELECT is(:no_plan, 0, 'no_plan() prints nothing');
SELECT is(
    :'finished_unplanned'::text,
    E'1..3\n# Looks like you failed 2 tests of 3',
    'finish() without a plan'
);
SELECT is(
    :'finished_long'::text,
    '# Looks like you planned 1 test but ran 2',
    'finish() after too many tests'
);
SELECT is(:'plan_nobody'::text, '1..3', 'plan() for a role without rights');
SELECT is(:'after_reset'::text, E'not ok 3\n# Failed test 3', 'the numbers go on after RESET ALL');
SELECT is(:failed_reset, 2, 'so does the count of failures');
SELECT is(:'finished_reset'::text, '# Looks like you failed 2 tests of 3', 'and the plan');
SELECT is(ARRAY[:added, :more], ARRAY[1, 2], 'add_result() gives the numbers');
SELECT is(
    :'checked'::text,
    E'not ok 3 - name should pass\n'
    '# Failed test 3: "name should pass"\n'
    '#         have: false\n'
    '#         want: true\n'
    'not ok 4 - name should have the proper description\n'
    '# Failed test 4: "name should have the proper description"\n'
    '#         have: x\n'
    '#         want: y\n'
    'not ok 5 - name should have the proper diagnostics\n'
    '# Failed test 5: "name should have the proper diagnostics"\n'
    '#         have:         have: 1\n'
    '#         want: 2\n'
    '#         want:         have: 1\n'
    '#         want: 3',
    'check_test() of what is not as it should be'
);
SELECT is(
    :'unwanted'::text,
    E'ok 6 - name should pass\n'
    'ok 7 - name should have the proper description\n'
    'not ok 8 - name should have the proper diagnostics\n'
    '# Failed test 8: "name should have the proper diagnostics"\n'
    '#         have:  more\n'
    '#         want: ',
    'check_test() of diagnostics that should not be'
);
SELECT is(
    :'finished_checked'::text,
    '# Looks like you failed 5 tests of 8',
    'the test that is checked does not count'
);
SELECT is(
    :'finished_committed'::text,
    '# Looks like you failed 1 test of 3',
    'a script in several transactions'
);
SELECT throws_ok('SELECT plan(2)', 'P0001', 'You tried to plan twice!', 'plan() twice');
SELECT throws_ok('SELECT no_plan()', 'P0001', 'You tried to plan twice!', 'no_plan() after plan()');
SELECT is(num_failed(), 0, 'nothing of all that is left');
SELECT * FROM finish();
ROLLBACK;
