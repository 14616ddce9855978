-- Inheritance and partitions.

-- Whether one relation inherits from another, at a given distance or at any. As in pgTAP,
-- nothing is seen to inherit over more than two generations.
CREATE FUNCTION tap._is_ancestor(ancestor oid, descendent oid, depth integer) RETURNS boolean
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM pg_catalog.pg_inherits AS child
        LEFT JOIN pg_catalog.pg_inherits AS parent ON child.inhparent = parent.inhrelid
        WHERE
            child.inhrelid = $2
            AND (
                child.inhparent = $1 AND coalesce($3, 1) = 1
                OR parent.inhparent = $1 AND coalesce($3, 2) = 2
            )
    );
END;
$fn$;

-- The second of two relations, which both have a schema or both have none.
CREATE FUNCTION tap._second_relation(first_schema name, schema name, relation name) RETURNS oid
LANGUAGE sql STABLE AS $fn$
SELECT tap._relation(CASE WHEN $1 IS NOT NULL THEN coalesce($2, '') END, $3)
$fn$;

/*# {be}_{relative}_of(table name, other name, depth integer [, description text])
describe: 'Table ' || quote_ident(:table) || ' {should} be {relative} ' || :depth || ' {to} '
    || quote_ident(:other)
{be}_{relative}_of(schema name, table name, other_schema name, other name, depth integer
    [, description text])
describe: 'Table ' || quote_ident(:schema) || '.' || quote_ident(:table)
    || ' {should} be {relative} ' || :depth || ' {from} '
    || quote_ident(:other_schema) || '.' || quote_ident(:other)
{be}_{relative}_of(table name, other name [, description text])
describe: 'Table ' || quote_ident(:table) || ' {should} be {a} {relative} of '
    || quote_ident(:other)
{be}_{relative}_of(schema name, table name, other_schema name, other name
    [, description text])
describe: 'Table ' || quote_ident(:schema) || '.' || quote_ident(:table)
    || ' {should} be {a} {relative} of '
    || quote_ident(:other_schema) || '.' || quote_ident(:other)
Tests that a table {is} {a} {relative} of another, at some distance or at any.
for be   | is     | should     | not
    is   | is     | should     |
    isnt | is not | should not | NOT
for relative   | a  | to   | from | ancestor | descendent
    ancestor   | an | of   | for  | first    | second
    descendent | a  | from | from | second   | first
*/
$$
DECLARE
    first oid := tap._relation(:schema, :table);
    second oid := tap._second_relation(:schema, :other_schema, :other);
BEGIN
    RETURN tap.ok({not} tap._is_ancestor({ancestor}, {descendent}, :depth), :description);
END;
$$;

-- A table that has lost its heirs counts as having some until it is analyzed: PostgreSQL keeps
-- the mark, and pgTAP reads it.
CREATE FUNCTION tap._has_descendents(relation oid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = $1 AND c.relhassubclass);
END;
$fn$;

/*# {has}_inherited_tables([schema name,] table name [, description text])
Tests that a table {has_it} tables that inherit from it.
describe: 'Table ' || tap._relation_name(:schema, :table) || ' {should} have descendents'
for has   | has_it | should     | not
    has   | has    | should     |
    hasnt | has no | should not | NOT
*/
$$
SELECT tap.ok(
    {not} tap._has_descendents(tap._relation(:schema, :table, '{r}')), :description
)
$$;

/*# {be}_partitioned([schema name,] table name [, description text])
Tests that a table {is} partitioned.
describe: 'Table ' || tap._relation_name(:schema, :table) || ' {should} be partitioned'
for be   | is     | should     | exists
    is   | is     | should     | IS NOT NULL
    isnt | is not | should not | IS NULL
*/
$$ SELECT tap.ok(tap._relation(:schema, :table, '{p}') {exists}, :description) $$;

-- The partitions of a partitioned table; a partitioned index has none.
CREATE FUNCTION tap._partitions(parent oid) RETURNS oid[] LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT i.inhrelid
        FROM pg_catalog.pg_inherits AS i
        INNER JOIN pg_catalog.pg_class AS c ON i.inhparent = c.oid
        WHERE c.oid = $1 AND c.relkind = 'p'
    );
END;
$fn$;

/*# is_partition_of(partition name, table name [, description text])
describe: 'Table ' || quote_ident(:partition) || ' should be a partition of '
    || quote_ident(:table)
is_partition_of(schema name, partition name, table_schema name, table name
    [, description text])
describe: 'Table ' || quote_ident(:schema) || '.' || quote_ident(:partition)
    || ' should be a partition of ' || quote_ident(:table_schema) || '.' || quote_ident(:table)
Tests that one table is a partition of another.
*/
$$
DECLARE
    partition oid := tap._relation(:schema, :partition);
    parent oid := tap._second_relation(:schema, :table_schema, :table);
BEGIN
    RETURN tap.ok(coalesce(partition = ANY (tap._partitions(parent)), false), :description);
END;
$$;

/*# partitions_are([schema name,] table name, partitions name[] [, description text])
Tests that a table has exactly these partitions, named as the search path shows them.
describe: 'Table ' || tap._relation_name(:schema, :table)
    || ' should have the correct partitions'
*/
$$
SELECT tap._are(
    'partitions',
    tap._partitions(tap._relation(:schema, :table))::regclass[]::text[],
    :partitions,
    :description
)
$$;
