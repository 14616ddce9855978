-- Owners.

/*# {assertion}({object} name, owner name[, description text])
Tests who owns a {object}.
describe: '{called} ' || quote_ident(:{object}) || ' should be owned by ' || quote_ident(:owner)
for assertion           | object     | called     | catalog       | name    | owner
    db_owner_is         | database   | Database   | pg_database   | datname | datdba
    schema_owner_is     | schema     | Schema     | pg_namespace  | nspname | nspowner
    tablespace_owner_is | tablespace | Tablespace | pg_tablespace | spcname | spcowner
    language_owner_is   | language   | Language   | pg_language   | lanname | lanowner
*/
$$
DECLARE
    object name := nullif(:{object}, ''); -- '' is a schema that was given as NULL
    have name := (
        SELECT pg_get_userbyid(o.{owner})
        FROM pg_catalog.{catalog} AS o
        WHERE o.{name} = object
    );
BEGIN
    RETURN tap._property_is(have, :owner, :description, '{called} ' || quote_ident(object));
END;
$$;

/*# {object}_owner_is([schema name,] {object} name, owner name[, description text])
Tests who owns a {what}.
describe: '{called} ' || tap._dotted(:schema, :{object})
    || ' should be owned by ' || quote_ident(:owner)
for object            | what              | called            | kinds
    relation          | relation          | Relation          | NULL
    table             | table             | Table             | '{r,p}'
    view              | view              | View              | '{v}'
    materialized_view | materialized view | Materialized view | '{m}'
    sequence          | sequence          | Sequence          | '{S}'
    composite         | composite type    | Composite type    | '{c}'
    foreign_table     | foreign table     | Foreign table     | '{f}'
*/
$$
DECLARE
    have name := (
        SELECT pg_get_userbyid(c.relowner)
        FROM pg_catalog.pg_class AS c
        WHERE c.oid = tap._relation(:schema, :{object}, {kinds})
    );
BEGIN
    RETURN tap._property_is(
        have, :owner, :description, '{called} ' || tap._qualified(:schema, :{object})
    );
END;
$$;

-- A relation of one of these kinds, or of any where they are NULL, in a schema or, without one,
-- where the search path shows it.
CREATE FUNCTION tap._relation(schema name, relation name, kinds "char"[]) RETURNS oid
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT c.oid
        FROM pg_catalog.pg_class AS c
        WHERE
            c.relname = $2
            AND ($3 IS NULL OR c.relkind = ANY ($3))
            AND CASE
                WHEN $1 IS NULL THEN pg_table_is_visible(c.oid)
                ELSE c.relnamespace = tap._schema($1)
            END
    );
END;
$fn$;

/*# {object}_owner_is([schema name,] {object} name, owner name[, description text])
Tests who owns {what}.
describe: '{called} ' || tap._dotted(:schema, :{object})
    || ' should be owned by ' || quote_ident(:owner)
for object  | what              | called         | catalog    | name    | owner    | of
    type    | a type            | Type           | pg_type    | typname | typowner | typnamespace
    opclass | an operator class | Operator class | pg_opclass | opcname | opcowner | opcnamespace
*/
$$
DECLARE
    have name := (
        SELECT pg_get_userbyid(o.{owner})
        FROM pg_catalog.{catalog} AS o
        WHERE
            o.{name} = :{object}
            AND CASE
                WHEN :schema IS NULL THEN pg_{object}_is_visible(o.oid)
                ELSE o.{of} = tap._schema(:schema)
            END
        LIMIT 1 -- an operator class for each access method may be called the same
    );
BEGIN
    RETURN tap._property_is(
        have, :owner, :description, '{called} ' || tap._qualified(:schema, :{object}), 'not found'
    );
END;
$$;

/*# index_owner_is([schema name,] table name, index name, owner name[, description text])
Tests who owns an index of a table.
describe: 'Index ' || quote_ident(:index) || ' ON ' || tap._dotted(:schema, :table)
    || ' should be owned by ' || quote_ident(:owner)
*/
$$
DECLARE
    have name := (
        SELECT pg_get_userbyid(c.relowner)
        FROM pg_catalog.pg_index AS i
        INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
        WHERE i.indrelid = tap._relation(:schema, :table, NULL) AND c.relname = :index
    );
BEGIN
    RETURN tap._property_is(
        have,
        :owner,
        :description,
        'Index ' || quote_ident(:index) || ' ON ' || tap._qualified(:schema, :table),
        'not found'
    );
END;
$$;

/*# function_owner_is([schema name,] function name, args name[], owner name[, description text])
Tests who owns a function.
describe: 'Function ' || tap._signature(:schema, :function, :args)
    || ' should be owned by ' || quote_ident(:owner)
*/
$$
DECLARE
    have name := (
        SELECT pg_get_userbyid(p.proowner)
        FROM pg_catalog.pg_proc AS p
        WHERE p.oid = tap._function(:schema, :function, :args)
    );
BEGIN
    RETURN tap._property_is(
        have,
        :owner,
        :description,
        CASE WHEN :schema = '' THEN NULL ELSE 'Function ' END
            || tap._signature(:schema, :function, :args)
    );
END;
$$;
