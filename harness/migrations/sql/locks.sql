-- Locks on relations of this database, of all sessions but the ones that only look.
SELECT l.relation, l.mode
FROM pg_catalog.pg_locks AS l
WHERE
    l.locktype = 'relation'
    AND l.granted
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    AND l.pid <> ALL (%s)
    AND l.relation >= 16384
