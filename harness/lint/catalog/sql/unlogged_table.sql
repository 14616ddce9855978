SELECT oid::bigint AS "table" FROM pg_class
WHERE relpersistence = 'u' AND relkind IN ('r', 'p')
ORDER BY 1
