-- The relations of a schema: oid, schema, name, kind, whether rows are in it itself, its file.
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relkind = 'r', pg_catalog.pg_relation_filenode(c.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE
    c.relkind IN ('r', 'p', 'm', 'v', 'S')
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL (%s)
ORDER BY c.oid
