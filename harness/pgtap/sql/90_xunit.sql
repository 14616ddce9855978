-- Tests in functions and xUnit runs.
--
-- runtests() runs each of them as xUnit does, in a subtransaction of its own between set-up and
-- tear-down.

/*# findfuncs([schema name,] pattern text[, exclude text]) -> text[]
Finds the functions of a schema, or of the search path, whose names match a pattern.
*/
$$
SELECT ARRAY(
    SELECT DISTINCT (quote_ident(n.nspname) || '.' || quote_ident(p.proname)) COLLATE "C" AS found
    FROM pg_catalog.pg_proc AS p
    INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid
    WHERE p.proname ~ :pattern
        AND (:exclude IS NULL OR p.proname !~ :exclude)
        AND CASE
            WHEN :schema IS NULL THEN pg_function_is_visible(p.oid)
            ELSE n.nspname = :schema
        END
    ORDER BY found
)
$$;

CREATE FUNCTION tap.diag_test_name(text) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.diag($1 || '()')
$fn$;
COMMENT ON FUNCTION tap.diag_test_name(text)
IS 'Gives the comment that names a test function; replace it to have another.';

CREATE FUNCTION tap._run(functions text[], announced boolean DEFAULT false) RETURNS SETOF text
LANGUAGE plpgsql AS $fn$
DECLARE
    function text;
    line text;
BEGIN
    FOREACH function IN ARRAY functions LOOP
        IF announced THEN
            RETURN NEXT tap.diag(function || '()');
        END IF;
        FOR line IN EXECUTE 'SELECT * FROM ' || function || '()' LOOP
            RETURN NEXT line;
        END LOOP;
    END LOOP;
END;
$fn$;

-- do_tap -------------------------------------------------------------------------------------

CREATE FUNCTION tap._do_tap(functions text[]) RETURNS SETOF text LANGUAGE sql AS $fn$
SELECT * FROM tap._run(
    functions, current_setting('client_min_messages') NOT IN ('warning', 'error', 'fatal', 'panic')
)
$fn$;

CREATE FUNCTION tap.do_tap(name, text) RETURNS SETOF text LANGUAGE sql AS $fn$
SELECT * FROM tap._do_tap(tap.findfuncs($1, $2))
$fn$;
COMMENT ON FUNCTION tap.do_tap(name, text)
IS 'Runs the test functions of a schema whose names match a pattern.';

CREATE FUNCTION tap.do_tap(name) RETURNS SETOF text LANGUAGE sql AS $fn$
SELECT * FROM tap._do_tap(tap.findfuncs($1, '^test'))
$fn$;
COMMENT ON FUNCTION tap.do_tap(name)
IS 'Runs the functions of a schema whose names begin with test.';

CREATE FUNCTION tap.do_tap(text) RETURNS SETOF text LANGUAGE sql AS $fn$
SELECT * FROM tap._do_tap(tap.findfuncs($1))
$fn$;
COMMENT ON FUNCTION tap.do_tap(text)
IS 'Runs the test functions of the search path whose names match a pattern.';

CREATE FUNCTION tap.do_tap() RETURNS SETOF text LANGUAGE sql AS $fn$
SELECT * FROM tap._do_tap(tap.findfuncs('^test'))
$fn$;
COMMENT ON FUNCTION tap.do_tap()
IS 'Runs the functions of the search path whose names begin with test.';

-- runtests -----------------------------------------------------------------------------------

CREATE FUNCTION tap.runtests(name, text) RETURNS SETOF text LANGUAGE sql AS $fn$
SELECT * FROM tap._run_suite(coalesce($1, ''), $2)
$fn$;
COMMENT ON FUNCTION tap.runtests(name, text)
IS 'Plans, runs the matching test functions of a schema as subtests, and finishes.';

CREATE FUNCTION tap.runtests(name) RETURNS SETOF text LANGUAGE sql AS $fn$
SELECT * FROM tap._run_suite(coalesce($1, ''), '^test')
$fn$;
COMMENT ON FUNCTION tap.runtests(name)
IS 'Plans, runs the test functions of a schema as subtests, and finishes.';

CREATE FUNCTION tap.runtests(text) RETURNS SETOF text LANGUAGE sql AS $fn$
SELECT * FROM tap._run_suite(NULL, $1)
$fn$;
COMMENT ON FUNCTION tap.runtests(text)
IS 'Plans, runs the matching test functions of the search path as subtests, and finishes.';

CREATE FUNCTION tap.runtests() RETURNS SETOF text LANGUAGE sql AS $fn$
SELECT * FROM tap._run_suite(NULL, '^test')
$fn$;
COMMENT ON FUNCTION tap.runtests()
IS 'Plans, runs the test functions of the search path as subtests, and finishes.';

-- Schema NULL is the search path, as in _findfuncs().
CREATE FUNCTION tap._run_suite(schema name, pattern text) RETURNS SETOF text
LANGUAGE plpgsql AS $fn$
DECLARE
    setup text[] := tap._findfuncs(schema, '^setup', NULL);
    teardown text[] := tap._findfuncs(schema, '^teardown', NULL);
    fixture text := '^(startup|shutdown|setup|teardown)';
    test text;
