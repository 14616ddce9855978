-- Every sequence, qualified and quoted.
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS sequence
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND n.nspname NOT LIKE 'pg\_temp%'
ORDER BY c.oid
