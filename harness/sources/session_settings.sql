-- What a session has set, the role last, since it may not be allowed the others.
SELECT name, setting
FROM pg_catalog.pg_settings
WHERE source = 'session' AND context IN ('user', 'superuser') AND name <> 'session_authorization'
UNION ALL
SELECT 'role', current_setting('role')
WHERE current_setting('role') <> 'none'
