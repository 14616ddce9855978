-- Schemas.
SELECT 'pg_namespace'::regclass AS classid, oid AS objid, 0 AS objsubid, name AS identity, '' AS definition
FROM schemas
WHERE oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_namespace'::regclass)
