-- Indexes.

-- The index of that name on a table.
CREATE FUNCTION tap._index(relation oid, index_name name) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT indexrelid
        FROM pg_index
        JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = relation AND relname = index_name
    );
END;
$fn$;

-- What an index is on: column names, quoted where they have to be, and expressions.
CREATE FUNCTION tap._index_columns(index_id oid) RETURNS text[]
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT pg_get_indexdef(indexrelid, number, false)
        FROM pg_index
        CROSS JOIN generate_series(1, indnatts) AS number
        WHERE indexrelid = index_id
        ORDER BY number
    );
END;
$fn$;

/*# has_index(table name, index name)
Tests that a table has an index.
*/
$$
SELECT tap.ok(
    tap._index(tap._relation(NULL, :table), :index) IS NOT NULL,
    'Index ' || quote_ident(:index) || ' should exist'
)
$$;

-- A text with a parenthesis in it is the expression that the index is on, as in pgTAP.
/*# has_index(table name, index name, description text)
Tests that a table has an index, or one on an expression.
*/
$$
SELECT CASE
    WHEN strpos(:description, '(') > 0 THEN tap.has_index(:table, :index, :description::name)
    ELSE tap.ok(tap._index(tap._relation(NULL, :table), :index) IS NOT NULL, :description)
END
$$;

/*# hasnt_index([schema name,] table name, index name [, description text])
Tests that a table does not have an index.
describe: 'Index ' || quote_ident(:index) || ' should not exist'
*/
$$
SELECT tap.ok(tap._index(tap._relation(:schema, :table), :index) IS NULL, :description)
$$;

/*# has_index([schema name,] table name, index name, columns name[] [, description text])
has_index(schema name, table name, index name, columns name [, description text])
Tests that a table has an index on these columns or expressions.
describe: 'Index ' || quote_ident(:index) || ' should exist'
*/
$$
DECLARE
    index_id oid := tap._index(tap._relation(:schema, :table), :index);
    subject text := quote_ident(:index) || ' ON ' || tap._known_name(:schema, :table);
    have text := array_to_string(tap._index_columns(index_id), ', ');
    want text := array_to_string(:columns, ', ');
BEGIN
    IF index_id IS NULL THEN
        RETURN tap.ok(false, :description) || E'\n'
            || tap.diag('Index ' || subject || ' not found');
    END IF;
    RETURN tap.is(
        subject || '(' || have || ')', subject || '(' || want || ')', :description
    );
END;
$$;

-- Two signatures can be read in two ways. pgTAP takes the first argument for a schema if there
-- is a schema of that name.
CREATE FUNCTION tap._is_schema(name) RETURNS boolean LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN EXISTS (SELECT FROM pg_namespace WHERE nspname = $1);
END;
$fn$;

CREATE FUNCTION tap.has_index(name, name, name) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    IF tap._is_schema($1) THEN
        RETURN tap.has_index($1, $2, $3, 'Index ' || quote_ident($3) || ' should exist');
    END IF;
    RETURN tap.has_index($1, $2, ARRAY[$3]);
END;
$fn$;
COMMENT ON FUNCTION tap.has_index(name, name, name)
IS 'Tests that a table has an index: of a schema, or on a column.';

CREATE FUNCTION tap.has_index(name, name, name, text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    IF tap._is_schema($1) THEN
        RETURN tap.ok(tap._index(tap._relation($1, $2), $3) IS NOT NULL, $4);
    END IF;
    RETURN tap.has_index($1, $2, ARRAY[$3], $4);
END;
$fn$;
COMMENT ON FUNCTION tap.has_index(name, name, name, text)
IS 'Tests that a table has an index: of a schema, or on a column.';

-- Without a schema, or with one that is NULL, pgTAP takes any table of that name.
/*# is_indexed(in_schema name, table name, columns name[] [, description text])
describe: 'Should have an index on ' || quote_ident(:in_schema) || '.' || quote_ident(:table)
    || '(' || array_to_string(:columns, ', ') || ')'
is_indexed(table name, columns name[] [, description text])
describe: 'Should have an index on ' || quote_ident(:table)
    || '(' || array_to_string(:columns, ', ') || ')'
is_indexed(in_schema name, table name, columns name, description text)
is_indexed(table name, columns name)
describe: NULL
Tests that one index of a table is on these columns or expressions.
*/
$$
BEGIN
    RETURN tap.ok(
        EXISTS (
            SELECT
            FROM pg_class
            JOIN pg_namespace ON pg_namespace.oid = relnamespace
            JOIN pg_index ON indrelid = pg_class.oid
            WHERE relname = :table
                AND (:in_schema IS NULL OR nspname = :in_schema)
                AND tap._index_columns(indexrelid) = :columns::text[]
        ),
        :description
    );
END;
$$;

CREATE FUNCTION tap.is_indexed(name, name, name) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    IF tap._is_schema($1) THEN
        RETURN tap.is_indexed($1, $2, ARRAY[$3]);
    END IF;
    RETURN tap.is_indexed($1, ARRAY[$2], $3::text);
END;
$fn$;
COMMENT ON FUNCTION tap.is_indexed(name, name, name)
IS 'Tests that a column is indexed: of a schema, or with a description.';

