-- Views and materialized views, each after those that it reads.
WITH RECURSIVE views AS (
    SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind, c.reloptions, c.relowner, c.relacl
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE
        c.relkind IN ('v', 'm')
        AND n.nspname !~ '^pg_'
        AND n.nspname <> 'information_schema'
        AND n.nspname <> ALL ($1::text[])
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        )
),
reads AS (
    SELECT DISTINCT w.ev_class AS view, d.refobjid AS relation, d.refobjsubid AS "column"
    FROM pg_rewrite AS w
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
),
depths AS (
    SELECT v.oid, 1 AS depth FROM views AS v
    UNION
    SELECT r.view, d.depth + 1
    FROM depths AS d
    JOIN reads AS r ON r.relation = d.oid
    WHERE d.depth < 50
)
SELECT
    v.schema,
    v.name,
    v.relkind = 'm' AS materialized,
    pg_get_viewdef(v.oid) AS definition,
    coalesce(v.reloptions, '{}') AS options,
    pg_get_userbyid(v.relowner)::text AS owner,
    ARRAY(
        SELECT format(
            'GRANT %s ON %I.%I TO %s%s', a.privilege_type, v.schema, v.name,
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
        )
        FROM aclexplode(v.relacl) AS a
        WHERE a.grantee <> v.relowner
    ) AS grants,
    ARRAY(
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger AS t WHERE t.tgrelid = v.oid AND NOT t.tgisinternal
    ) AS triggers,
    ARRAY(
        SELECT array[n.nspname::text, c.relname::text, coalesce(a.attname::text, '')]
        FROM reads AS r
        JOIN pg_class AS c ON c.oid = r.relation
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute AS a ON a.attrelid = r.relation AND a.attnum = r.column AND r.column > 0
        WHERE r.view = v.oid AND c.relkind <> 'S'
    ) AS reads
FROM views AS v
JOIN (SELECT oid, max(depth) AS depth FROM depths GROUP BY oid) AS d ON d.oid = v.oid
ORDER BY d.depth, 1, 2
