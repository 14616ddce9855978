-- What each role ($2) effectively may, whatever it comes from: object, role, privileges, columns where they differ.
WITH roles AS (
    SELECT oid, rolname FROM pg_roles WHERE rolname = ANY ($2::text[])
), schemas AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
), mine AS (
    SELECT c.oid, c.relkind, s.nspname, c.relname FROM pg_class AS c JOIN schemas AS s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
)
SELECT
    'relation' AS kind, m.oid::bigint AS oid, m.nspname || '.' || m.relname AS object, r.rolname::text AS role, p.name AS privilege,
    CASE
        WHEN has_table_privilege(r.oid, m.oid, p.name || ' WITH GRANT OPTION') THEN 'grantable'
        WHEN has_table_privilege(r.oid, m.oid, p.name) THEN 'yes'
        ELSE 'columns'
    END AS how,
    CASE
        WHEN has_table_privilege(r.oid, m.oid, p.name) OR NOT p.of_columns THEN '{}'
        ELSE ARRAY(
            SELECT a.attname::text FROM pg_attribute AS a
            WHERE a.attrelid = m.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND has_column_privilege(r.oid, m.oid, a.attnum, p.name)
            ORDER BY a.attnum
        )
    END AS columns
FROM mine AS m
CROSS JOIN roles AS r
CROSS JOIN unnest(
    ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']
    || CASE WHEN current_setting('server_version_num')::integer >= 170000 THEN ARRAY['MAINTAIN'] ELSE '{}' END,
    ARRAY[true, true, true, false, false, true, false]
    || CASE WHEN current_setting('server_version_num')::integer >= 170000 THEN ARRAY[false] ELSE '{}' END
) AS p (name, of_columns)
WHERE
    m.relkind <> 'S'
    AND (
        has_table_privilege(r.oid, m.oid, p.name)
        OR CASE WHEN p.of_columns THEN has_any_column_privilege(r.oid, m.oid, p.name) ELSE false END
    )
UNION ALL
SELECT 'sequence', m.oid::bigint, m.nspname || '.' || m.relname, r.rolname, p.name, 'yes', '{}'
FROM mine AS m CROSS JOIN roles AS r CROSS JOIN unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS p (name)
WHERE CASE WHEN m.relkind = 'S' THEN has_sequence_privilege(r.oid, m.oid, p.name) ELSE false END
UNION ALL
SELECT 'schema', s.oid::bigint, s.nspname, r.rolname, p.name, 'yes', '{}'
FROM schemas AS s CROSS JOIN roles AS r CROSS JOIN unnest(ARRAY['USAGE', 'CREATE']) AS p (name)
WHERE has_schema_privilege(r.oid, s.oid, p.name)
UNION ALL
SELECT
    'function', f.oid::bigint,
    s.nspname || '.' || f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')',
    r.rolname, 'EXECUTE', 'yes', '{}'
FROM pg_proc AS f JOIN schemas AS s ON s.oid = f.pronamespace CROSS JOIN roles AS r
WHERE
    f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
    AND f.prokind IN ('f', 'p')
    AND has_function_privilege(r.oid, f.oid, 'EXECUTE')
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e'
    )
ORDER BY 1, 3, 4, 5
