-- What is granted on objects that are created later.
SELECT
    pg_get_userbyid(d.defaclrole)::text AS owner,
    coalesce(n.nspname::text, '') AS schema,
    CASE d.defaclobjtype
        WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS'
    END AS objects,
    CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS role,
    a.privilege_type AS privilege
FROM pg_default_acl AS d
LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
CROSS JOIN aclexplode(d.defaclacl) AS a
WHERE a.grantee <> d.defaclrole AND coalesce(n.nspname <> ALL ($1::text[]), true) AND d.defaclobjtype <> 'L'
ORDER BY 1, 2, 3, 4, 5
