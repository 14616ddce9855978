-- The relations of a schema: oid, schema, name, kind, whether rows are in it itself, its file, and
-- of a sequence the table that owns it.
SELECT
    c.oid, n.nspname, c.relname, c.relkind, c.relkind = 'r', pg_catalog.pg_relation_filenode(c.oid),
    (
        SELECT d.refobjid
        FROM pg_catalog.pg_depend AS d
        WHERE
            c.relkind = 'S'
            AND d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    )
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE
    c.relkind IN ('r', 'p', 'm', 'v', 'S')
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL (%s)
ORDER BY c.oid
