-- Columns.

-- The relation of that name: in the schema, or without one (NULL) on the search path.
CREATE FUNCTION tap._relation(schema name, relation name) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    IF schema IS NULL THEN
        RETURN (SELECT oid FROM pg_class WHERE relname = relation AND pg_table_is_visible(oid));
    END IF;
    RETURN (
        SELECT pg_class.oid
        FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relname = relation AND nspname = schema
    );
END;
$fn$;

-- What *_are() look at: the relation as above, but not one of the system's that just happens
-- to be on every search path.
CREATE FUNCTION tap._own_relation(schema name, relation name) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT pg_class.oid
        FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE pg_class.oid = tap._relation(schema, relation)
            AND (schema IS NOT NULL OR nspname NOT IN ('pg_catalog', 'information_schema'))
    );
END;
$fn$;

-- How descriptions name a relation. An empty schema shows: it is probably a mistake.
CREATE FUNCTION tap._relation_name(schema name, relation name) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT coalesce(quote_ident(schema) || '.', '') || quote_ident(relation)
$fn$;

-- How diagnostics name it. In pgTAP a schema that is NULL makes all of the output NULL; a
-- body sees such a schema as ''.
CREATE FUNCTION tap._known_name(schema name, relation name) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE WHEN schema = '' THEN NULL ELSE tap._relation_name(schema, relation) END
$fn$;

-- The column of that name, or a row of NULLs.
CREATE FUNCTION tap._column(relation oid, column_name name) RETURNS pg_attribute
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    found_column pg_attribute;
BEGIN
    SELECT * INTO found_column
    FROM pg_attribute
    WHERE attrelid = relation AND attname = column_name AND attnum > 0 AND NOT attisdropped;
    RETURN found_column;
END;
$fn$;

CREATE FUNCTION tap._no_column(relation_name text, column_name name, description text)
RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    RETURN tap.ok(false, description) || E'\n' || tap.diag(
        '    Column ' || relation_name || '.' || quote_ident(column_name) || ' does not exist'
    );
END;
$fn$;

/*# {has}_column(schema name, table name, column name, description text)
{has}_column(table name, column name [, description text])
Tests that a table, view or composite type {has_it} a column.
describe: 'Column ' || quote_ident(:table) || '.' || quote_ident(:column) || ' {should} exist'
for has | has_it       | should     | is
    has   | has          | should     | IS NOT NULL
    hasnt | does not have | should not | IS NULL
*/
$$
BEGIN
    RETURN tap.ok(
        (tap._column(tap._relation(:schema, :table), :column)).attnum {is}, :description
    );
END;
$$;

/*# columns_are([schema name,] table name, columns name[] [, description text])
Tests that a table has these columns and no others.
describe: 'Table ' || tap._relation_name(:schema, :table) || ' should have the correct columns'
*/
$$
BEGIN
    RETURN tap._are(
        'columns',
        ARRAY(
            SELECT attname
            FROM pg_attribute
            WHERE attrelid = tap._own_relation(:schema, :table)
                AND attnum > 0 AND NOT attisdropped
        ),
        :columns,
        :description
    );
END;
$$;

-- These four name their arguments and have a default, so they are written out.
CREATE FUNCTION tap._col_null(
    relation oid, relation_name text, column_name name, not_null boolean, description text
) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    found_column pg_attribute := tap._column(relation, column_name);
BEGIN
    description := coalesce(
        description,
        'Column ' || relation_name || '.' || quote_ident(column_name)
            || CASE WHEN not_null THEN ' should be NOT NULL' ELSE ' should allow NULL' END
    );
    IF found_column.attnum IS NULL THEN
        RETURN tap._no_column(relation_name, column_name, description);
    END IF;
    RETURN tap.ok(found_column.attnotnull = not_null, description);
END;
$fn$;

CREATE FUNCTION tap.col_not_null(
    schema_name name, table_name name, column_name name, description text DEFAULT NULL
) RETURNS text LANGUAGE sql AS $fn$
SELECT tap._col_null(
    tap._relation(coalesce($1, ''), $2), quote_ident($1) || '.' || quote_ident($2), $3, true, $4
)
$fn$;
COMMENT ON FUNCTION tap.col_not_null(name, name, name, text)
IS 'Tests that a column has a NOT NULL constraint.';

CREATE FUNCTION tap.col_not_null(
    table_name name, column_name name, description text DEFAULT NULL
) RETURNS text LANGUAGE sql AS $fn$
SELECT tap._col_null(tap._relation(NULL, $1), quote_ident($1), $2, true, $3)
$fn$;
COMMENT ON FUNCTION tap.col_not_null(name, name, text)
IS 'Tests that a column has a NOT NULL constraint.';

CREATE FUNCTION tap.col_is_null(
    schema_name name, table_name name, column_name name, description text DEFAULT NULL
) RETURNS text LANGUAGE sql AS $fn$
SELECT tap._col_null(
    tap._relation(coalesce($1, ''), $2), quote_ident($1) || '.' || quote_ident($2), $3, false, $4
)
$fn$;
COMMENT ON FUNCTION tap.col_is_null(name, name, name, text)
IS 'Tests that a column has no NOT NULL constraint.';

CREATE FUNCTION tap.col_is_null(
    table_name name, column_name name, description text DEFAULT NULL
) RETURNS text LANGUAGE sql AS $fn$
SELECT tap._col_null(tap._relation(NULL, $1), quote_ident($1), $2, false, $3)
$fn$;
COMMENT ON FUNCTION tap.col_is_null(name, name, text)
IS 'Tests that a column has no NOT NULL constraint.';

/*# col_{has}_default(schema name, table name, column name, description text)
col_{has}_default(table name, column name [, description text])
Tests that a column {has_it} a default.
describe: 'Column ' || quote_ident(:table) || '.' || quote_ident(:column)
    || ' {should} have a default'
for has | has_it        | should     | has_default
    has   | has           | should     | true
    hasnt | does not have | should not | false
*/
$$
DECLARE
    found_column pg_attribute := tap._column(tap._relation(:schema, :table), :column);
BEGIN
    IF found_column.attnum IS NULL THEN
        RETURN tap._no_column(tap._known_name(:schema, :table), :column, :description);
    END IF;
    RETURN tap.ok(found_column.atthasdef = {has_default}, :description);
END;
$$;
