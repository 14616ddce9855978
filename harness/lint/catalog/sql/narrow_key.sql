SELECT
    k.conrelid::bigint AS "table",
    a.attname::text AS name,
    format_type(a.atttypid, NULL) AS type
FROM pg_constraint AS k
JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
WHERE
    k.contype = 'p' AND a.atttypid IN ('int2'::regtype, 'int4'::regtype)
    AND EXISTS (
        SELECT FROM pg_depend AS d JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
        WHERE d.refobjid = k.conrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
    )
ORDER BY 1, 2
