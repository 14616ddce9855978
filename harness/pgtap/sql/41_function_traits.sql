-- Function properties.

-- Tests a property of something that may not exist.
CREATE FUNCTION tap._property_is(
    have text, want text, description text, bearer text, absence text DEFAULT 'does not exist'
) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    IF have IS NULL THEN
        RETURN tap._ok(false, description, '    ' || bearer || ' ' || absence);
    END IF;
    RETURN tap.is(have, want, description);
END;
$fn$;

/*# function_lang_is([schema name,] function name[, args name[] = '{*}'], language name
    [, description text])
Tests in which language a function is written.
describe: 'Function ' || tap._signature(:schema, :function, :args)
    || ' should be written in ' || quote_ident(:language)
*/
$$
DECLARE
    have name := (
        SELECT l.lanname
        FROM pg_catalog.pg_proc AS p
        INNER JOIN pg_catalog.pg_language AS l ON p.prolang = l.oid
        WHERE p.oid = tap._function(:schema, :function, :args)
    );
BEGIN
    RETURN tap._function_is(have, :language, :description, :schema, :function, :args);
END;
$$;

-- As format_type() shows it, with "setof " in front of it where that was given. What is no type
-- stays as it is.
CREATE FUNCTION tap._result_type(text) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    set_of text := coalesce((regexp_match($1, '^setof\s+', 'i'))[1], '');
    type text := substr($1, length(set_of) + 1);
BEGIN
    RETURN CASE WHEN set_of = '' THEN '' ELSE 'setof ' END
        || coalesce(format_type(tap._type_id(type), NULL), type);
END;
$fn$;

/*# function_returns([schema name,] function name[, args name[] = '{*}'], type text
    [, description text])
Tests what type a function returns; it begins with "setof " where it returns a set.
describe: 'Function ' || tap._signature(:schema, :function, :args) || ' should return ' || :type
*/
$$
DECLARE
    have text := (
        SELECT CASE WHEN p.proretset THEN 'setof ' ELSE '' END || format_type(p.prorettype, NULL)
        FROM pg_catalog.pg_proc AS p
        WHERE p.oid = tap._function(:schema, :function, :args)
    );
BEGIN
    RETURN tap._function_is(
        have, tap._result_type(:type), :description, :schema, :function, :args
    );
END;
$$;

/*# volatility_is([schema name,] function name[, args name[] = '{*}'], volatility text
    [, description text])
Tests that a function is volatile, stable or immutable.
describe: 'Function ' || tap._signature(:schema, :function, :args)
    || ' should be ' || tap._volatility(:volatility)
*/
$$
DECLARE
    have text := (
        SELECT tap._volatility(p.provolatile::text)
        FROM pg_catalog.pg_proc AS p
        WHERE p.oid = tap._function(:schema, :function, :args)
    );
    want text := tap._volatility(:volatility);
BEGIN
    RETURN tap._function_is(have, want, :description, :schema, :function, :args);
END;
$$;

-- The volatility that a word means. Its first letter is enough, as in the catalog.
CREATE FUNCTION tap._volatility(text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE left(lower($1), 1)
    WHEN 'v' THEN 'VOLATILE'
    WHEN 's' THEN 'STABLE'
    WHEN 'i' THEN 'IMMUTABLE'
    ELSE 'UNKNOWN'
END
$fn$;

CREATE FUNCTION tap._function_is(
    have text, want text, description text, schema name, function name, args name[]
) RETURNS text LANGUAGE sql AS $fn$
SELECT tap._property_is($1, $2, $3, 'Function ' || tap._signature($4, $5, $6))
$fn$;

/*# {assertion}([schema name,] function name[, args name[] = '{*}']{description})
Tests what a function is: it should {be}.
describe: 'Function ' || tap._signature(:schema, :function, :args) || ' should {be}'
for assertion            | description          | trait             | be
    is_normal_function   | [, description text] | p.prokind = 'f'   | be a normal function
    isnt_normal_function | [, description text] | p.prokind <> 'f'  | not be a normal function
    is_aggregate         | [, description text] | p.prokind = 'a'   | be an aggregate function
    isnt_aggregate       | [, description text] | p.prokind <> 'a'  | not be an aggregate function
    is_window            | [, description text] | p.prokind = 'w'   | be a window function
    isnt_window          | [, description text] | p.prokind <> 'w'  | not be a window function
    is_procedure         | [, description text] | p.prokind = 'p'   | be a procedure
    isnt_procedure       | [, description text] | p.prokind <> 'p'  | not be a procedure
    is_definer           | , description text   | p.prosecdef       | be security definer
    isnt_definer         | , description text   | NOT p.prosecdef   | not be security definer
    is_strict            | , description text   | p.proisstrict     | be strict
    isnt_strict          | , description text   | NOT p.proisstrict | not be strict
*/
$$
DECLARE
    result boolean := (
        SELECT {trait}
        FROM pg_catalog.pg_proc AS p
        WHERE p.oid = tap._function(:schema, :function, :args)
    );
BEGIN
    IF result IS NULL THEN
        RETURN tap._function_is(NULL, NULL, :description, :schema, :function, :args);
    END IF;
    RETURN tap.ok(result, :description);
END;
$$;

-- Without a description, these say of a function that does not exist only that it is unknown
-- whether it passes.

/*# {assertion}([schema name,] function name[, args name[] = '{*}'])
Tests what a function is: it should {be}.
for assertion    | trait             | be
    is_definer   | p.prosecdef       | be security definer
    isnt_definer | NOT p.prosecdef   | not be security definer
    is_strict    | p.proisstrict     | be strict
    isnt_strict  | NOT p.proisstrict | not be strict
*/
$$
DECLARE
    result boolean := (
        SELECT {trait}
        FROM pg_catalog.pg_proc AS p
        WHERE p.oid = tap._function(:schema, :function, :args)
    );
BEGIN
    RETURN tap.ok(
        result,
        CASE WHEN :schema = '' THEN NULL ELSE 'Function ' END
            || tap._signature(:schema, :function, :args) || ' should {be}'
    );
END;
$$;
