-- Plans: how the server would run a query. Nothing is run.
--
-- What counts is the planner's choice in this session, for the data that is there. A small
-- table is read whole whatever its indexes are. To test that an index *can* serve a query,
-- SET LOCAL enable_seqscan = off first; to test that it *will*, load as many rows as matter
-- and ANALYZE. Queries inside functions have plans of their own, which do not show here.

-- The scans of a plan, the outermost first. An index belongs to its table's schema, and a
-- Bitmap Index Scan stands below the scan that knows the table.
CREATE FUNCTION tap._scans(query text, OUT scan text, OUT relation oid, OUT index oid)
RETURNS SETOF record LANGUAGE plpgsql AS $fn$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON, VERBOSE) ' || tap._query(query) INTO plan;
    RETURN QUERY
        WITH RECURSIVE nodes (place, node, schema) AS (
            SELECT ARRAY[top.place], top.node, top.node ->> 'Schema'
            FROM jsonb_path_query(plan, '$[*].Plan') WITH ORDINALITY AS top (node, place)
            UNION ALL
            SELECT nodes.place || child.place, child.node,
                coalesce(child.node ->> 'Schema', nodes.schema)
            FROM nodes
            CROSS JOIN jsonb_path_query(nodes.node, '$.Plans[*]')
                WITH ORDINALITY AS child (node, place)
        )
        SELECT
            concat(
                nodes.node ->> 'Node Type',
                ' using ' || quote_ident(nodes.node ->> 'Index Name'),
                ' on ' || quote_ident(nodes.node ->> 'Relation Name')
            ),
            tap._found(nodes.schema, nodes.node ->> 'Relation Name'),
            tap._found(nodes.schema, nodes.node ->> 'Index Name')
        FROM nodes
        WHERE nodes.node @? '$ ? (@."Node Type" like_regex " Scan$")'
            AND nodes.node ?| ARRAY['Relation Name', 'Index Name']
        ORDER BY nodes.place;
END;
$fn$;

-- Without a schema, what the search path finds.
CREATE FUNCTION tap._found(schema name, name name) RETURNS oid LANGUAGE sql STABLE AS $fn$
SELECT to_regclass(tap._dotted($1, $2))::oid
$fn$;

-- Of a partitioned table or index the plan shows only the partitions.
CREATE FUNCTION tap._is_part(part oid, whole oid) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT part = whole OR whole IN (SELECT * FROM pg_partition_ancestors(part))
$fn$;

/*# uses_index(query text, [schema name,] index name [, description text])
Tests that the plan of a query scans an index.
describe: 'Query should use index ' || tap._dotted(:schema, :index)
*/
$$
DECLARE
    wanted oid := tap._found(:schema, :index);
    used boolean;
    scans text[];
    aside text;
BEGIN
    SELECT bool_or(tap._is_part(plan.index, wanted)), array_agg(plan.scan)
    INTO used, scans
    FROM tap._scans(:query) AS plan;
    aside := CASE
        WHEN wanted IS NULL
            THEN 'Index ' || tap._dotted(:schema, :index) || ' does not exist'
        ELSE tap._unused_because(:query, wanted)
    END;
    RETURN tap._ok(
        coalesce(used, false),
        :description,
        tap._plan_difference(
            scans, 'an index scan using ' || tap._dotted(:schema, :index), aside
        )
    );
END;
$$;
