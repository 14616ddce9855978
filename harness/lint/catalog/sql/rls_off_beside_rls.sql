SELECT confrelid::bigint AS target FROM pg_constraint
WHERE contype = 'f' AND conrelid = %(table)s::bigint::oid
