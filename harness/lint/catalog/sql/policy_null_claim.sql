SELECT
    a.attname::text AS name,
    format_type(a.atttypid, a.atttypmod) AS type,
    coalesce(b.typname, t.typname)::text AS base
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
WHERE a.attrelid = %(table)s::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
