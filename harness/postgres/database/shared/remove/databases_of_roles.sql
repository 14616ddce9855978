-- The databases with something that belongs to one of these roles, or that they may use. What
-- is shared counts for the database that is connected to: DROP OWNED reaches it from any.
SELECT DISTINCT coalesce(d.datname, current_database())::text AS database
FROM pg_shdepend AS s
INNER JOIN pg_roles AS r ON s.refclassid = 'pg_authid'::regclass AND r.oid = s.refobjid
LEFT JOIN pg_database AS d ON d.oid = s.dbid
WHERE r.rolname = ANY(%s)
ORDER BY database
