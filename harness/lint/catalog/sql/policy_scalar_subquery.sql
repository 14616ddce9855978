SELECT ARRAY(
    SELECT a.attname::text FROM pg_attribute AS a
    WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
) AS columns
FROM pg_index AS i
WHERE i.indisunique AND i.indpred IS NULL AND i.indrelid = to_regclass(%(table)s)
