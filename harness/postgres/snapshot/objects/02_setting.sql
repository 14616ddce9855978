-- What ALTER DATABASE ... SET and ALTER ROLE ... IN DATABASE ... SET left.
SELECT
    'pg_db_role_setting'::regclass AS classid,
    0::oid AS objid,
    0 AS objsubid,
    coalesce('ROLE ' || nullif(s.setrole, 0)::regrole || ' ', '') || split_part(c.setting, '=', 1) AS identity,
    substr(c.setting, strpos(c.setting, '=') + 1) AS definition
FROM pg_db_role_setting AS s
CROSS JOIN unnest(s.setconfig) AS c (setting)
WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
