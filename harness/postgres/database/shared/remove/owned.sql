-- The databases and tablespaces that one of these roles owns; DROP OWNED leaves them be.
SELECT 'DATABASE' AS kind, d.datname::text AS name
FROM pg_database AS d
INNER JOIN pg_roles AS r ON r.oid = d.datdba AND r.rolname = ANY(%(roles)s)
UNION ALL
SELECT 'TABLESPACE' AS kind, t.spcname::text AS name
FROM pg_tablespace AS t
INNER JOIN pg_roles AS r ON r.oid = t.spcowner AND r.rolname = ANY(%(roles)s)
