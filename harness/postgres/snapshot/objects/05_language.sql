-- Procedural languages.
SELECT
    'pg_language'::regclass AS classid,
    oid AS objid,
    0 AS objsubid,
    quote_ident(lanname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN lanpltrusted THEN 'TRUSTED' END,
        'HANDLER ' || nullif(lanplcallfoid, 0)::regproc,
        'INLINE ' || nullif(laninline, 0)::regproc,
        'VALIDATOR ' || nullif(lanvalidator, 0)::regproc
    ) AS definition
FROM pg_language
WHERE oid >= 16384 AND oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_language'::regclass)
