-- Plan, ok() and diagnostics.
--
-- The state of a test script has to be as cheap for the hundred thousandth test as for the
-- first, and has to know what a rollback undid. So it lives in two places, both temporary:
--   * sequences, which do not roll back. __tresults___numb_seq counts tests: a number that was
--     printed is never given again; it has pgTAP's name, since suites set it. __tap_failed__ counts
--     failed ones, undone or not, and begins at the number of tests that are planned. It is there
--     as long as there is a plan;
--   * the settings harness.ran (number of the last test), harness.failed (failed ones so far),
--     harness.failure (the last of those) and harness.todo (tests that are expected to fail, as
--     JSON). They change with every test and roll back with it.
-- PUBLIC may use them all, because scripts change roles between plan() and finish(). The
-- runner reads both sequences: what failed and was never printed is a failure (count.sql).

CREATE FUNCTION tap.plan(bigint) RETURNS text LANGUAGE plpgsql STRICT AS $fn$
BEGIN
    IF to_regclass('pg_temp.__tap_failed__') IS NOT NULL THEN
        RAISE EXCEPTION 'You tried to plan twice!';
    END IF;
    IF to_regclass('pg_temp.__tresults___numb_seq') IS NULL THEN
        CREATE TEMPORARY SEQUENCE __tresults___numb_seq;
        PERFORM set_config('harness.ran', '0', false), set_config('harness.failed', '0', false);
    END IF;
    EXECUTE 'CREATE TEMPORARY SEQUENCE __tap_failed__ MINVALUE -2147483648 START ' || $1;
    GRANT ALL ON pg_temp.__tresults___numb_seq, pg_temp.__tap_failed__ TO PUBLIC;
    PERFORM setval('pg_temp.__tap_failed__', 0), set_config('harness.todo', '[]', false);
    RETURN '1..' || $1;
END;
$fn$;
COMMENT ON FUNCTION tap.plan(bigint) IS 'Declares how many tests the script will run.';

CREATE FUNCTION tap.no_plan() RETURNS SETOF boolean LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM tap.plan(0);
END;
$fn$;
COMMENT ON FUNCTION tap.no_plan() IS 'Starts a script that does not know how many tests it has.';

-- Called wherever harness.todo is not what plan() made it. RESET ALL empties the settings;
-- what it does not reach is enough to go on.
CREATE FUNCTION tap._require_plan() RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
    IF to_regclass('pg_temp.__tap_failed__') IS NULL THEN
        RAISE EXCEPTION 'You tried to run a test without a plan! Gotta have a plan';
    END IF;
    IF coalesce(current_setting('harness.todo', true), '') = '' THEN
        PERFORM set_config('harness.todo', '[]', false),
            set_config('harness.ran', (n.last_value - (NOT n.is_called)::integer)::text, false),
            set_config('harness.failed', f.last_value::text, false)
        FROM pg_temp.__tresults___numb_seq AS n, pg_temp.__tap_failed__ AS f;
    END IF;
END;
$fn$;

CREATE FUNCTION tap.ok(boolean, text) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    todo text := '';
    number text;
BEGIN
    IF current_setting('harness.todo', true) IS DISTINCT FROM '[]' THEN
        todo := tap._next_todo();
    END IF;
    number := set_config('harness.ran', nextval('pg_temp.__tresults___numb_seq')::text, false);
    IF $1 THEN
        RETURN 'ok ' || number || tap._described($2) || todo;
    END IF;
    IF todo = '' THEN
        PERFORM tap._count_failure(number, $2);
    END IF;
    RETURN tap._not_ok(number, nullif($2, ''), todo)
        || CASE WHEN $1 IS NULL THEN E'\n#     (test result was NULL)' ELSE '' END;
END;
$fn$;
COMMENT ON FUNCTION tap.ok(boolean, text) IS 'Tests that a condition is true.';

CREATE FUNCTION tap.ok(boolean) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.ok($1, NULL)
$fn$;
COMMENT ON FUNCTION tap.ok(boolean) IS 'Tests that a condition is true.';

CREATE FUNCTION tap._not_ok(number text, description text, todo text) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT 'not ok ' || number || tap._described(description) || todo
    || E'\n' || tap._failed_test(number, description, todo)
$fn$;

CREATE FUNCTION tap._failed_test(number text, description text, todo text) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT tap.diag(
    'Failed ' || CASE WHEN todo = '' THEN '' ELSE '(TODO) ' END || 'test ' || number
    || coalesce(': "' || description || '"', '')
)
$fn$;

