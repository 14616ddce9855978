-- Which table refers to which: a table cannot be truncated without those that refer to it.
SELECT
    quote_ident(tn.nspname) || '.' || quote_ident(tc.relname) AS referred,
    quote_ident(fn.nspname) || '.' || quote_ident(fc.relname) AS referring
FROM pg_constraint AS k
INNER JOIN pg_class AS fc ON fc.oid = k.conrelid
INNER JOIN pg_namespace AS fn ON fn.oid = fc.relnamespace
INNER JOIN pg_class AS tc ON tc.oid = k.confrelid
INNER JOIN pg_namespace AS tn ON tn.oid = tc.relnamespace
WHERE k.contype = 'f'
