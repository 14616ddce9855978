-- As superuser: what ALTER SYSTEM has written.
SELECT
    f.name AS key,
    'the server''s ' AS aspect,
    'setting' AS kind,
    f.name,
    f.setting AS content
FROM pg_file_settings AS f
WHERE f.sourcefile LIKE '%/postgresql.auto.conf' AND f.name IS NOT NULL
