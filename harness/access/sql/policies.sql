-- Policies with the columns and functions that they depend on.
SELECT
    p.polrelid::bigint AS relation,
    p.polname::text AS name,
    p.polpermissive AS permissive,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
        WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
    -- Empty is PUBLIC.
    ARRAY(
        SELECT r.rolname::text FROM unnest(p.polroles) AS o (oid) JOIN pg_roles AS r ON r.oid = o.oid
        ORDER BY r.rolname
    ) AS roles,
    pg_get_expr(p.polqual, p.polrelid) AS qual,
    pg_get_expr(p.polwithcheck, p.polrelid) AS "check",
    ARRAY(
        SELECT json_build_array(d.refobjid::bigint, a.attname)
        FROM pg_depend AS d
        LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attnum > 0
        WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass
    ) AS reads,
    ARRAY(
        SELECT d.refobjid::bigint FROM pg_depend AS d
        WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_proc'::regclass
    ) AS functions
FROM pg_policy AS p
JOIN pg_class AS c ON c.oid = p.polrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> ALL ($1::text[])
ORDER BY p.polrelid, p.polname COLLATE "C"
