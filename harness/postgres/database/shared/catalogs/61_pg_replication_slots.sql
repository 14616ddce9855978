-- Replication slots; those of a database of ours go with it, temporary ones with their session.
SELECT
    s.slot_name::text AS key,
    '' AS aspect,
    'replication slot' AS kind,
    s.slot_name::text AS name,
    s.slot_type AS content
FROM pg_replication_slots AS s
WHERE NOT s.temporary AND coalesce(s.database NOT IN (SELECT o.datname FROM ours AS o), TRUE)
