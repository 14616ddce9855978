-- The columns of tables, by the numbers that they keep whatever they are called.
SELECT attrelid, attname, attnum::integer
FROM pg_catalog.pg_attribute
WHERE attrelid = ANY (%s) AND attnum > 0 AND NOT attisdropped
