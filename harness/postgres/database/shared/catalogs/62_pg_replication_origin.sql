-- Replication origins; those that the server itself makes go with their subscription.
SELECT
    o.roname AS key,
    '' AS aspect,
    'replication origin' AS kind,
    o.roname AS name,
    '' AS content
FROM pg_replication_origin AS o
WHERE o.roname !~ '^pg_[0-9]+'
