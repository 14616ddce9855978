-- Tables and views, by schema and name.
SELECT
    r.oid,
    r.schema,
    r.name,
    CASE
        WHEN r.relkind = 'v' THEN 'view'
        WHEN r.relkind = 'm' THEN 'materialized'
        WHEN r.relkind = 'f' THEN 'foreign'
        WHEN r.relkind = 'p' THEN 'partitioned'
        WHEN c.relispartition THEN 'partition'
        ELSE 'ordinary'
    END AS kind,
    CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' ELSE 'temporary' END AS persistence,
    c.relispartition AS is_partition,
    pg_get_expr(c.relpartbound, c.oid) AS bound,
    CASE WHEN c.relispartition THEN pg_get_partition_constraintdef(c.oid) END AS partition_check,
    CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
    CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
    -- 8 is INSERT, by the server's own rewriter, INSTEAD OF triggers and rules included.
    coalesce(u.bits & 8 <> 0, r.relkind <> 'm') AS insertable,
    c.relrowsecurity AS row_security,
    ARRAY(
        SELECT h.inhparent::bigint FROM pg_inherits AS h WHERE h.inhrelid = r.oid ORDER BY h.inhseqno
    ) AS parents,
    ARRAY(
        SELECT DISTINCT d.refobjid::bigint
        FROM pg_rewrite AS w
        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        WHERE r.relkind IN ('v', 'm') AND w.ev_class = r.oid AND w.ev_type = '1' AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.oid
    ) AS reads,
    coalesce((
        SELECT json_agg(json_build_object(
            'name', w.rulename,
            'event', CASE w.ev_type WHEN '2' THEN 'update' WHEN '3' THEN 'insert' ELSE 'delete' END,
            'instead', w.is_instead AND w.ev_qual::text = '<>'
        ) ORDER BY w.rulename COLLATE "C")
        FROM pg_rewrite AS w
        WHERE w.ev_class = r.oid AND w.ev_type IN ('2', '3', '4') AND w.ev_enabled IN ('O', 'A')
    ), '[]'::json) AS rules,
    CASE WHEN o.rolsuper THEN '' ELSE o.rolname::text END AS owner,
    array_remove(ARRAY[
        CASE WHEN r.relkind NOT IN ('v', 'm', 'f') OR u.bits & 8 <> 0 THEN 'insert' END,
        CASE WHEN r.relkind NOT IN ('v', 'm', 'f') OR u.bits & 4 <> 0 THEN 'update' END,
        CASE WHEN r.relkind NOT IN ('v', 'm', 'f') OR u.bits & 16 <> 0 THEN 'delete' END,
        'select'
    ], NULL) AS commands,
    coalesce((
        SELECT json_agg(json_build_object('role', g.role, 'command', g.command, 'columns', g.columns)
            ORDER BY g.role COLLATE "C", g.command COLLATE "C")
        FROM (
            -- A grant on the whole says all that those on columns say.
            SELECT
                coalesce(p.rolname::text, 'PUBLIC') AS role,
                lower(a.privilege_type) AS command,
                CASE
                    WHEN bool_or(a.attname IS NULL) THEN ARRAY[]::text[]
                    ELSE array_agg(a.attname::text ORDER BY a.attnum)
                END AS columns
            FROM (
                SELECT x.grantee, x.privilege_type, NULL::name AS attname, 0 AS attnum
                FROM aclexplode(c.relacl) AS x
                UNION ALL
                SELECT x.grantee, x.privilege_type, t.attname, t.attnum
                FROM pg_attribute AS t CROSS JOIN aclexplode(t.attacl) AS x
                WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL AND NOT t.attisdropped
            ) AS a
            LEFT JOIN pg_roles AS p ON p.oid = a.grantee
            WHERE
                a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'SELECT')
                AND a.grantee <> c.relowner
                AND (a.grantee = 0 OR (NOT p.rolsuper AND p.rolname !~ '^pg_'))
            GROUP BY 1, 2
        ) AS g
    ), '[]'::json) AS grants
FROM relations AS r
JOIN pg_class AS c ON c.oid = r.oid
JOIN pg_roles AS o ON o.oid = c.relowner
CROSS JOIN LATERAL (
    SELECT CASE WHEN r.relkind IN ('v', 'f') THEN pg_relation_is_updatable(c.oid, true) END AS bits
) AS u
ORDER BY r.schema COLLATE "C", r.name COLLATE "C"
