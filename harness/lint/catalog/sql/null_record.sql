-- Functions of row triggers, and all the events at which they are called.
SELECT
    p.oid::bigint AS oid,
    n.nspname::text AS schema,
    p.proname::text AS name,
    p.prosrc AS body,
    bool_or(t.tgtype & 4 <> 0) AS inserts,
    bool_or(t.tgtype & 8 <> 0) AS deletes,
    bool_or(t.tgtype & 16 <> 0) AS updates
FROM pg_trigger AS t
JOIN pg_proc AS p ON p.oid = t.tgfoid
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
WHERE NOT t.tgisinternal AND t.tgtype & 1 <> 0
GROUP BY p.oid, n.nspname, p.proname, p.prosrc
ORDER BY 2, 3
