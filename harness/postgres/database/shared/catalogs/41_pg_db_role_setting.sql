-- ALTER ROLE ... SET and ALTER DATABASE ... SET.
SELECT
    concat_ws(' ', s.setdatabase, s.setrole) AS key,
    CASE
        WHEN s.setdatabase = 0 OR s.setrole = 0 THEN 'the settings of '
        ELSE format('the settings of role %s in ', r.rolname)
    END AS aspect,
    CASE
        WHEN s.setdatabase <> 0 THEN 'database'
        WHEN s.setrole <> 0 THEN 'role'
        ELSE 'all'
    END AS kind,
    coalesce(d.datname, r.rolname, 'roles')::text AS name,
    to_jsonb(s)::text AS content
FROM pg_db_role_setting AS s
LEFT JOIN pg_roles AS r ON r.oid = s.setrole
LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
WHERE s.setdatabase NOT IN (SELECT o.oid FROM ours AS o)
