-- Comparisons of values.
--
-- is() and its kind make up most of every test script, so a passing one evaluates a single
-- comparison before it calls ok(), and its diagnostics are built only when it fails.

CREATE FUNCTION tap.pass(text) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.ok(true, $1)
$fn$;
COMMENT ON FUNCTION tap.pass(text) IS 'Passes: the script got this far.';

CREATE FUNCTION tap.pass() RETURNS text LANGUAGE sql AS $fn$
SELECT tap.ok(true, NULL)
$fn$;
COMMENT ON FUNCTION tap.pass() IS 'Passes: the script got this far.';

CREATE FUNCTION tap.fail(text) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.ok(false, $1)
$fn$;
COMMENT ON FUNCTION tap.fail(text) IS 'Fails: the script should not have got this far.';

CREATE FUNCTION tap.fail() RETURNS text LANGUAGE sql AS $fn$
SELECT tap.ok(false, NULL)
$fn$;
COMMENT ON FUNCTION tap.fail() IS 'Fails: the script should not have got this far.';

CREATE FUNCTION tap.is(anyelement, anyelement, text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    IF $1 IS NOT DISTINCT FROM $2 THEN
        RETURN tap.ok(true, $3);
    END IF;
    RETURN tap._ok(
        false,
        $3,
        '        have: ' || CASE WHEN $1 IS NULL THEN 'NULL' ELSE $1::text END || E'\n'
        '        want: ' || CASE WHEN $2 IS NULL THEN 'NULL' ELSE $2::text END
    );
END;
$fn$;
COMMENT ON FUNCTION tap.is(anyelement, anyelement, text)
IS 'Tests that two values are the same; NULL is the same as NULL.';

CREATE FUNCTION tap.is(anyelement, anyelement) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.is($1, $2, NULL)
$fn$;
COMMENT ON FUNCTION tap.is(anyelement, anyelement)
IS 'Tests that two values are the same; NULL is the same as NULL.';

CREATE FUNCTION tap.isnt(anyelement, anyelement, text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    IF $1 IS DISTINCT FROM $2 THEN
        RETURN tap.ok(true, $3);
    END IF;
    RETURN tap._ok(
        false,
        $3,
        '        have: ' || coalesce($1::text, 'NULL') || E'\n'
        '        want: anything else'
    );
END;
$fn$;
COMMENT ON FUNCTION tap.isnt(anyelement, anyelement, text)
IS 'Tests that two values differ; NULL is the same as NULL.';

CREATE FUNCTION tap.isnt(anyelement, anyelement) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.isnt($1, $2, NULL)
$fn$;
COMMENT ON FUNCTION tap.isnt(anyelement, anyelement)
IS 'Tests that two values differ; NULL is the same as NULL.';

/*# cmp_ok(have anyelement, operator text, want anyelement[, description text])
Tests that two values compare as an operator says.
*/
$$
DECLARE
    result boolean;
BEGIN
    -- The operator is any text between two values, so the values are written out around it.
    -- Rows without a type of their own cannot be written as literals.
    IF pg_typeof(:have) = 'record'::regtype THEN
        EXECUTE 'SELECT $1 ' || :operator || ' $2' INTO result USING :have, :want;
    ELSE
        EXECUTE 'SELECT ' || tap._literal(:have) || ' ' || :operator || ' ' || tap._literal(:want)
        INTO result;
    END IF;
    RETURN tap._ok(
        coalesce(result, false),
        :description,
        '    ' || quote_nullable(:have::text)
        || E'\n        ' || :operator
        || E'\n    ' || quote_nullable(:want::text)
    );
END;
$$;

CREATE FUNCTION tap._literal(anyelement) RETURNS text LANGUAGE sql AS $fn$
SELECT quote_nullable($1::text) || '::' || pg_typeof($1)
$fn$;

/*# {name}(have anyelement, pattern text[, description text])
Tests that a text {what}.
for name          | operator | what                                             | failure
    matches       | ~        | matches a regular expression                     | doesn''t match
    imatches      | ~*       | matches a regular expression in any case         | doesn''t match
    doesnt_match  | !~       | does not match a regular expression              | matches
    doesnt_imatch | !~*      | does not match a regular expression in any case  | matches
    alike         | ~~       | is LIKE a pattern                                | doesn''t match
    ialike        | ~~*      | is LIKE a pattern in any case                    | doesn''t match
    unalike       | !~~      | is not LIKE a pattern                            | matches
    unialike      | !~~*     | is not LIKE a pattern in any case                | matches
*/
$$
BEGIN
    RETURN tap._ok(
        :have {operator} :pattern,
        :description,
        format(
            E'%18s%s\n%16s: %s',
            '', quote_nullable(:have::text), '{failure}', quote_nullable(:pattern)
        )
    );
END;
$$;

CREATE FUNCTION tap.isa_ok(anyelement, regtype, text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    RETURN tap._ok(
        pg_typeof($1) = $2,
        $3 || ' isa ' || $2,
        '    ' || $3 || ' isn''t a "' || $2 || '" it''s a "' || pg_typeof($1) || '"'
    );
END;
$fn$;
COMMENT ON FUNCTION tap.isa_ok(anyelement, regtype, text) IS 'Tests that a value is of a type.';

CREATE FUNCTION tap.isa_ok(anyelement, regtype) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.isa_ok($1, $2, 'the value')
$fn$;
COMMENT ON FUNCTION tap.isa_ok(anyelement, regtype) IS 'Tests that a value is of a type.';
