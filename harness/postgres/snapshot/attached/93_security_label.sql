-- Security labels.
SELECT concat(f.kind, ' ', f.identity, ' FOR ', l.provider) AS identity, l.label AS definition, f.unit
FROM found AS f
JOIN (
    SELECT classoid, objoid, objsubid, provider, label FROM pg_seclabel
    UNION ALL SELECT classoid, objoid, 0, provider, label FROM pg_shseclabel
) AS l ON l.classoid = f.classid AND l.objoid = f.objid AND l.objsubid = f.objsubid
