-- Foreign servers; passwords are not read.
SELECT
    'pg_foreign_server'::regclass AS classid,
    v.oid AS objid,
    0 AS objsubid,
    quote_ident(v.srvname) AS identity,
    concat_ws(
        ' ',
        'TYPE ' || quote_literal(v.srvtype),
        'VERSION ' || quote_literal(v.srvversion),
        'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname),
        'OPTIONS (' || (
            SELECT string_agg(regexp_replace(o, '^([^=]*password[^=]*)=.*$', '\1=***'), ', ' ORDER BY o)
            FROM unnest(v.srvoptions) AS o
        ) || ')'
    ) AS definition
FROM pg_foreign_server AS v
JOIN pg_foreign_data_wrapper AS w ON w.oid = v.srvfdw
WHERE v.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_foreign_server'::regclass)
