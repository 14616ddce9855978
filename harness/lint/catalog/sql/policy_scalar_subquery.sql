-- The unique keys of a table: columns and expressions, and the condition of a partial one.
SELECT
    ARRAY(
        SELECT pg_get_indexdef(i.indexrelid, n, TRUE) FROM generate_series(1, i.indnkeyatts) AS n
    ) AS columns,
    pg_get_expr(i.indpred, i.indrelid) AS predicate
FROM pg_index AS i
WHERE i.indisunique AND i.indisvalid AND i.indrelid = to_regclass(%(table)s)