BEGIN
    PERFORM tap.no_plan();
    RETURN QUERY SELECT * FROM tap._run(tap._findfuncs(schema, '^startup', NULL));
    FOREACH test IN ARRAY tap._findfuncs(schema, pattern, fixture) LOOP
        RETURN QUERY SELECT * FROM tap._run_subtest(test, setup, teardown);
    END LOOP;
    RETURN QUERY SELECT * FROM tap._run(tap._findfuncs(schema, '^shutdown', NULL));
    IF current_setting('harness.ran') = '0' THEN
        RETURN NEXT '1..0';
    ELSE
        RETURN QUERY SELECT * FROM tap.finish();
    END IF;
    -- The next runtests() of this session plans anew.
    DROP SEQUENCE pg_temp.__tresults___numb_seq, pg_temp.__tap_failed__;
    PERFORM set_config('harness.todo', '', false);
END;
$fn$;

-- What the test did, failures and TODOs included, is undone with its subtransaction; only the
-- lines stay, and the verdict. Sequences do not roll back, so both are put back.
CREATE FUNCTION tap._run_subtest(test text, setup text[], teardown text[]) RETURNS SETOF text
LANGUAGE plpgsql AS $fn$
DECLARE
    failed_before integer := tap.num_failed();
    number bigint := tap._restart_numbers(1);
    ever_failed bigint := (SELECT last_value FROM pg_temp.__tap_failed__);
    passed boolean := false;
    message text;
    detail text;
    hint text;
    of_schema text;
    of_table text;
    of_column text;
    of_constraint text;
    of_type text;
    context text;
BEGIN
    RETURN NEXT tap.diag_test_name('Subtest: ' || test);
    BEGIN
        PERFORM set_config('harness.ran', '0', false), tap._count_failures(-failed_before);
        RETURN QUERY SELECT tap._indented(line) FROM tap._run(setup) AS line;
        RETURN QUERY SELECT tap._indented(line) FROM tap._run(ARRAY[test]) AS line;
        RETURN QUERY SELECT tap._indented(line) FROM tap._run(teardown) AS line;
        RETURN QUERY SELECT tap._indented(line) FROM tap._finish_subtest() AS line;
        passed := tap.num_failed() = 0 AND current_setting('harness.ran') <> '0';
        RAISE SQLSTATE 'TAPRB';
    EXCEPTION
        WHEN SQLSTATE 'TAPRB' THEN
            NULL;
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS
                message := MESSAGE_TEXT,
                detail := PG_EXCEPTION_DETAIL,
                hint := PG_EXCEPTION_HINT,
                of_schema := SCHEMA_NAME,
                of_table := TABLE_NAME,
                of_column := COLUMN_NAME,
                of_constraint := CONSTRAINT_NAME,
                of_type := PG_DATATYPE_NAME,
                context := PG_EXCEPTION_CONTEXT;
            RETURN NEXT tap._indented(tap.diag(concat_ws(
                E'\n        ',
                'Test died: ' || SQLSTATE || ': ' || message,
                'DETAIL:     ' || nullif(detail, ''),
                'HINT:       ' || nullif(hint, ''),
                'SCHEMA:     ' || nullif(of_schema, ''),
                'TABLE:      ' || nullif(of_table, ''),
                'COLUMN:     ' || nullif(of_column, ''),
                'CONSTRAINT: ' || nullif(of_constraint, ''),
                'TYPE:       ' || nullif(of_type, ''),
                E'CONTEXT:\n            ' || replace(context, E'\n', E'\n            ')
            )));
    END;
    PERFORM tap._restart_numbers(number), setval('pg_temp.__tap_failed__', ever_failed);
    RETURN NEXT tap.ok(passed, test);
    -- A failed subtest is a failure even where it was expected.
    IF NOT passed THEN
        PERFORM tap._count_failures(failed_before + 1 - tap.num_failed());
    END IF;
END;
$fn$;

CREATE FUNCTION tap._finish_subtest() RETURNS SETOF text LANGUAGE plpgsql AS $fn$
DECLARE
    ran text := current_setting('harness.ran');
BEGIN
    RETURN NEXT '1..' || ran;
    IF ran = '0' THEN
        RETURN NEXT '# No tests run!';
    ELSIF tap.num_failed() > 0 THEN
        RETURN NEXT '# Looks like you failed ' || tap._tests(tap.num_failed()) || ' of ' || ran;
    END IF;
END;
$fn$;

-- Makes a number the next one, and gives the one that would have been.
CREATE FUNCTION tap._restart_numbers(bigint) RETURNS bigint LANGUAGE plpgsql AS $fn$
DECLARE
    upcoming bigint := (SELECT last_value + is_called::integer FROM pg_temp.__tresults___numb_seq);
BEGIN
    PERFORM setval('pg_temp.__tresults___numb_seq', $1, false);
    RETURN upcoming;
END;
$fn$;

CREATE FUNCTION tap._indented(text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT '    ' || replace($1, E'\n', E'\n    ')
$fn$;
