-- What every query may use: the schemas and relations that are looked at, and what belongs to something else.
WITH wanted AS MATERIALIZED (
    -- The units (see units.sql) that are read again, where not everything is.
    SELECT unnest($4::oid[]) AS unit
),

named AS MATERIALIZED (
    -- The tables that were named to be left out; what hangs on them goes with them.
    SELECT c.oid, c.relnamespace
    FROM unnest($2::text[], $3::text[]) AS t (schema, name)
    JOIN pg_namespace AS n ON n.nspname = t.schema
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
),

owned AS MATERIALIZED (
    -- And the sequences that number their rows.
    SELECT d.objid AS oid
    FROM pg_depend AS d
    JOIN named ON named.oid = d.refobjid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
),

schemas AS MATERIALIZED (
    SELECT n.oid, quote_ident(n.nspname) AS name
    FROM pg_namespace AS n
    WHERE
        n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname <> ALL ($1::text[])
        -- A schema that a tool has made for its table, with nothing else in it.
        AND (
            n.nspname = 'public'
            OR n.oid NOT IN (SELECT relnamespace FROM named)
            OR EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = n.oid)
            OR EXISTS (
                SELECT FROM pg_class AS c
                WHERE
                    c.relnamespace = n.oid
                    AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
                    AND c.oid NOT IN (SELECT oid FROM named)
                    AND c.oid NOT IN (SELECT oid FROM owned)
            )
        )
),

members AS MATERIALIZED (
    SELECT classid, objid
    FROM pg_depend
    WHERE
        deptype = 'e'
        -- A range type's constructors and cast.
        OR (deptype = 'i' AND classid IN ('pg_proc'::regclass, 'pg_cast'::regclass))
),

every_relation AS MATERIALIZED (
    SELECT c.oid, c.relkind, c.relname, format('%s.%I', s.name, c.relname) AS name
    FROM pg_class AS c
    JOIN schemas AS s ON s.oid = c.relnamespace
    WHERE
        c.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_class'::regclass)
        AND c.oid NOT IN (SELECT oid FROM named)
        AND c.oid NOT IN (SELECT oid FROM owned)
        -- Of a composite type, it is the type that belongs to the extension.
        AND NOT (c.relkind = 'c' AND c.reltype IN (SELECT objid FROM members WHERE classid = 'pg_type'::regclass))
),

relations AS MATERIALIZED (
    SELECT *
    FROM every_relation AS r
    WHERE
        $4::oid[] IS NULL
        OR r.oid IN (SELECT unit FROM wanted)
        OR r.oid IN (SELECT i.indexrelid FROM pg_index AS i WHERE i.indrelid IN (SELECT unit FROM wanted))
)
