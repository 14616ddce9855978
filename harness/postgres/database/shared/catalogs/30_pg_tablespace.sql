-- Tablespaces.
SELECT
    t.oid::text AS key,
    '' AS aspect,
    'tablespace' AS kind,
    t.spcname::text AS name,
    to_jsonb(t)::text AS content
FROM pg_tablespace AS t
