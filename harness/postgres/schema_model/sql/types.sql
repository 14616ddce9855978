-- Every type that a column uses, and what those are made of. WITH RECURSIVE comes from reading.py.
, used (oid) AS (
    -- Distinct for the planner: it would expect a thousand times as many, and take 16 MB for them.
    SELECT DISTINCT a.atttypid
    FROM relations AS r
    JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT part.oid
    FROM used AS u
    JOIN pg_type AS t ON t.oid = u.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype AS oid
        UNION ALL
        SELECT t.typelem
        UNION ALL
        SELECT g.rngsubtype FROM pg_range AS g WHERE g.rngtypid = t.oid OR g.rngmultitypid = t.oid
        UNION ALL
        SELECT g.rngtypid FROM pg_range AS g WHERE g.rngmultitypid = t.oid
        UNION ALL
        SELECT a.atttypid FROM pg_attribute AS a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS part
    WHERE part.oid <> 0
)
SELECT
    t.oid::bigint AS oid,
    n.nspname::text AS schema,
    t.typname::text AS name,
    format_type(t.oid, NULL) AS sql,
    CASE
        -- A true array: point, name and int2vector have elements too.
        WHEN array_of.oid IS NOT NULL THEN 'array'
        ELSE CASE t.typtype
            WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite'
            WHEN 'r' THEN 'range' WHEN 'm' THEN 'multirange' WHEN 'p' THEN 'pseudo' ELSE 'base'
        END
    END AS category,
    array_of.oid::bigint AS element,
    nullif(t.typbasetype, 0)::bigint AS base,
    t.typtypmod AS base_modifier,
    t.typnotnull AS not_null,
    t.typdefault AS default,
    (
        SELECT CASE WHEN g.rngtypid = t.oid THEN g.rngsubtype ELSE g.rngtypid END::bigint
        FROM pg_range AS g
        WHERE t.oid IN (g.rngtypid, g.rngmultitypid)
    ) AS subtype,
    ARRAY(
        SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder
    ) AS labels,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', a.attname, 'type', a.atttypid::bigint, 'modifier', a.atttypmod
        ) ORDER BY a.attnum), '[]')
        FROM pg_attribute AS a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS attributes,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'name', c.conname, 'expression', pg_get_expr(c.conbin, 0), 'validated', c.convalidated
        ) ORDER BY c.conname), '[]')
        FROM pg_constraint AS c
        WHERE c.contypid = t.oid AND c.contype = 'c'
    ) AS checks
FROM used AS u
JOIN pg_type AS t ON t.oid = u.oid
JOIN pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_type AS array_of ON array_of.typarray = t.oid
ORDER BY t.oid
