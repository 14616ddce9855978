-- Comments on databases, roles and tablespaces.
SELECT
    concat_ws(' ', c.classoid, c.objoid) AS key,
    'the comment on ' AS aspect,
    n.kind,
    n.name,
    to_jsonb(c)::text AS content
FROM pg_shdescription AS c
INNER JOIN named AS n ON n.classid = c.classoid AND n.oid = c.objoid
