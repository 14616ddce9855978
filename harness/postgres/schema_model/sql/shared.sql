-- The relations looked at: user tables and views of user schemas, without the members of extensions.
WITH relations AS MATERIALIZED (
    SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE
        c.relkind IN ('r', 'p', 'f', 'v', 'm')
        AND n.nspname !~ '^pg_'
        AND n.nspname <> 'information_schema'
        AND n.nspname <> ALL ($1::text[])
        -- Some alone, where not all are read.
        AND ($2::oid[] IS NULL OR c.oid = ANY ($2::oid[]))
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        )
)
