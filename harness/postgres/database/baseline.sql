-- What a transaction that is rolled back can leave behind in a table: pages of dead rows,
-- which change the planner's mind and the order in which later rows come, and the
-- statistics that ANALYZE and CREATE INDEX write in place.
SELECT
    c.oid,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS relation,
    pg_relation_size(c.oid) AS bytes,
    c.relpages,
    c.reltuples
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE
    c.relkind IN ('r', 'm')
    AND n.nspname <> 'information_schema'
    AND n.nspname NOT LIKE 'pg\_%'
ORDER BY c.oid
