-- What shared objects need: their owners, and whoever has a privilege on them.
SELECT
    concat_ws(' ', s.classid, s.objid, s.refclassid, s.refobjid, s.deptype) AS key,
    'the dependencies of ' AS aspect,
    coalesce(n.kind, s.classid::regclass::text) AS kind,
    coalesce(n.name, s.objid::text) AS name,
    to_jsonb(s)::text AS content
FROM pg_shdepend AS s
LEFT JOIN named AS n ON n.classid = s.classid AND n.oid = s.objid
WHERE
    s.dbid = 0
    AND (s.classid <> 'pg_database'::regclass OR s.objid NOT IN (SELECT o.oid FROM ours AS o))
