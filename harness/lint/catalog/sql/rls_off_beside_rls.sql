-- The tables that a table refers to; "key" is false. Those that have its key for theirs; "key" is true.
SELECT confrelid::bigint AS target, false AS key FROM pg_constraint
WHERE contype = 'f' AND conrelid = %(table)s::bigint::oid
UNION ALL
SELECT f.conrelid::bigint, true FROM pg_constraint AS f
JOIN pg_constraint AS p ON p.conrelid = f.conrelid AND p.contype = 'p' AND p.conkey = f.conkey
WHERE f.contype = 'f' AND f.confrelid = %(table)s::bigint::oid AND f.conrelid <> f.confrelid
