-- Foreign tables: what reads them, and the options that say where their rows are. $1 are schemas left out.
SELECT
    c.oid::bigint AS oid,
    h.proname::text AS handler,
    w.fdwname::text AS wrapper,
    s.srvname::text AS server,
    ARRAY(SELECT option_name::text FROM pg_options_to_table(s.srvoptions)) AS server_options,
    ARRAY(SELECT option_name::text FROM pg_options_to_table(t.ftoptions)) AS options,
    ARRAY(
        SELECT a.attname::text FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND EXISTS (
            SELECT FROM pg_options_to_table(a.attfdwoptions) WHERE option_name = 'column_name'
        )
    ) AS renamed,
    ARRAY(
        SELECT json_build_object(
            'role', coalesce(r.rolname, 'public'),
            'options', ARRAY(SELECT option_name FROM pg_options_to_table(u.umoptions)),
            'user', (SELECT option_value FROM pg_options_to_table(u.umoptions) WHERE option_name = 'user')
        )
        FROM pg_user_mapping AS u LEFT JOIN pg_roles AS r ON r.oid = u.umuser
        WHERE u.umserver = s.oid
    ) AS mappings
FROM pg_foreign_table AS t
JOIN pg_class AS c ON c.oid = t.ftrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_foreign_server AS s ON s.oid = t.ftserver
JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
LEFT JOIN pg_proc AS h ON h.oid = w.fdwhandler
WHERE n.nspname !~ '^pg_' AND n.nspname <> ALL ($1::text[])
ORDER BY c.oid
