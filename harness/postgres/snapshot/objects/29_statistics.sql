-- Extended statistics.
SELECT
    'pg_statistic_ext'::regclass AS classid,
    x.oid AS objid,
    0 AS objsubid,
    format('%s.%I', s.name, x.stxname) AS identity,
    concat_ws(' ', pg_get_statisticsobjdef(x.oid), 'STATISTICS ' || nullif(x.stxstattarget, -1)) AS definition
FROM pg_statistic_ext AS x
JOIN schemas AS s ON s.oid = x.stxnamespace
JOIN relations AS r ON r.oid = x.stxrelid
WHERE x.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_statistic_ext'::regclass)
