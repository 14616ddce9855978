-- Text search templates.
SELECT
    'pg_ts_template'::regclass AS classid,
    t.oid AS objid,
    0 AS objsubid,
    format('%s.%I', s.name, t.tmplname) AS identity,
    concat_ws(' ', 'INIT ' || nullif(t.tmplinit, 0)::regproc, 'LEXIZE ' || t.tmpllexize) AS definition
FROM pg_ts_template AS t
JOIN schemas AS s ON s.oid = t.tmplnamespace
WHERE t.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_ts_template'::regclass)
