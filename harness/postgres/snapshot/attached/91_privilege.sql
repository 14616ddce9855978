-- Privileges, for each object and grantee, where other than the built-in default (NONE: that was revoked).
SELECT
    concat(p.kind, ' ', p.identity, ' TO ', CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE p.grantee::regrole::text END) AS identity,
    coalesce(p.granted, 'NONE') AS definition,
    p.unit
FROM (
    SELECT
        f.kind,
        f.identity,
        f.unit,
        e.grantee,
        string_agg(DISTINCT e.privilege, ', ' ORDER BY e.privilege) FILTER (WHERE e.actual) AS granted,
        string_agg(DISTINCT e.privilege, ', ' ORDER BY e.privilege) FILTER (WHERE NOT e.actual) AS built_in
    FROM found AS f
    JOIN (
        SELECT
            'pg_class'::regclass AS classid, oid, 0 AS subid, relowner AS owner, relacl AS acl,
            CASE relkind WHEN 'S' THEN 's' ELSE 'r' END AS class
        FROM pg_class
        UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum::integer, 0, attacl, 'c' FROM pg_attribute
        UNION ALL SELECT 'pg_proc'::regclass, oid, 0, proowner, proacl, 'f' FROM pg_proc
        UNION ALL SELECT 'pg_type'::regclass, oid, 0, typowner, typacl, 'T' FROM pg_type
        UNION ALL SELECT 'pg_namespace'::regclass, oid, 0, nspowner, nspacl, 'n' FROM pg_namespace
        UNION ALL SELECT 'pg_database'::regclass, oid, 0, datdba, datacl, 'd' FROM pg_database
        UNION ALL SELECT 'pg_language'::regclass, oid, 0, lanowner, lanacl, 'l' FROM pg_language
        UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, fdwowner, fdwacl, 'F' FROM pg_foreign_data_wrapper
        UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 0, srvowner, srvacl, 'S' FROM pg_foreign_server
    ) AS o ON o.classid = f.classid AND o.oid = f.objid AND o.subid = f.objsubid
    CROSS JOIN LATERAL (
        SELECT
            x.grantee,
            x.actual,
            concat(
                x.privilege_type,
                CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' END,
                CASE WHEN x.grantor <> o.owner AND o.owner <> 0 THEN ' GRANTED BY ' || x.grantor::regrole END
            ) AS privilege
        FROM (
            SELECT a.*, TRUE AS actual FROM aclexplode(o.acl) AS a
            UNION ALL SELECT d.*, FALSE FROM aclexplode(acldefault(o.class::"char", o.owner)) AS d
        ) AS x
    ) AS e
    WHERE o.acl IS NOT NULL
    GROUP BY f.kind, f.identity, f.unit, e.grantee
) AS p
WHERE p.granted IS DISTINCT FROM p.built_in
