-- Functions of users, not those of extensions.
SELECT
    p.oid::bigint AS oid,
    n.nspname::text AS schema,
    p.proname::text AS name,
    pg_get_function_identity_arguments(p.oid) AS arguments,
    ARRAY(
        SELECT t.typname::text FROM unnest(p.proargtypes) WITH ORDINALITY AS a (oid, n)
        JOIN pg_type AS t ON t.oid = a.oid ORDER BY a.n
    ) AS types,
    p.prokind::text AS kind,
    p.prosecdef AS definer,
    p.proleakproof AS leakproof,
    p.provolatile::text AS volatility,
    p.proretset AS returns_set,
    r.typname::text AS returns,
    r.typtype::text AS returns_kind,
    l.lanname::text AS language,
    coalesce(pg_get_function_sqlbody(p.oid), '') <> '' AS is_bound,
    coalesce(p.proconfig, '{}') AS config,
    CASE WHEN l.lanname = 'sql' THEN coalesce(nullif(pg_get_function_sqlbody(p.oid), ''), p.prosrc)
        ELSE p.prosrc END AS body,
    o.rolname::text AS owner,
    o.rolsuper OR o.rolbypassrls AS owner_bypasses,
    p.proacl IS NULL OR EXISTS (
        SELECT FROM aclexplode(p.proacl) AS x WHERE x.grantee = 0
    ) AS open_to_public,
    p.proacl IS NULL AS default_acl
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_type AS r ON r.oid = p.prorettype
JOIN pg_language AS l ON l.oid = p.prolang
JOIN pg_roles AS o ON o.oid = p.proowner
WHERE
    n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL ($1::text[])
    AND p.prokind IN ('f', 'p')
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname COLLATE "C", p.proname COLLATE "C", 4
