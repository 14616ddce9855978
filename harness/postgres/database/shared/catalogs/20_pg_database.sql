-- Databases that the harness did not make, without what moves by itself.
SELECT
    d.oid::text AS key,
    '' AS aspect,
    'database' AS kind,
    d.datname::text AS name,
    jsonb_build_object(
        'oid', d.oid,
        'datname', d.datname,
        'datdba', d.datdba,
        'datistemplate', d.datistemplate,
        'datallowconn', d.datallowconn,
        'datconnlimit', d.datconnlimit,
        'dattablespace', d.dattablespace,
        'datacl', d.datacl
    )::text AS content
FROM pg_database AS d
WHERE d.oid NOT IN (SELECT o.oid FROM ours AS o)
