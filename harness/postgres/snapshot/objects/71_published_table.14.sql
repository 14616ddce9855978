-- Until PostgreSQL 14: tables of publications, whole.
SELECT
    'pg_publication_rel'::regclass AS classid,
    p.oid AS objid,
    0 AS objsubid,
    format('%s IN %I', r.name, b.pubname) AS identity,
    '' AS definition
FROM pg_publication_rel AS p
JOIN pg_publication AS b ON b.oid = p.prpubid
JOIN relations AS r ON r.oid = p.prrelid
