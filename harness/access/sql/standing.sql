-- What is granted to everybody, and what later objects come with: object, role, privilege. $1 are schemas left out.
WITH schemas AS (
    SELECT oid, nspname, nspacl FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
), granted AS (
    SELECT
        CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'relation ' END || s.nspname || '.' || c.relname AS object,
        x.privilege_type AS privilege
    FROM pg_class AS c
    JOIN schemas AS s ON s.oid = c.relnamespace
    CROSS JOIN aclexplode(c.relacl) AS x
    WHERE x.grantee = 0 AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
    UNION ALL
    SELECT 'schema ' || s.nspname, x.privilege_type
    FROM schemas AS s CROSS JOIN aclexplode(s.nspacl) AS x
    WHERE x.grantee = 0
)
SELECT object, 'PUBLIC' AS role, privilege FROM granted
UNION ALL
SELECT
    'default privileges of ' || pg_get_userbyid(d.defaclrole)
        || coalesce(' in ' || (SELECT s.nspname FROM schemas AS s WHERE s.oid = d.defaclnamespace), ''),
    coalesce(r.rolname::text, 'PUBLIC'),
    CASE d.defaclobjtype
        WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
        WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS'
    END || ': ' || x.privilege_type
FROM pg_default_acl AS d
CROSS JOIN aclexplode(d.defaclacl) AS x
LEFT JOIN pg_roles AS r ON r.oid = x.grantee
WHERE
    x.grantee <> d.defaclrole
    AND (d.defaclnamespace = 0 OR d.defaclnamespace IN (SELECT oid FROM schemas))
ORDER BY 1, 2, 3
