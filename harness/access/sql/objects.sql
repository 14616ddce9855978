-- What each role ($2) may do with things that are in no schema, and by default may not. $1 is not asked.
WITH roles AS (
    SELECT oid, rolname FROM pg_roles WHERE rolname = ANY ($2::text[]) AND $1::text[] IS NOT NULL
)
SELECT
    'server' AS kind, s.oid::bigint AS oid, s.srvname::text AS object, r.rolname::text AS role, 'USAGE' AS privilege,
    'yes' AS how, ARRAY[]::text[] AS columns
FROM roles AS r CROSS JOIN pg_foreign_server AS s
WHERE has_server_privilege(r.oid, s.oid, 'USAGE')
UNION ALL
SELECT 'wrapper', w.oid::bigint, w.fdwname, r.rolname, 'USAGE', 'yes', '{}'
FROM roles AS r CROSS JOIN pg_foreign_data_wrapper AS w
WHERE has_foreign_data_wrapper_privilege(r.oid, w.oid, 'USAGE')
ORDER BY 1, 3, 4, 5
