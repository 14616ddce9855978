-- Parameters that each role ($2) may set though they are not everybody's. $1 is not asked. From PostgreSQL 15 on.
SELECT
    'parameter' AS kind, a.oid::bigint AS oid, a.parname AS object, r.rolname::text AS role, p.name AS privilege,
    'yes' AS how, ARRAY[]::text[] AS columns
FROM pg_parameter_acl AS a
CROSS JOIN pg_roles AS r
CROSS JOIN unnest(ARRAY['SET', 'ALTER SYSTEM']) AS p (name)
WHERE
    r.rolname = ANY ($2::text[])
    AND $1::text[] IS NOT NULL
    AND has_parameter_privilege(r.oid, a.parname, p.name)
ORDER BY 3, 4, 5
