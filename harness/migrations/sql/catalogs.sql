-- The system catalogs that belong to a database, as far as the role may read them; statistics are
-- no definitions.
SELECT format('pg_catalog.%I', relname)
FROM pg_catalog.pg_class
WHERE
    relnamespace = 'pg_catalog'::regnamespace
    AND relkind = 'r'
    AND NOT relisshared
    AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject')
    AND has_table_privilege(oid, 'SELECT')
ORDER BY relname
