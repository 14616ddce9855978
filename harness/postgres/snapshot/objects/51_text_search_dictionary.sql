-- Text search dictionaries.
SELECT
    'pg_ts_dict'::regclass AS classid,
    d.oid AS objid,
    0 AS objsubid,
    format('%s.%I', s.name, d.dictname) AS identity,
    concat_ws(' ', format('TEMPLATE %I.%I', n.nspname, t.tmplname), d.dictinitoption) AS definition
FROM pg_ts_dict AS d
JOIN schemas AS s ON s.oid = d.dictnamespace
JOIN pg_ts_template AS t ON t.oid = d.dicttemplate
JOIN pg_namespace AS n ON n.oid = t.tmplnamespace
WHERE d.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_ts_dict'::regclass)
