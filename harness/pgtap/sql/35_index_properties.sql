-- Index properties.

-- The index of that name. NULL stands for any schema or any table; without a schema the table
-- has to be on the search path if it "must_be_visible", else pgTAP does not ask. Of several
-- indexes the one in the oldest schema counts.
CREATE FUNCTION tap._find_index(
    schema name, table_name name, index_name name, must_be_visible boolean
) RETURNS pg_index LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    found_index pg_index;
BEGIN
    SELECT pg_index.* INTO found_index
    FROM pg_class AS own
    JOIN pg_index ON indexrelid = own.oid
    JOIN pg_class AS indexed ON indexed.oid = indrelid
    JOIN pg_namespace ON pg_namespace.oid = indexed.relnamespace
    WHERE own.relname = index_name
        AND (table_name IS NULL OR indexed.relname = table_name)
        AND CASE
            WHEN schema IS NOT NULL THEN nspname = schema
            ELSE pg_table_is_visible(indrelid) OR NOT must_be_visible
        END
    ORDER BY own.relnamespace
    LIMIT 1;
    RETURN found_index;
END;
$fn$;

/*# index_is_{property}(schema name, table name, index name [, description text])
index_is_{property}(table name, index name)
Tests that an index of a table is {kind}.
describe: 'Index ' || quote_ident(:index) || ' should be {kind}'
for property | kind | test
    unique  | unique           | indisunique
    primary | on a primary key | indisprimary
    partial | partial          | indpred IS NOT NULL
*/
$$
BEGIN
    RETURN tap.ok(
        coalesce((tap._find_index(:schema, coalesce(:table, ''), :index, true)).{test}, false),
        :description
    );
END;
$$;

/*# index_is_{property}(index name)
Tests that an index of a table on the search path is {kind}.
for property | kind | test
    unique  | unique           | indisunique
    primary | on a primary key | indisprimary
    partial | partial          | indpred IS NOT NULL
*/
$$
BEGIN
    RETURN tap.ok(
        coalesce((tap._find_index(NULL, NULL, :index, true)).{test}, false),
        'Index ' || quote_ident(:index) || ' should be {kind}'
    );
END;
$$;

/*# is_clustered(schema name, table name, index name [, description text])
describe: 'Table ' || quote_ident(:schema) || '.' || quote_ident(:table)
    || ' should be clustered on index ' || quote_ident(:index)
is_clustered(table name, index name)
describe: 'Table ' || quote_ident(:table)
    || ' should be clustered on index ' || quote_ident(:index)
Tests that a table was last clustered on this index.
*/
$$
DECLARE
    found_index pg_index := tap._find_index(:schema, coalesce(:table, ''), :index, false);
BEGIN
    RETURN tap.ok(coalesce(found_index.indisclustered, false), :description);
END;
$$;

/*# is_clustered(index name)
Tests that the table of an index was last clustered on it.
*/
$$
DECLARE
    found_index pg_index := tap._find_index(NULL, NULL, :index, false);
BEGIN
    RETURN tap.ok(
        coalesce(found_index.indisclustered, false),
        'Table should be clustered on index ' || quote_ident(:index)
    );
END;
$$;

CREATE FUNCTION tap._access_method(relation oid) RETURNS name LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT amname
        FROM pg_class
        JOIN pg_am ON pg_am.oid = relam
        WHERE pg_class.oid = relation
    );
END;
$fn$;

/*# index_is_type(schema name, table name, index name, type name [, description text])
index_is_type(table name, index name, type name)
Tests that an index of a table is of this access method, such as btree or gin.
describe: 'Index ' || quote_ident(:index) || ' should be a ' || quote_ident(:type) || ' index'
*/
$$
DECLARE
    found_index pg_index := tap._find_index(:schema, coalesce(:table, ''), :index, false);
BEGIN
    RETURN tap.is(tap._access_method(found_index.indexrelid), :type, :description);
END;
$$;

/*# index_is_type(index name, type name)
Tests that an index is of this access method, such as btree or gin.
*/
$$
DECLARE
    found_index pg_index := tap._find_index(NULL, NULL, :index, false);
BEGIN
    RETURN tap.is(
        tap._access_method(found_index.indexrelid),
        :type,
        'Index ' || quote_ident(:index) || ' should be a ' || quote_ident(:type) || ' index'
    );
END;
$$;

/*# indexes_are([schema name,] table name, indexes name[] [, description text])
Tests that a table has these indexes and no others.
describe: 'Table ' || tap._relation_name(:schema, :table) || ' should have the correct indexes'
*/
$$
BEGIN
    RETURN tap._are(
        'indexes',
        ARRAY(
            SELECT relname
            FROM pg_index
            JOIN pg_class ON pg_class.oid = indexrelid
            WHERE indrelid = tap._own_relation(:schema, :table)
        ),
        :indexes,
        :description
    );
END;
$$;
