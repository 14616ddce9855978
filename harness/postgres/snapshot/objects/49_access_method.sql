-- Access methods of tables and indexes.
SELECT
    'pg_am'::regclass AS classid,
    oid AS objid,
    0 AS objsubid,
    quote_ident(amname) AS identity,
    format('TYPE %s HANDLER %s', CASE amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, amhandler) AS definition
FROM pg_am
WHERE oid >= 16384 AND oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_am'::regclass)
