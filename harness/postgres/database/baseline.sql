-- What a transaction that is rolled back can leave behind in a table: pages of dead rows, in its
-- indexes and its TOAST table, too, which change the planner's mind and the order in which later
-- rows come, and the statistics that ANALYZE and CREATE INDEX write in place.
SELECT
    c.oid,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS relation,
    pg_relation_size(c.oid) AS bytes,
    pg_total_relation_size(c.oid) AS bytes_with_all,
    -- What TRUNCATE makes of their statistics is put back where we may write the catalog.
    CASE WHEN current_setting('is_superuser')::boolean THEN (
        SELECT array_agg(concat_ws(' ', i.oid, i.relpages, i.reltuples) ORDER BY i.oid)
        FROM pg_index AS x
        INNER JOIN pg_class AS i ON i.oid = x.indexrelid
        WHERE x.indrelid = c.oid
    ) END AS indexes,
    c.relpages,
    c.reltuples
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE
    c.relkind IN ('r', 'm')
    AND n.nspname <> 'information_schema'
    AND n.nspname NOT LIKE 'pg\_%%'
    AND (%(only)s::oid[] IS NULL OR c.oid = ANY(%(only)s))
ORDER BY c.oid
