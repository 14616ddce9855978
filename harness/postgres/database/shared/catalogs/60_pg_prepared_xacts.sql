-- Prepared transactions; those of a database of ours go with it.
SELECT
    p.gid AS key,
    '' AS aspect,
    'prepared transaction' AS kind,
    p.gid AS name,
    jsonb_build_object('database', p.database)::text AS content
FROM pg_prepared_xacts AS p
WHERE p.database NOT IN (SELECT o.datname FROM ours AS o)
