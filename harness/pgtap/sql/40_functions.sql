-- Functions.
--
-- A function is found by its name and arguments, in a schema or, without one, where the search
-- path shows it. Arguments may be spelt in any way that SQL knows. '{*}' stands for any arguments;
-- it is no list of types. (Looking at its first element is cheaper than comparing arrays, by a
-- third of a millisecond in a new session.)

CREATE FUNCTION tap._function(schema name, function name, args text[]) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    wanted text := CASE WHEN $3[1] = '*' THEN '*' ELSE tap._argument_list($3) END;
BEGIN
    RETURN (
        SELECT p.oid
        FROM pg_catalog.pg_proc AS p
        WHERE
            p.proname = $2
            AND (wanted = '*' OR wanted = array_to_string(p.proargtypes::regtype[], ','))
            AND CASE
                WHEN $1 IS NULL THEN pg_function_is_visible(p.oid)
                ELSE p.pronamespace = tap._schema($1)
            END
        ORDER BY p.proargtypes -- of several, the one with the fewest arguments speaks for all
        LIMIT 1
    );
END;
$fn$;

CREATE FUNCTION tap._schema(schema name) RETURNS oid LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1);
END;
$fn$;

-- What descriptions and messages call a function.
CREATE FUNCTION tap._signature(schema name, function name, args name[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT tap._dotted($1, $2)
    || '(' || CASE WHEN $3[1] = '*' THEN '' ELSE array_to_string($3, ', ') END || ')'
$fn$;

-- Arguments as \df prints them, from any spelling of their types. No function has a type that
-- does not exist, so with such a one any spelling is as good.
CREATE FUNCTION tap._argument_list(args text[]) RETURNS text LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN array_to_string(args::regtype[], ',');
EXCEPTION WHEN OTHERS THEN
    RETURN array_to_string(args, ',');
END;
$fn$;

-- The same arguments, if the server can read them. A function is not missing because its
-- arguments are misspelt: what is no name of a type at all is an error, as in pgTAP.
CREATE FUNCTION tap._readable(args text[]) RETURNS text[] LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    IF args[1] <> '*' THEN
        PERFORM args::regtype[];
    END IF;
    RETURN args;
EXCEPTION WHEN undefined_object OR invalid_schema_name THEN
    RETURN args;
END;
$fn$;

/*# {assertion}([schema name,] function name[, args name[] = '{*}'][, description text])
Tests that a function {exists}.
describe: 'Function ' || tap._signature(:schema, :function, :args) || ' should {exist}'
for assertion      | found       | exists         | exist
    has_function   | IS NOT NULL | exists         | exist
    hasnt_function | IS NULL     | does not exist | not exist
*/
$$
SELECT tap.ok(tap._function(:schema, :function, tap._readable(:args)) {found}, :description)
$$;

/*# can(schema name, functions name[][, description text])
describe: 'Schema ' || quote_ident(:schema) || ' can'
can(functions name[][, description text])
describe: 'Schema ' || tap._search_path() || ' can'
Tests that functions exist, among others.
*/
$$
DECLARE
    absent name[] := ARRAY(
        SELECT f.name
        FROM unnest(:functions) WITH ORDINALITY AS f (name, position)
        WHERE tap._function(:schema, f.name, '{*}') IS NULL
        ORDER BY f.position
    );
BEGIN
    RETURN tap._ok(
        absent[1] IS NULL, -- as in pgTAP, also if that one was given as NULL
        :description,
        (
            SELECT string_agg('    ' || tap._qualified(:schema, f.name) || '() missing', E'\n')
            FROM unnest(absent) AS f (name)
        )
    );
END;
$$;

CREATE FUNCTION tap._search_path() RETURNS text LANGUAGE sql STABLE AS $fn$
SELECT string_agg(quote_ident(s.name), ' or ' ORDER BY s.position)
FROM unnest(current_schemas(true)) WITH ORDINALITY AS s (name, position)
$fn$;

-- As tap._dotted(), but unknown where the schema was given as NULL.
CREATE FUNCTION tap._qualified(schema name, object name) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE WHEN $1 = '' THEN NULL ELSE tap._dotted($1, $2) END
$fn$;

/*# functions_are(schema name, functions name[][, description text])
describe: 'Schema ' || quote_ident(:schema) || ' should have the correct functions'
functions_are(functions name[][, description text])
describe: 'Search path ' || current_setting('search_path') || ' should have the correct functions'
Tests that a schema, or the search path, has exactly these functions.
*/
$$
DECLARE
    have name[] := ARRAY(
        SELECT p.proname
        FROM pg_catalog.pg_proc AS p
        WHERE CASE
            WHEN :schema IS NOT NULL THEN p.pronamespace = tap._schema(:schema)
            ELSE p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
                AND pg_function_is_visible(p.oid)
        END
        AND (p.proname = ANY (:functions) OR NOT tap._is_ours(p.oid))
    );
BEGIN
    RETURN tap._are('functions', have, :functions, :description);
END;
$$;
