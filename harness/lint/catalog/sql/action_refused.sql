-- Foreign keys of one column whose action changes it, with the CHECKs of that column alone.
SELECT
    n.nspname::text AS schema,
    c.relname::text AS "table",
    k.conname::text AS name,
    k.confupdtype = 'c' AS cascades,
    k.confdeltype = 'n' AS nulls,
    o.conname::text AS "check",
    pg_get_expr(o.conbin, o.conrelid) AS condition,
    quote_ident(a.attname) AS "column"
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN
    pg_constraint AS o
    ON o.conrelid = k.conrelid AND o.contype = 'c' AND o.conkey = k.conkey
WHERE
    k.contype = 'f' AND cardinality(k.conkey) = 1 AND k.conparentid = 0
    AND (k.confupdtype = 'c' OR k.confdeltype = 'n')
ORDER BY 1, 2, 3, 6
