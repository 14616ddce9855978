-- Extensions with version and schema; what belongs to them is not listed.
SELECT
    'pg_extension'::regclass AS classid,
    e.oid AS objid,
    0 AS objsubid,
    quote_ident(e.extname) AS identity,
    format('VERSION %L SCHEMA %I', e.extversion, n.nspname) AS definition
FROM pg_extension AS e
JOIN pg_namespace AS n ON n.oid = e.extnamespace
WHERE n.nspname <> ALL ($1::text[])
