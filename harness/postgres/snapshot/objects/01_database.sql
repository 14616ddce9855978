-- The database itself, nameless so that copies compare equal: what is granted on it and said of it.
SELECT 'pg_database'::regclass AS classid, oid AS objid, 0 AS objsubid, '(current)' AS identity, '' AS definition
FROM pg_database
WHERE datname = current_database()
