-- Casts.

-- Any function will do where it is '*'.
CREATE FUNCTION tap._cast(
    source name, target name, function_schema name, function name
) RETURNS pg_catalog.pg_cast LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    found_cast pg_catalog.pg_cast;
    source_id oid := tap._wanted_type($1);
    target_id oid := tap._wanted_type($2);
BEGIN
    SELECT c.* INTO found_cast
    FROM pg_catalog.pg_cast AS c
    WHERE
        c.castsource = source_id
        AND c.casttarget = target_id
        AND ($4 = '*' OR EXISTS (
            SELECT
            FROM pg_catalog.pg_proc AS p
            INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid
            WHERE
                p.oid = c.castfunc
                AND p.proname = $4
                AND ($3 IS NULL OR n.nspname = $3)
        ));
    RETURN found_cast;
END;
$fn$;

-- How descriptions show a cast.
CREATE FUNCTION tap._cast_name(source name, target name) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT 'Cast (' || quote_ident($1) || ' AS ' || quote_ident($2) || ')'
$fn$;

/*# {has}_cast(source name, target name [, description text])
describe: tap._cast_name(:source, :target) || ' {should} exist'
{has}_cast(source name, target name, function name = '*' [, description text])
describe: tap._cast_name(:source, :target) || ' WITH FUNCTION ' || quote_ident(:function)
    || '() {should} exist'
{has}_cast(source name, target name, schema name, function name [, description text])
describe: tap._cast_name(:source, :target) || ' WITH FUNCTION ' || quote_ident(:schema) || '.'
    || quote_ident(:function) || '() {should} exist'
Tests that a cast {exists}, by way of a function if one is given.
for has   | exists         | should     | is
    has   | exists         | should     | IS NOT NULL
    hasnt | does not exist | should not | IS NULL
*/
$$
SELECT tap.ok((tap._cast(:source, :target, :schema, :function)).oid {is}, :description)
$$;

-- Contexts go by their first letter.
CREATE FUNCTION tap._cast_context(text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE lower(left($1, 1))
    WHEN 'i' THEN 'implicit'
    WHEN 'a' THEN 'assignment'
    WHEN 'e' THEN 'explicit'
    ELSE 'unknown'
END
$fn$;

/*# cast_context_is(source name, target name, context text [, description text])
Tests that a cast is implicit, applied in assignments, or explicit.
describe: tap._cast_name(:source, :target) || ' context should be ' || tap._cast_context(:context)
*/
$$
DECLARE
    have "char" := (tap._cast(:source, :target, NULL, '*')).castcontext;
BEGIN
    IF have IS NULL THEN
        RETURN tap.ok(false, :description) || E'\n'
            || tap.diag('    ' || tap._cast_name(:source, :target) || ' does not exist');
    END IF;
    RETURN tap.is(tap._cast_context(have::text), tap._cast_context(:context), :description);
END;
$$;

/*# casts_are(casts text[] [, description text])
Tests that the database has exactly these casts, written "source AS target".
describe: 'There should be the correct casts'
*/
$$
SELECT tap._texts_are(
    'casts',
    ARRAY(
        SELECT c.castsource::regtype || ' AS ' || c.casttarget::regtype
        FROM pg_catalog.pg_cast AS c
    ),
    :casts,
    :description
)
$$;
