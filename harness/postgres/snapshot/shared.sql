-- What every query may use: the schemas and relations that are looked at, and what belongs to something else.
WITH schemas AS MATERIALIZED (
    SELECT oid, quote_ident(nspname) AS name
    FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
),

members AS MATERIALIZED (
    SELECT classid, objid
    FROM pg_depend
    WHERE
        deptype = 'e'
        -- A range type's constructors and cast.
        OR (deptype = 'i' AND classid IN ('pg_proc'::regclass, 'pg_cast'::regclass))
),

relations AS MATERIALIZED (
    SELECT c.oid, c.relkind, c.relname, format('%s.%I', s.name, c.relname) AS name
    FROM pg_class AS c
    JOIN schemas AS s ON s.oid = c.relnamespace
    WHERE
        c.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_class'::regclass)
        -- The tables that were named to be left out; what hangs on them goes with them.
        AND (s.name, c.relname) NOT IN (SELECT quote_ident(t.schema), t.name FROM unnest($2::text[], $3::text[]) AS t (schema, name))
        -- Of a composite type, it is the type that belongs to the extension.
        AND NOT (c.relkind = 'c' AND c.reltype IN (SELECT objid FROM members WHERE classid = 'pg_type'::regclass))
)
