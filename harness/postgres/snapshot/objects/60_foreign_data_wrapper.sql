-- Foreign-data wrappers; passwords are not read.
SELECT
    'pg_foreign_data_wrapper'::regclass AS classid,
    w.oid AS objid,
    0 AS objsubid,
    quote_ident(w.fdwname) AS identity,
    concat_ws(
        ' ',
        'HANDLER ' || nullif(w.fdwhandler, 0)::regproc,
        'VALIDATOR ' || nullif(w.fdwvalidator, 0)::regproc,
        'OPTIONS (' || (
            SELECT string_agg(regexp_replace(o, '^([^=]*password[^=]*)=.*$', '\1=***'), ', ' ORDER BY o)
            FROM unnest(w.fdwoptions) AS o
        ) || ')'
    ) AS definition
FROM pg_foreign_data_wrapper AS w
WHERE w.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_foreign_data_wrapper'::regclass)
