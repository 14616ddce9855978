-- Query plans (not in pgTAP).
--
-- A query is planned and not run.
--
-- What counts is the planner's choice, in this session and for the data that is there. A
-- small table is read whole whatever its indexes. To test that an index *can* serve a query,
-- SET LOCAL enable_seqscan = off first; to test that it *will*, load as many rows as matter
-- and ANALYZE. Queries inside functions have plans of their own, which do not show here.
--
--     SELECT uses_index('SELECT * FROM tasks WHERE owner = 7', 'tasks_owner_idx');
--     SELECT no_seq_scan('EXECUTE open_tasks(7)', 'tasks', 'Open tasks should be found by index');

/*# uses_index(query text, [schema name,] index name [, description text])
Tests that the plan of a query scans an index, or one of its partitions.
The query is planned, not run.
describe: 'Query should use index ' || tap._dotted(:schema, :index)
*/
$$
DECLARE
    wanted oid := tap._relation(:schema, :index);
    whole oid := (SELECT indrelid FROM pg_index WHERE indexrelid = wanted);
    scans text[];
    used boolean;
    read_whole boolean;
BEGIN
    SELECT
        array_agg(scan),
        bool_or(tap._is_part(index, wanted)),
        bool_or(sequential AND tap._is_part(relation, whole))
    INTO scans, used, read_whole
    FROM tap._scans(:query);
    IF used THEN
        RETURN tap.ok(true, :description);
    END IF;
    RETURN tap._ok(false, :description, tap._planned(
        scans,
        'an index scan using ' || tap._dotted(:schema, :index),
        CASE
            WHEN whole IS NULL THEN 'There is no index ' || tap._dotted(:schema, :index)
            WHEN read_whole THEN tap._why_sequential()
        END
    ));
END;
$$;

/*# no_seq_scan(query text, [schema name,] table name [, description text])
Tests that the plan of a query has no sequential scan of a table, or of a partition of it.
The query is planned, not run.
describe: 'Query should not scan table ' || tap._dotted(:schema, :table) || ' sequentially'
*/
$$
DECLARE
    whole oid := (
        SELECT oid FROM pg_class
        WHERE oid = tap._relation(:schema, :table) AND relkind IN ('r', 'p', 'm')
    );
    scans text[] := ARRAY(
        SELECT scan FROM tap._scans(:query)
        WHERE whole IS NULL OR sequential AND tap._is_part(relation, whole)
    );
BEGIN
    RETURN tap._ok(whole IS NOT NULL AND scans = '{}', :description, tap._planned(
        scans,
        'no Seq Scan on ' || tap._dotted(:schema, :table),
        CASE
            WHEN whole IS NULL THEN 'There is no table ' || tap._dotted(:schema, :table)
            ELSE tap._why_sequential()
        END
    ));
END;
$$;

-- The scans of a plan, the outermost first: what each does, on which table, by which index.
-- A bitmap's index scans stand below the one that names the table and its schema, which is
-- the schema of the index too.
CREATE FUNCTION tap._scans(
    query text, OUT scan text, OUT sequential boolean, OUT relation oid, OUT index oid
) RETURNS SETOF record LANGUAGE plpgsql AS $fn$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON, VERBOSE) ' || tap._query(query) INTO plan;
    RETURN QUERY
        WITH RECURSIVE nodes (place, node, schema) AS (
            SELECT ARRAY[top.place], top.node, top.node ->> 'Schema'
            FROM jsonb_path_query(plan, '$[*].Plan') WITH ORDINALITY AS top (node, place)
            UNION ALL
            SELECT
                nodes.place || below.place,
                below.node,
                coalesce(below.node ->> 'Schema', nodes.schema)
            FROM nodes,
                jsonb_path_query(nodes.node, '$.Plans[*]') WITH ORDINALITY AS below (node, place)
        ),

        scans (place, kind, schema, relation_name, index_name) AS (
            SELECT
                place,
                node ->> 'Node Type',
                -- What EXPLAIN calls pg_temp has another name in the catalogs.
                CASE schema
                    WHEN 'pg_temp' THEN (
                        SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()
                    )
                    ELSE schema
                END,
                node ->> 'Relation Name',
                node ->> 'Index Name'
            FROM nodes
            WHERE node @? '$ ? (@."Node Type" like_regex "Scan$")'
        )

        SELECT
            concat(
                kind,
                ' using ' || quote_ident(index_name),
                ' on ' || quote_ident(relation_name)
            ),
            kind = 'Seq Scan',
            tap._relation(schema, relation_name),
            tap._relation(schema, index_name)
        FROM scans
        WHERE relation_name IS NOT NULL OR index_name IS NOT NULL
        ORDER BY place;
END;
$fn$;

-- A plan shows only the partitions of a partitioned table or index.
CREATE FUNCTION tap._is_part(part oid, whole oid) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT part = whole OR whole IN (SELECT relid FROM pg_partition_ancestors(part) AS relid)
$fn$;

CREATE FUNCTION tap._planned(have text[], want text, advice text) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT concat_ws(
    E'\n',
    '        have: ' || coalesce(
        array_to_string(nullif(have, '{}'), E'\n              '), 'no scan of a table'
    ),
    '        want: ' || want,
    '    ' || advice
)
$fn$;

CREATE FUNCTION tap._why_sequential() RETURNS text LANGUAGE sql STABLE AS $fn$
SELECT CASE
    WHEN current_setting('enable_seqscan')::boolean
        THEN E'A small table is read from end to end whatever its indexes. To test what an index\n'
            '    can serve: SET LOCAL enable_seqscan = off'
    ELSE 'Even with enable_seqscan = off: no index can serve this query'
END
$fn$;
