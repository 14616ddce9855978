-- Constraints of tables by name; NOT NULL stands with its column, constraint triggers with the triggers.
SELECT
    r.oid AS "table",
    c.conname::text AS name,
    CASE c.contype
        WHEN 'c' THEN 'check' WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique'
        WHEN 'f' THEN 'foreign key' WHEN 'x' THEN 'exclude'
    END AS kind,
    -- 0 is an expression of an exclusion constraint.
    ARRAY(
        SELECT coalesce(a.attname::text, '')
        FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum AND k.attnum > 0
        ORDER BY k.n
    ) AS columns,
    pg_get_constraintdef(c.oid) AS definition,
    CASE WHEN c.contype = 'c' THEN pg_get_expr(c.conbin, c.conrelid) END AS expression,
    c.condeferrable AS deferrable,
    c.condeferred AS deferred,
    c.convalidated AS validated,
    -- Named in jsonb, since older versions lack the columns.
    coalesce((j.facts ->> 'conenforced')::boolean, true) AS enforced,
    coalesce((j.facts ->> 'conperiod')::boolean, false) AS period,
    c.connoinherit AS no_inherit,
    c.coninhcount > 0 OR c.conparentid <> 0 AS inherited,
    x.relname::text AS index,
    coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_not_distinct,
    f.oid::bigint AS target,
    tn.nspname::text AS target_schema,
    f.relname::text AS target_name,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, n)
        JOIN pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = k.attnum
        ORDER BY k.n
    ) AS target_columns,
    c.confdeltype AS on_delete,
    c.confupdtype AS on_update,
    c.confmatchtype AS match,
    ARRAY(
        SELECT a.attname::text
        FROM jsonb_array_elements_text(
            CASE jsonb_typeof(j.facts -> 'confdelsetcols') WHEN 'array' THEN j.facts -> 'confdelsetcols' ELSE '[]' END
        ) AS s (attnum)
        JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = s.attnum::integer
    ) AS on_delete_columns,
    ARRAY(
        SELECT o.oprname::text
        FROM unnest(c.conexclop) WITH ORDINALITY AS e (oid, n)
        JOIN pg_operator AS o ON o.oid = e.oid
        ORDER BY e.n
    ) AS operators
FROM pg_constraint AS c
-- OFFSET keeps the server from writing a row as JSON again each time that it is looked at.
CROSS JOIN LATERAL (SELECT to_jsonb(c) AS facts OFFSET 0) AS j
JOIN relations AS r ON r.oid = c.conrelid
LEFT JOIN pg_class AS f ON f.oid = c.confrelid AND c.contype = 'f'
LEFT JOIN pg_namespace AS tn ON tn.oid = f.relnamespace
LEFT JOIN pg_index AS i ON i.indexrelid = c.conindid AND c.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class AS x ON x.oid = i.indexrelid
WHERE
    c.contype IN ('c', 'p', 'u', 'f', 'x')
    -- The server's own copies, one for each partition of the table referred to.
    AND NOT EXISTS (SELECT FROM pg_constraint AS p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)
ORDER BY r.oid, c.conname COLLATE "C"
