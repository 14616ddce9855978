-- Triggers and constraint triggers of users; copies on partitions only where they are switched otherwise.
SELECT
    'pg_trigger'::regclass AS classid,
    t.oid AS objid,
    0 AS objsubid,
    format('%I ON %s', t.tgname, r.name) AS identity,
    concat_ws(
        ' ',
        pg_get_triggerdef(t.oid),
        CASE t.tgenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'ENABLED REPLICA' WHEN 'A' THEN 'ENABLED ALWAYS' END,
        CASE WHEN p.oid IS NOT NULL AND t.tgenabled = 'O' THEN 'ENABLED' END
    ) AS definition
FROM pg_trigger AS t
JOIN relations AS r ON r.oid = t.tgrelid
LEFT JOIN pg_trigger AS p ON p.oid = t.tgparentid
WHERE NOT t.tgisinternal AND (p.oid IS NULL OR p.tgenabled <> t.tgenabled)
