-- From PostgreSQL 15: schemas of publications.
SELECT
    'pg_publication_namespace'::regclass AS classid,
    p.oid AS objid,
    0 AS objsubid,
    format('%s IN %I', s.name, b.pubname) AS identity,
    '' AS definition
FROM pg_publication_namespace AS p
JOIN pg_publication AS b ON b.oid = p.pnpubid
JOIN schemas AS s ON s.oid = p.pnnspid
