SELECT i.indrelid::bigint AS "table", c.relname::text AS name
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i'
ORDER BY 1, 2
