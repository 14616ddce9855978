-- Values.
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
    -- A row of NULLs is NULL to SQL, and is shown as such.
    RETURN tap._have_want(
        $3,
        CASE WHEN $1 IS NULL THEN 'NULL' ELSE $1::text END,
        CASE WHEN $2 IS NULL THEN 'NULL' ELSE $2::text END
    );
END
$fn$;
COMMENT ON FUNCTION tap.is(anyelement, anyelement, text)
IS 'Tests that a value is the wanted one; NULL is NULL.';

CREATE FUNCTION tap.is(anyelement, anyelement) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.is($1, $2, NULL)
$fn$;
COMMENT ON FUNCTION tap.is(anyelement, anyelement)
IS 'Tests that a value is the wanted one; NULL is NULL.';

CREATE FUNCTION tap.isnt(anyelement, anyelement, text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    IF $1 IS DISTINCT FROM $2 THEN
        RETURN tap.ok(true, $3);
    END IF;
    RETURN tap._have_want($3, coalesce($1::text, 'NULL'), 'anything else');
END
$fn$;
COMMENT ON FUNCTION tap.isnt(anyelement, anyelement, text)
IS 'Tests that a value is anything but a certain one; NULL is NULL.';

CREATE FUNCTION tap.isnt(anyelement, anyelement) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.isnt($1, $2, NULL)
$fn$;
COMMENT ON FUNCTION tap.isnt(anyelement, anyelement)
IS 'Tests that a value is anything but a certain one; NULL is NULL.';

-- A failure with its two values below each other.
CREATE FUNCTION tap._have_want(description text, have text, want text) RETURNS text
LANGUAGE sql AS $fn$
SELECT tap._ok(false, description, format(E'        have: %s\n        want: %s', have, want))
$fn$;

/*# cmp_ok(have anyelement, operator text, want anyelement[, description text])
Tests that an operator holds between two values.
*/
$$
DECLARE
    holds boolean;
BEGIN
    -- The operator is SQL by design: it may be schema-qualified, or a word such as LIKE. The
    -- operands are cast by the names of their types, so that char(n) compares as char(1).
    EXECUTE 'SELECT ' || quote_nullable(:have::text) || '::' || pg_typeof(:have) || ' '
        || :operator || ' ' || quote_nullable(:want::text) || '::' || pg_typeof(:want)
    INTO holds;
    RETURN tap._ok(coalesce(holds, false), :description, format(
        E'    %s\n        %s\n    %s',
        quote_nullable(:have::text), :operator, quote_nullable(:want::text)
    ));
END
$$;

/*# {name}(have anyelement, pattern text[, description text])
Tests that a value {comment}.
for name           | operator | verdict       | comment
    matches        | ~        | doesn't match | matches a regular expression
    imatches       | ~*       | doesn't match | matches a regular expression, case aside
    doesnt_match   | !~       | matches       | does not match a regular expression
    doesnt_imatch  | !~*      | matches       | does not match a regular expression, case aside
    alike          | ~~       | doesn't match | is LIKE a pattern
    ialike         | ~~*      | doesn't match | is LIKE a pattern, case aside
    unalike        | !~~      | matches       | is not LIKE a pattern
    unialike       | !~~*     | matches       | is not LIKE a pattern, case aside
*/
$$
BEGIN
    RETURN tap._ok(:have {operator} :pattern, :description, format(
        E'%s%s\n%s: %s',
        repeat(' ', 18), quote_nullable(:have::text),
        lpad($verdict${verdict}$verdict$, 16), quote_nullable(:pattern)
    ));
END
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
