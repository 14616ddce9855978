-- Security labels of databases, roles and tablespaces.
SELECT
    concat_ws(' ', l.classoid, l.objoid, l.provider) AS key,
    'the security label of ' AS aspect,
    n.kind,
    n.name,
    to_jsonb(l)::text AS content
FROM pg_shseclabel AS l
INNER JOIN named AS n ON n.classid = l.classoid AND n.oid = l.objoid
