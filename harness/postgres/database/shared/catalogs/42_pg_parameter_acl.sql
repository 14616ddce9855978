-- From PostgreSQL 15: privileges on parameters.
SELECT
    p.oid::text AS key,
    'the privileges on ' AS aspect,
    'parameter' AS kind,
    p.parname AS name,
    to_jsonb(p)::text AS content
FROM pg_parameter_acl AS p
