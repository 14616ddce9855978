-- Keys, unique and check constraints.
--
-- PostgreSQL 18 lists NOT NULL among the constraints, too; they are asked for by their kind
-- here, so it does not show.

CREATE FUNCTION tap._has_constraint(relation oid, kind "char") RETURNS boolean
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN EXISTS (SELECT FROM pg_constraint WHERE conrelid = relation AND contype = kind);
END;
$fn$;

-- The columns of each such constraint, in its own order.
CREATE FUNCTION tap._constraint_columns(relation oid, kind "char") RETURNS SETOF name[]
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN QUERY
        SELECT tap._column_names(conrelid, conkey)
        FROM pg_constraint
        WHERE conrelid = relation AND contype = kind;
END;
$fn$;

CREATE FUNCTION tap._column_names(relation oid, numbers smallint[]) RETURNS name[]
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT attname
        FROM unnest(numbers) WITH ORDINALITY AS key (number, position)
        JOIN pg_attribute ON attrelid = relation AND attnum = number
        ORDER BY position
    );
END;
$fn$;

-- How descriptions list columns: one, or several of them.
CREATE FUNCTION tap._identifiers(name[]) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT coalesce(string_agg(quote_ident(item), ', ' ORDER BY position), '')
FROM unnest($1) WITH ORDINALITY AS listed (item, position)
$fn$;

CREATE FUNCTION tap._columns(table_name name, columns name[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT 'Columns ' || quote_ident(table_name) || '(' || tap._identifiers(columns) || ')'
$fn$;

CREATE FUNCTION tap._columns(table_name name, column_name name) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT 'Column ' || quote_ident(table_name) || '(' || quote_ident(column_name) || ')'
$fn$;

CREATE FUNCTION tap._columns(schema name, table_name name, columns name[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT 'Columns ' || quote_ident($1) || '.' || quote_ident($2) || '(' || tap._identifiers($3) || ')'
$fn$;

CREATE FUNCTION tap._columns(schema name, table_name name, column_name name) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT 'Column ' || quote_ident($1) || '.' || quote_ident($2) || '(' || quote_ident($3) || ')'
$fn$;

/*# has_pk([schema name,] table name [, description text])
Tests that a table has a primary key.
describe: 'Table ' || tap._relation_name(:schema, :table) || ' should have a primary key'
*/
$$ SELECT tap.ok(tap._has_constraint(tap._relation(:schema, :table), 'p'), :description) $$;

/*# {has}_{key}(schema {type}, table {type}, description text)
{has}_{key}(table {type} [, description text])
Tests that a table {has_it} a {constraint}.
describe: 'Table ' || quote_ident(:table) || ' {should} have a {constraint}'
{has}_{key}(schema name, table name)
describe: 'Table ' || tap._dotted(:schema, :table) || ' {should} have a {constraint}'
for has | has_it | should | key | constraint | type | not | kind
    hasnt | does not have | should not | pk     | primary key            | name | NOT | p
    has   | has           | should     | fk     | foreign key constraint | name |     | f
    hasnt | does not have | should not | fk     | foreign key constraint | name | NOT | f
    has   | has           | should     | unique | unique constraint      | text |     | u
    hasnt | does not have | should not | unique | unique constraint      | name | NOT | u
    has   | has           | should     | check  | check constraint       | name |     | c
    hasnt | does not have | should not | check  | check constraint       | name | NOT | c
*/
$$
SELECT tap.ok(
    {not} tap._has_constraint(tap._relation(:schema::name, :table::name), '{kind}'), :description
)
$$;

/*# col_is_pk(table name, columns name[]|name [, description text])
describe: tap._columns(:table, :columns) || ' should be a primary key'
col_is_pk(schema name, table name, columns name[]|name [, description text])
describe: tap._columns(:schema, :table, :columns) || ' should be a primary key'
Tests that these columns, in this order, are the primary key of a table.
*/
$$
BEGIN
    RETURN tap.is(
        (SELECT * FROM tap._constraint_columns(tap._relation(:schema, :table), 'p')),
        :columns,
        :description
    );
END;
$$;

/*# col_isnt_pk(schema name, table name, columns name[]|name, description text)
col_isnt_pk(table name, columns name[]|name [, description text])
Tests that these columns are not the primary key of a table.
describe: tap._columns(:table, :columns) || ' should not be a primary key'
*/
$$
BEGIN
    RETURN tap.isnt(
        (SELECT * FROM tap._constraint_columns(tap._relation(:schema, :table), 'p')),
        :columns,
        :description
    );
END;
$$;

-- A table can have several of these, so the diagnostics show all of them.
CREATE FUNCTION tap._constraint_is_on(
    relation oid, kind "char", columns name[], description text
) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    found_columns text[];
    matched boolean;
BEGIN
    SELECT array_agg(key::text ORDER BY key), bool_or(key = columns)
    INTO found_columns, matched
    FROM tap._constraint_columns(relation, kind) AS key;
    RETURN tap._ok(
        coalesce(matched, false),
        description,
        '        have: ' || coalesce(array_to_string(found_columns, E'\n              '), '')
            || E'\n        want: ' || coalesce(columns::text, 'NULL')
    );
END;
$fn$;

/*# col_is_unique([schema name,] table name, columns name[]|name [, description text])
Tests that these columns, in this order, have a unique constraint.
describe: tap._columns(:table, :columns) || ' should have a unique constraint'
*/
$$
SELECT tap._constraint_is_on(tap._relation(:schema, :table), 'u', :columns, :description)
$$;

/*# col_has_check(schema name, table name, columns name[]|name, description text)
col_has_check(table name, columns name[]|name [, description text])
Tests that there is a check constraint on exactly these columns.
describe: tap._columns(:table, :columns) || ' should have a check constraint'
*/
$$
SELECT tap._constraint_is_on(tap._relation(:schema, :table), 'c', :columns, :description)
$$;
