-- Enums, and every column of a table that is of one, with its default.
SELECT
    n.nspname::text AS schema,
    t.typname::text AS name,
    ARRAY(SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels,
    ARRAY(
        SELECT array[tn.nspname::text, c.relname::text, a.attname::text, coalesce(pg_get_expr(d.adbin, d.adrelid), '')]
        FROM pg_attribute AS a
        JOIN pg_class AS c ON c.oid = a.attrelid
        JOIN pg_namespace AS tn ON tn.oid = c.relnamespace
        LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.atttypid = t.oid AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND a.attinhcount = 0
        ORDER BY 1
    ) AS columns
FROM pg_type AS t
JOIN pg_namespace AS n ON n.oid = t.typnamespace
WHERE
    t.typtype = 'e'
    AND n.nspname <> ALL ($1::text[])
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
    )
ORDER BY 1, 2
