-- Schemas, extensions, languages and tablespaces.

/*# {has}_{object}({object} name [, description text])
Tests that a {called} {exists}.
describe: '{Called} ' || quote_ident(:{object}) || ' {should} exist'
for has | exists         | should     | not
    has   | exists         | should     |
    hasnt | does not exist | should not | NOT
for object   | called              | Called              | catalog       | column
    schema     | schema              | Schema              | pg_namespace  | nspname
    language   | procedural language | Procedural language | pg_language   | lanname
    tablespace | tablespace          | Tablespace          | pg_tablespace | spcname
*/
$$
BEGIN
    RETURN tap.ok(
        {not} EXISTS (SELECT FROM pg_catalog.{catalog} AS o WHERE o.{column} = :{object}),
        :description
    );
END;
$$;

CREATE FUNCTION tap.has_tablespace(name, text, text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    RETURN tap.ok(
        EXISTS (
            SELECT
            FROM pg_catalog.pg_tablespace AS t
            WHERE t.spcname = $1 AND pg_catalog.pg_tablespace_location(t.oid) = $2
        ),
        $3
    );
END;
$fn$;
COMMENT ON FUNCTION tap.has_tablespace(name, text, text)
IS 'Tests that a tablespace exists at a location.';

CREATE FUNCTION tap._library_schema() RETURNS oid LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT c.relnamespace FROM pg_catalog.pg_class AS c WHERE c.oid = 'tap.tap_funky'::regclass
    );
END;
$fn$;

-- The schema that was made for the library counts only where it is wanted: a suite that was
-- written for the extension does not know it.
CREATE FUNCTION tap._schemas(want name[]) RETURNS name[] LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT n.nspname
        FROM pg_catalog.pg_namespace AS n
        WHERE
            n.nspname NOT LIKE 'pg\_%'
            AND n.nspname <> 'information_schema'
            AND (
                pg_catalog.obj_description(n.oid, 'pg_namespace') IS DISTINCT FROM
                    'The interface of pgTAP, by pgtap-harness'
                OR n.nspname = ANY ($1)
            )
    );
END;
$fn$;

/*# {objects}_are({objects} name[] [, description text])
Tests that there are exactly these {called}.
describe: 'There should be the correct {called}'
for objects   | called               | have
    schemas     | schemas              | tap._schemas(:schemas)
    tablespaces | tablespaces          | ARRAY(SELECT spcname FROM pg_tablespace)
    languages   | procedural languages | ARRAY(SELECT lanname FROM pg_language WHERE lanispl)
*/
$$
BEGIN
    RETURN tap._are('{objects}', {have}, :{objects}, :description);
END;
$$;

/*# language_is_trusted(language name [, description text])
Tests that a procedural language is trusted.
describe: 'Procedural language ' || quote_ident(:language) || ' should be trusted'
*/
$$
DECLARE
    trusted boolean := (
        SELECT l.lanpltrusted FROM pg_catalog.pg_language AS l WHERE l.lanname = :language
    );
BEGIN
    IF trusted IS NULL THEN
        RETURN tap.ok(false, :description) || E'\n' || tap.diag(
            '    Procedural language ' || quote_ident(:language) || ' does not exist'
        );
    END IF;
    RETURN tap.ok(trusted, :description);
END;
$$;

-- The extensions of a schema or, without one, all. This library is what scripts know as the
-- extension pgtap, also where it was not installed as one.
CREATE FUNCTION tap._extensions(schema name) RETURNS name[] LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT e.extname
        FROM (
            SELECT extname, extnamespace FROM pg_catalog.pg_extension
            UNION
            SELECT 'pgtap', tap._library_schema()
        ) AS e
        INNER JOIN pg_catalog.pg_namespace AS n ON e.extnamespace = n.oid
        WHERE $1 IS NULL OR n.nspname = $1
    );
END;
$fn$;

/*# {has}_extension(schema name, extension name [, description text])
describe: 'Extension ' || quote_ident(:extension) || ' {should} exist in schema '
    || quote_ident(:schema)
{has}_extension(extension name [, description text])
describe: 'Extension ' || quote_ident(:extension) || ' {should} exist'
Tests that an extension {exists}.
for has   | exists         | should     | not
    has   | exists         | should     |
    hasnt | does not exist | should not | NOT
*/
$$
SELECT tap.ok(
    {not} coalesce(:extension = ANY (tap._extensions(:schema)), false), :description
)
$$;

/*# extensions_are(schema name, extensions name[] [, description text])
describe: 'Schema ' || quote_ident(:schema) || ' should have the correct extensions'
extensions_are(extensions name[] [, description text])
describe: 'Should have the correct extensions'
Tests that a schema, or the database, has exactly these extensions.
*/
$$ SELECT tap._are('extensions', tap._extensions(:schema), :extensions, :description) $$;
