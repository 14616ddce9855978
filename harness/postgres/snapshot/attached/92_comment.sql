-- Comments, but for those on extensions, which come with them.
SELECT concat(f.kind, ' ', f.identity) AS identity, d.description AS definition, f.unit
FROM found AS f
JOIN (
    SELECT classoid, objoid, objsubid, description FROM pg_description
    UNION ALL SELECT classoid, objoid, 0, description FROM pg_shdescription
) AS d ON d.classoid = f.classid AND d.objoid = f.objid AND d.objsubid = f.objsubid
WHERE f.kind <> 'extension'
