-- What the server has counted since its counters were last reset: tables and sequences of which a
-- block was read or a row was written, be it in a transaction that was rolled back. Beside it a
-- number that stands for pages and rows of all relations, which are written without being counted.
WITH relations AS (
    SELECT
        c.oid,
        quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
        c.relkind,
        c.relpages,
        c.reltuples,
        coalesce(x.indrelid, c.oid) AS whole,
        c.relkind <> 'p'
        AND (
            pg_stat_get_blocks_fetched(c.oid) > 0
            OR c.relkind IN ('r', 'm') AND pg_stat_get_tuples_inserted(c.oid)
            + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) > 0
        ) AS used
    FROM pg_class AS c
    INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_index AS x ON x.indexrelid = c.oid
    WHERE
        c.relkind IN ('r', 'm', 'p', 'i', 'S')
        AND n.nspname <> 'information_schema'
        AND n.nspname NOT LIKE 'pg\_%'
)

SELECT
    sum(hash_record_extended(ROW(r.oid, r.relpages, r.reltuples), 0)) AS statistics,
    coalesce(array_agg(DISTINCT r.whole) FILTER (WHERE r.used AND r.relkind <> 'S'), '{}') AS tables,
    coalesce(
        array_agg(r.name) FILTER (WHERE r.used AND r.relkind = 'S'), '{}'
    ) AS sequences
FROM relations AS r
