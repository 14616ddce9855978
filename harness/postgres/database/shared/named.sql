-- What every query may use: the databases that the harness made, and how shared objects are called.
WITH ours AS MATERIALIZED (
    SELECT d.oid, d.datname
    FROM pg_database AS d
    -- By our prefix, but for the one of pytest-postgresql's fixtures on an ephemeral server. These
    -- are no parameters: a statement without any has its plan from the second time on.
    WHERE starts_with(d.datname, 'harness_') OR d.datname = 'tests'
),

named AS MATERIALIZED (
    SELECT 'pg_authid'::regclass::oid AS classid, r.oid, 'role' AS kind, r.rolname::text AS name
    FROM pg_roles AS r
    UNION ALL
    SELECT 'pg_database'::regclass, d.oid, 'database', d.datname
    FROM pg_database AS d
    WHERE d.oid NOT IN (SELECT o.oid FROM ours AS o)
    UNION ALL
    SELECT 'pg_tablespace'::regclass, t.oid, 'tablespace', t.spcname
    FROM pg_tablespace AS t
)
