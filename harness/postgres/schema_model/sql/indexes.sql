-- Indexes by name, those of constraints included.
SELECT
    r.oid AS "table",
    n.nspname::text AS schema,
    x.relname::text AS name,
    m.amname::text AS method,
    i.indisunique AS is_unique,
    i.indisprimary AS is_primary,
    i.indisexclusion AS is_exclusion,
    i.indisvalid AS valid,
    i.indimmediate AS immediate,
    coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_not_distinct,
    pg_get_indexdef(i.indexrelid) AS definition,
    pg_get_expr(i.indpred, i.indrelid) AS predicate,
    ARRAY(
        SELECT a.attname::text
        FROM generate_series(0, i.indnkeyatts - 1) AS k
        LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k] AND i.indkey[k] <> 0
        ORDER BY k
    ) AS columns,
    ARRAY(
        SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts::integer) AS k ORDER BY k
    ) AS keys,
    -- Key columns, and what a key expression or the predicate reads. INCLUDE columns are only carried along.
    ARRAY(
        SELECT a.attname::text
        FROM pg_attribute AS a
        CROSS JOIN LATERAL (
            SELECT
                count(*) FILTER (WHERE k.n <= i.indnkeyatts) AS keys,
                count(*) FILTER (WHERE k.n > i.indnkeyatts) AS included
            FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
            WHERE k.attnum = a.attnum
        ) AS place
        WHERE
            a.attrelid = i.indrelid
            AND a.attnum > 0
            AND (place.keys > 0 OR (place.included = 0 AND EXISTS (
                SELECT FROM pg_depend AS d
                WHERE
                    d.classid = 'pg_class'::regclass
                    AND d.objid = i.indexrelid
                    AND d.refclassid = 'pg_class'::regclass
                    AND d.refobjid = i.indrelid
                    AND d.refobjsubid = a.attnum
            )))
        ORDER BY a.attnum
    ) AS reads,
    (
        SELECT c.conname::text FROM pg_constraint AS c
        WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x') AND c.conrelid = i.indrelid
    ) AS constraint,
    EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhrelid = i.indexrelid) AS inherited
FROM pg_index AS i
JOIN relations AS r ON r.oid = i.indrelid
JOIN pg_class AS x ON x.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = x.relnamespace
JOIN pg_am AS m ON m.oid = x.relam
ORDER BY r.oid, x.relname COLLATE "C"
