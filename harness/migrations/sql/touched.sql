-- Tables within the transaction: file, rows that were read.
SELECT
    c.oid,
    pg_catalog.pg_relation_filenode(c.oid),
    pg_catalog.pg_stat_get_xact_tuples_returned(c.oid)
    + pg_catalog.pg_stat_get_xact_tuples_fetched(c.oid)
FROM pg_catalog.pg_class AS c
WHERE c.oid = ANY (%s)
