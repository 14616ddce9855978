-- Columns in the order of their positions.
SELECT
    r.oid AS "table",
    a.attname::text AS name,
    a.attnum::integer AS position,
    a.atttypid::bigint AS type,
    a.atttypmod AS modifier,
    format_type(a.atttypid, a.atttypmod) AS type_sql,
    a.attnotnull AS not_null,
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS default,
    -- The functions and operators of the stored expression; built-in ones are in no dependency.
    CASE WHEN a.attgenerated = '' AND d.adbin IS NOT NULL THEN coalesce(
        (
            SELECT CASE min(CASE p.provolatile WHEN 'v' THEN 0 WHEN 's' THEN 1 ELSE 2 END)
                WHEN 0 THEN 'volatile' WHEN 1 THEN 'stable'
            END
            FROM regexp_matches(d.adbin::text, ':(?:funcid|opfuncid) (\d+)', 'g') AS m (found)
            JOIN pg_proc AS p ON p.oid = m.found[1]::oid
        ),
        CASE
            WHEN d.adbin::text ~ '\{NEXTVALUEEXPR' THEN 'volatile'
            -- CURRENT_TIMESTAMP and its kind; a conversion by I/O such as 'x'::text::timestamptz.
            WHEN d.adbin::text ~ '\{(SQLVALUEFUNCTION|COERCEVIAIO)' THEN 'stable'
            ELSE 'immutable'
        END
    ) END AS volatility,
    CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS generated,
    CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS generated_kind,
    CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity,
    CASE WHEN a.attcollation <> 0 THEN (
        SELECT format('%I.%I', n.nspname, c.collname)
        FROM pg_collation AS c JOIN pg_namespace AS n ON n.oid = c.collnamespace
        WHERE c.oid = a.attcollation
    ) END AS collation,
    a.attinhcount > 0 AS inherited,
    -- Through INSTEAD OF UPDATE alone any column may be changed, and a row may come in by itself.
    CASE
        WHEN r.relkind <> 'v' THEN true
        WHEN i.by_itself THEN pg_column_is_updatable(r.oid, a.attnum, false)
        ELSE pg_column_is_updatable(r.oid, a.attnum, true) OR i.instead
    END AS writable
FROM relations AS r
JOIN pg_attribute AS a ON a.attrelid = r.oid
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
-- What stands for INSERT or UPDATE takes every column.
LEFT JOIN LATERAL (
    SELECT
        coalesce(bool_or(stands), false) AS instead,
        NOT coalesce(bool_or(stands AND inserts), false) AND pg_relation_is_updatable(r.oid, true) & 8 <> 0 AS by_itself
    FROM (
        SELECT g.tgtype & 20 <> 0, g.tgtype & 4 <> 0
        FROM pg_trigger AS g
        WHERE g.tgrelid = r.oid AND NOT g.tgisinternal AND g.tgtype & 64 <> 0
        UNION ALL
        SELECT w.ev_type IN ('2', '3'), w.ev_type = '3'
        FROM pg_rewrite AS w
        WHERE w.ev_class = r.oid AND w.is_instead AND w.ev_qual::text = '<>'
    ) AS found (stands, inserts)
) AS i ON r.relkind = 'v'
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY r.oid, a.attnum
