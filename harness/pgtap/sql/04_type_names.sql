-- Type names.
--
-- Any spelling that SQL knows will do: int, integer and int4 are one.

-- The type of that name, whatever its modifiers, or NULL where there is none. What is no name at
-- all is an error to some versions of the server.
CREATE FUNCTION tap._type_id(text) RETURNS oid LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN to_regtype($1)::oid;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END;
$fn$;

-- The same for a type of a schema. "integer" is in pg_catalog, though "pg_catalog.integer" is no
-- name for it.
CREATE FUNCTION tap._type_id(schema name, type text) RETURNS oid LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN coalesce(
        (
            SELECT t.oid
            FROM pg_catalog.pg_type AS t
            INNER JOIN pg_catalog.pg_namespace AS n ON t.typnamespace = n.oid
            WHERE t.oid = tap._type_id($2) AND n.nspname = $1
        ),
        tap._type_id(quote_ident($1) || '.' || $2)
    );
END;
$fn$;

-- Modifiers are read by the server: it shows a NULL of a type with them. What it took for the
-- name of a type before can be put into a statement.
CREATE FUNCTION tap.format_type_string(text) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    type oid := tap._type_id($1);
    plan json;
    shown text;
BEGIN
    IF type IS NOT NULL AND $1 ~* '\(|\minterval\s' THEN
        EXECUTE 'EXPLAIN (VERBOSE, COSTS false, FORMAT json) SELECT NULL::' || $1 INTO plan;
        shown := substring(plan #>> '{0,Plan,Output,0}' FROM '^NULL::(.*)$');
    END IF;
    RETURN coalesce(shown, format_type(type, NULL));
END;
$fn$;
COMMENT ON FUNCTION tap.format_type_string(text)
IS 'Gives a type as the server writes it, or NULL where there is no such type.';
