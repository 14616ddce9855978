-- Who has been granted what, the owner's own rights aside.
WITH objects AS (
    SELECT
        CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
        c.oid, c.relnamespace AS namespace, c.relname::text AS name, ''::text AS part, c.relowner AS owner, c.relacl AS acl
    FROM pg_class AS c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'COLUMN', c.oid, c.relnamespace, c.relname::text, a.attname::text, c.relowner, a.attacl
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND a.attnum > 0
    UNION ALL
    SELECT
        CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, p.oid, p.pronamespace, p.proname::text,
        pg_get_function_identity_arguments(p.oid), p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_proc AS p
    JOIN pg_language AS l ON l.oid = p.prolang
    WHERE p.prokind IN ('f', 'p') AND p.prorettype <> 'trigger'::regtype
    UNION ALL
    SELECT 'SCHEMA', n.oid, n.oid, n.nspname::text, '', n.nspowner, n.nspacl FROM pg_namespace AS n
)
SELECT
    o.kind, n.nspname::text AS schema, o.name, o.part,
    CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS role,
    a.privilege_type AS privilege,
    a.is_grantable AS grantable
FROM objects AS o
JOIN pg_namespace AS n ON n.oid = o.namespace
CROSS JOIN aclexplode(o.acl) AS a
WHERE
    a.grantee <> o.owner
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL ($1::text[])
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d WHERE d.objid = o.oid AND d.deptype = 'e'
    )
ORDER BY 1, 2, 3, 4, 5, 6
