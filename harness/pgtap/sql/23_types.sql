-- Types, domains and enums.

-- pgTAP installs this type, so a suite may list it; who does not list it does not know it.
CREATE TYPE tap._time_trial_type AS (a_time numeric);

-- The type of that name and of one of these kinds. pgTAP sees neither ranges nor shells.
CREATE FUNCTION tap._type(schema name, type name, kinds "char"[]) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT t.oid
        FROM pg_catalog.pg_type AS t
        INNER JOIN pg_catalog.pg_namespace AS n ON t.typnamespace = n.oid
        WHERE
            t.typname = $2
            AND t.typtype = ANY ($3)
            AND t.typisdefined
            AND CASE
                WHEN $1 IS NOT NULL THEN n.nspname = $1
                ELSE pg_catalog.pg_type_is_visible(t.oid)
            END
    );
END;
$fn$;

/*# {has}_{object}([schema name,] {object} name [, description text])
Tests that {a} {object} {exists}.
describe: '{Object} ' || tap._relation_name(:schema, :{object}) || ' {should} exist'
for has | exists         | should     | is
    has   | exists         | should     | IS NOT NULL
    hasnt | does not exist | should not | IS NULL
for object | a  | Object | kinds
    type   | a  | Type   | b,c,d,e,p
    domain | a  | Domain | d
    enum   | an | Enum   | e
*/
$$ SELECT tap.ok(tap._type(:schema, :{object}, '{{kinds}}') {is}, :description) $$;

-- Names of the types in a schema or, without one, of those on the search path. The types that
-- come with others (of arrays, of rows of tables) do not count.
CREATE FUNCTION tap._types(schema name, kinds "char"[], want name[]) RETURNS name[]
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT t.typname
        FROM pg_catalog.pg_type AS t
        INNER JOIN pg_catalog.pg_namespace AS n ON t.typnamespace = n.oid
        WHERE
            t.typtype = ANY ($2)
            AND (
                t.oid <> 'tap._time_trial_type'::pg_catalog.regtype
                OR '_time_trial_type' = ANY ($3)
            )
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS e WHERE e.typarray = t.oid)
            AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = t.typrelid AND c.relkind <> 'c'
            )
            AND CASE
                WHEN $1 IS NOT NULL THEN n.nspname = $1
                ELSE n.nspname NOT IN ('pg_catalog', 'information_schema')
                    AND pg_catalog.pg_type_is_visible(t.oid)
            END
    );
END;
$fn$;

/*# {objects}_are(schema name, {objects} name[] [, description text])
describe: 'Schema ' || quote_ident(:schema) || ' should have the correct {objects}'
{objects}_are({objects} name[] [, description text])
describe: 'Search path ' || current_setting('search_path') || ' should have the correct {objects}'
Tests that a schema, or the search path, has exactly these {objects}.
for objects | kinds
    types   | b,c,d,e,p
    domains | d
    enums   | e
*/
$$
SELECT tap._are(
    'types', tap._types(:schema, '{{kinds}}', :{objects}), :{objects}, :description
)
$$;

CREATE FUNCTION tap._labels(enum oid) RETURNS name[] LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT e.enumlabel
        FROM pg_catalog.pg_enum AS e
        WHERE e.enumtypid = $1
        ORDER BY e.enumsortorder
    );
END;
$fn$;

/*# enum_has_labels([schema name,] enum name, labels name[] [, description text])
Tests that an enum has exactly these labels, in this order.
describe: 'Enum ' || tap._relation_name(:schema, :enum) || ' should have labels ('
    || array_to_string(:labels, ', ') || ')'
*/
$$ SELECT tap.is(tap._labels(tap._type(:schema, :enum, '{e}')), :labels, :description) $$;

-- The type that a domain extends, or NULL without a domain. pgTAP finds no domain whose name has
-- capital letters.
CREATE FUNCTION tap._extended_type(schema name, domain text) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT d.typbasetype
        FROM pg_catalog.pg_type AS d
        WHERE d.oid = tap._type($1, lower($2)::name, '{d}')
    );
END;
$fn$;

-- How it is shown: without the modifiers of the domain (the 20 of varchar(20)), but with those of
-- a domain that it extends, as in pgTAP.
CREATE FUNCTION tap._extended_name(type oid, qualified boolean) RETURNS text
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT
            CASE
                WHEN $2 THEN tap._qualified_type(t.oid, t.typtypmod)
                ELSE pg_catalog.format_type(t.oid, t.typtypmod)
            END
        FROM pg_catalog.pg_type AS t
        WHERE t.oid = $1
    );
END;
$fn$;

-- "schema." or nothing, and NULL for a schema that was given as NULL: then the diagnostics, and
-- with them the output, are NULL in pgTAP.
CREATE FUNCTION tap._schema_prefix(schema name) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE WHEN $1 IS NULL THEN '' WHEN $1 <> '' THEN quote_ident($1) || '.' END
$fn$;

-- pgTAP's way to write a wanted type beside the one that is there: the name is given without
-- quotes, and gets them where the other one has some; modifiers stay outside of them.
CREATE FUNCTION tap._quoted_alike(have text, want text) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE
    WHEN $1 NOT LIKE '%"%' THEN $2
    WHEN $1 LIKE '%"' OR $2 !~ '\([^)]+\)$' THEN quote_ident($2)
    ELSE quote_ident(regexp_replace($2, '\([^)]+\)$', '')) || substring($2, '\([^)]+\)$')
END
$fn$;

/*# domain_type_{is}(domain text, type text [, description text])
describe: 'Domain ' || :domain || ' {should} extend type ' || :type
domain_type_{is}(schema name, domain text, type text [, description text])
describe: 'Domain ' || quote_ident(:schema) || '.' || :domain || ' {should} extend type ' || :type
domain_type_{is}(schema name, domain text, type_schema name = '*', type text [, description text])
describe: 'Domain ' || quote_ident(:schema) || '.' || :domain || ' {should} extend type '
    || quote_ident(:type_schema) || '.' || :type
Tests that a domain {extends} a type.
for is   | should     | extends
    is   | should     | extends
    isnt | should not | does not extend
*/
$$
DECLARE
    qualified boolean := :type_schema IS DISTINCT FROM '*';
    have_id oid := tap._extended_type(:schema, :domain);
    want_id oid := CASE
        WHEN qualified THEN tap._type_id(:type_schema, :type) ELSE tap._type_id(:type)
    END;
    have text := tap._extended_name(have_id, qualified);
    want text := CASE WHEN qualified THEN quote_ident(:type_schema) || '.' ELSE '' END
        || tap._quoted_alike(have, :type);
BEGIN
    IF have IS NULL THEN
        RETURN tap.ok(false, :description) || E'\n' || tap.diag(
            '   Domain ' || tap._schema_prefix(:schema) || :domain || ' does not exist'
        );
    ELSIF want_id = have_id THEN
        want := have;
    END IF;
    RETURN tap.{is}(have, want, :description);
END;
$$;
