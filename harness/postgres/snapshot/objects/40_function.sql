-- Functions, window functions included.
SELECT
    'pg_proc'::regclass AS classid,
    p.oid AS objid,
    0 AS objsubid,
    format('%s.%I(%s)', s.name, p.proname, oidvectortypes(p.proargtypes)) AS identity,
    pg_get_functiondef(p.oid) AS definition
FROM pg_proc AS p
JOIN schemas AS s ON s.oid = p.pronamespace
WHERE
    p.prokind IN ('f', 'w')
    AND p.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)
    AND ($4::oid[] IS NULL OR p.oid IN (SELECT unit FROM wanted))