-- A description as it follows a test's number. In its first line # is escaped, and so are the
-- backslashes in front of one: what a description says is never a directive.
CREATE FUNCTION tap._described(description text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE
    WHEN strpos(description, '#') > 0 THEN ' - '
        || regexp_replace(substring(description FROM '^[^\r\n]*'), '(\\*)#', '\1\1\\#', 'g')
        || tap._lines(substring(description FROM '^[^\r\n]*(.*)$'))
    ELSE coalesce(' - ' || tap._lines(nullif(description, '')), '')
END
$fn$;

-- An assertion's usual result: the test and, where it did not pass, why.
CREATE FUNCTION tap._ok(result boolean, description text, diagnostics text) RETURNS text
LANGUAGE plpgsql AS $fn$
BEGIN
    IF result THEN
        RETURN tap.ok(result, description);
    END IF;
    RETURN tap.ok(result, description) || E'\n' || tap.diag(diagnostics);
END;
$fn$;

CREATE FUNCTION tap.add_result(boolean, boolean, text, text, text) RETURNS integer
LANGUAGE plpgsql AS $fn$
DECLARE
    number text;
BEGIN
    PERFORM tap._require_plan();
    number := set_config('harness.ran', nextval('pg_temp.__tresults___numb_seq')::text, false);
    IF NOT $1 THEN
        PERFORM tap._count_failure(number, $3);
    END IF;
    RETURN number;
END;
$fn$;
COMMENT ON FUNCTION tap.add_result(boolean, boolean, text, text, text)
IS 'Counts a test whose line the caller prints, and gives its number.';

CREATE FUNCTION tap._count_failure(number text, description text) RETURNS void
LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM tap._count_failures(1), nextval('pg_temp.__tap_failed__'),
        set_config('harness.failure', concat_ws(' - ', number, nullif(description, '')), false);
END;
$fn$;

CREATE FUNCTION tap._count_failures(integer) RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM set_config('harness.failed', (tap.num_failed() + $1)::text, false);
END;
$fn$;

CREATE FUNCTION tap.num_failed() RETURNS integer LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM tap._require_plan();
    RETURN current_setting('harness.failed');
END;
$fn$;
COMMENT ON FUNCTION tap.num_failed() IS 'Gives the number of tests that have failed so far.';

CREATE FUNCTION tap.finish(exception_on_failure boolean DEFAULT NULL) RETURNS SETOF text
LANGUAGE plpgsql AS $fn$
DECLARE
    failed integer := tap.num_failed();
    planned bigint := (
        SELECT start_value FROM pg_sequence_parameters('pg_temp.__tap_failed__'::regclass)
    );
    ran integer := current_setting('harness.ran');
BEGIN
    IF ran = 0 THEN
        RAISE EXCEPTION '# No tests run!';
    END IF;
    IF planned = 0 THEN
        planned := ran;
        RETURN NEXT '1..' || ran;
    END IF;
    IF planned <> ran THEN
        RETURN NEXT '# Looks like you planned ' || tap._tests(planned) || ' but ran ' || ran;
    ELSIF failed > 0 AND exception_on_failure THEN
        RAISE EXCEPTION '% failed of %', tap._tests(failed), ran;
    ELSIF failed > 0 THEN
        RETURN NEXT '# Looks like you failed ' || tap._tests(failed) || ' of ' || ran;
    END IF;
END;
$fn$;
COMMENT ON FUNCTION tap.finish(boolean)
IS 'Ends the script: prints the plan if there was none, and what failed or was not run.';

CREATE FUNCTION tap._tests(bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT $1 || CASE WHEN $1 = 1 THEN ' test' ELSE ' tests' END
$fn$;

-- Makes every further line of a text a TAP comment. A carriage return counts as the end of a
-- line even before a line feed, as in pgTAP.
CREATE FUNCTION tap._lines(text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT replace(replace(replace($1, E'\r\n', E'\n# '), E'\n', E'\n# '), E'\r', E'\n# ')
$fn$;

CREATE FUNCTION tap.diag(msg text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT '# ' || tap._lines(msg)
$fn$;
COMMENT ON FUNCTION tap.diag(text) IS 'Gives a text as TAP comment lines.';

CREATE FUNCTION tap.diag(msg anyelement) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.diag(msg::text)
$fn$;
COMMENT ON FUNCTION tap.diag(anyelement) IS 'Gives a value as TAP comment lines.';

CREATE FUNCTION tap.diag(VARIADIC text[]) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.diag(array_to_string($1, ''))
$fn$;
COMMENT ON FUNCTION tap.diag(text[]) IS 'Gives texts, joined, as TAP comment lines.';

CREATE FUNCTION tap.diag(VARIADIC anyarray) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.diag(array_to_string($1, ''))
$fn$;
COMMENT ON FUNCTION tap.diag(anyarray) IS 'Gives values, joined, as TAP comment lines.';

-- What descriptions and messages call an object. Without a schema, its name alone.
CREATE FUNCTION tap._dotted(schema name, object name) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT coalesce(quote_ident(nullif(schema, '')) || '.', '') || quote_ident(object)
$fn$;

-- The comparison behind all *_are(): both hold the same names, whatever their order. A NULL
-- among the wanted names makes it impossible to say that any is missing, as in pgTAP.
CREATE FUNCTION tap._are(noun text, have text[], want text[], description text) RETURNS text
LANGUAGE plpgsql AS $fn$
DECLARE
    extra text[] := ARRAY(SELECT unnest(have) EXCEPT SELECT unnest(want));
    missing text[] := ARRAY(SELECT unnest(want) EXCEPT SELECT unnest(have));
BEGIN
    IF array_position(missing, NULL) IS NOT NULL THEN
        missing := '{}';
    END IF;
    RETURN tap._ok(
        extra = '{}' AND missing = '{}',
        description,
        concat_ws(
            E'\n',
            tap._listed('Extra ' || noun, extra),
            tap._listed('Missing ' || noun, missing)
        )
    );
END;
$fn$;

CREATE FUNCTION tap._listed(title text, names text[]) RETURNS text LANGUAGE sql AS $fn$
SELECT '    ' || title || E':\n' || string_agg(
    '        ' || quote_ident(n.name), E'\n' ORDER BY n.name COLLATE "C"
)
FROM unnest(names) AS n (name)
$fn$;
