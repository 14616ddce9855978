-- Grants of columns to roles that have the same privilege on the table, by whatever grant.
SELECT
    a.attrelid::bigint AS "table",
    r.rolname::text AS role,
    x.privilege_type AS privilege,
    string_agg(a.attname, ', ' ORDER BY a.attnum) AS columns
FROM pg_attribute AS a
CROSS JOIN aclexplode(a.attacl) AS x
JOIN pg_roles AS r ON r.oid = x.grantee
JOIN pg_class AS c ON c.oid = a.attrelid
WHERE
    a.attacl IS NOT NULL AND NOT a.attisdropped AND NOT r.rolsuper
    AND x.grantee <> c.relowner
    AND has_table_privilege(r.oid, c.oid, x.privilege_type)
GROUP BY a.attrelid, r.rolname, x.privilege_type
HAVING count(*) < (
    SELECT count(*) FROM pg_attribute AS b
    WHERE b.attrelid = a.attrelid AND b.attnum > 0 AND NOT b.attisdropped
)
ORDER BY 1, 2, 3
