-- Plan, tests, diagnostics and the count of them: what every other family builds on.
--
-- The state of a test script lives where reading and writing it costs the same for the first
-- and the hundred thousandth test:
--   * pg_temp.__tap_number__ counts. A sequence does not roll back, so a number that was
--     printed is never printed again.
--   * The settings harness.* hold the rest. They roll back with a savepoint or a transaction,
--     so a test that was undone is neither run nor failed.

/*# ok(passed boolean[, description text])
Tests that a condition is true.
*/
$$
DECLARE
    number text;
    line text;
BEGIN
    PERFORM tap._require_plan();
    number := set_config('harness.ran', nextval('pg_temp.__tap_number__')::text, false);
    line := CASE WHEN :passed THEN 'ok ' ELSE 'not ok ' END || number
        || coalesce(' - ' || tap._comment_lines(nullif(:description, '')), '');
    IF :passed THEN
        RETURN line;
    END IF;
    PERFORM set_config('harness.failed', (tap.num_failed() + 1)::text, false);
    RETURN line || E'\n'
        || tap.diag('Failed test ' || number || coalesce(': "' || nullif(:description, '') || '"', ''))
        || CASE WHEN :passed IS NULL THEN E'\n' || tap.diag('    (test result was NULL)') ELSE '' END;
END;
$$;

CREATE FUNCTION tap._require_plan() RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
    IF coalesce(current_setting('harness.planned', true), '') = '' THEN
        RAISE EXCEPTION 'You tried to run a test without a plan! Gotta have a plan';
    END IF;
END;
$fn$;

CREATE FUNCTION tap._comment_lines(text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT replace(replace(replace($1, E'\r\n', E'\n# '), E'\n', E'\n# '), E'\r', E'\n# ')
$fn$;

CREATE FUNCTION tap.diag(msg text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT '# ' || tap._comment_lines(msg)
$fn$;

CREATE FUNCTION tap._ok(result boolean, description text, diagnostics text) RETURNS text
LANGUAGE plpgsql AS $fn$
BEGIN
    IF result THEN
        RETURN tap.ok(result, description);
    END IF;
    RETURN tap.ok(result, description) || E'\n' || tap.diag(diagnostics);
END;
$fn$;

CREATE FUNCTION tap._dotted(schema name, object name) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT coalesce(quote_ident(nullif(schema, '')) || '.', '') || quote_ident(object)
$fn$;

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
        concat_ws(E'\n', tap._listed('Extra ' || noun, extra), tap._listed('Missing ' || noun, missing))
    );
END;
$fn$;

CREATE FUNCTION tap._listed(title text, items text[]) RETURNS text LANGUAGE sql AS $fn$
SELECT '    ' || title || ':' || string_agg(E'\n        ' || quote_ident(item), '' ORDER BY item COLLATE "C")
FROM unnest(items) AS item
$fn$;

CREATE FUNCTION tap.plan(integer) RETURNS text LANGUAGE plpgsql STRICT AS $fn$
BEGIN
    IF to_regclass('pg_temp.__tap_number__') IS NOT NULL THEN
        RAISE EXCEPTION 'You tried to plan twice!';
    END IF;
    CREATE TEMPORARY SEQUENCE __tap_number__;
    GRANT ALL ON SEQUENCE pg_temp.__tap_number__ TO PUBLIC;
    PERFORM set_config('harness.planned', $1::text, false),
        set_config('harness.ran', '0', false),
        set_config('harness.failed', '0', false);
    RETURN '1..' || $1;
END;
$fn$;
COMMENT ON FUNCTION tap.plan(integer) IS 'Declares how many tests will run.';

CREATE FUNCTION tap.no_plan() RETURNS SETOF boolean LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM tap.plan(0);
END;
$fn$;
COMMENT ON FUNCTION tap.no_plan() IS 'Starts a script whose number of tests is not known.';

CREATE FUNCTION tap.num_failed() RETURNS integer LANGUAGE sql AS $fn$
SELECT current_setting('harness.failed')::integer
$fn$;
COMMENT ON FUNCTION tap.num_failed() IS 'Gives the number of tests that have failed so far.';

CREATE FUNCTION tap.finish(exception_on_failure boolean DEFAULT NULL) RETURNS SETOF text
LANGUAGE plpgsql AS $fn$
DECLARE
    planned integer := current_setting('harness.planned');
    ran integer := current_setting('harness.ran');
    failed integer := tap.num_failed();
    tests text := CASE WHEN planned = 1 THEN ' test' ELSE ' tests' END;
BEGIN
    IF ran = 0 THEN
        RAISE EXCEPTION '# No tests run!';
    END IF;
    IF planned = 0 THEN
        planned := ran;
        RETURN NEXT '1..' || ran;
    END IF;
    IF planned <> ran THEN
        RETURN NEXT tap.diag('Looks like you planned ' || planned || tests || ' but ran ' || ran);
    ELSIF failed > 0 AND exception_on_failure THEN
        RAISE EXCEPTION '% test% failed of %', failed, CASE WHEN failed = 1 THEN '' ELSE 's' END, ran;
    ELSIF failed > 0 THEN
        RETURN NEXT tap.diag('Looks like you failed ' || failed
            || CASE WHEN failed = 1 THEN ' test' ELSE ' tests' END || ' of ' || ran);
    END IF;
END;
$fn$;
COMMENT ON FUNCTION tap.finish(boolean) IS 'Ends a script: what was planned but not run, and what failed.';
