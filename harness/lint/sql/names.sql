-- What objects of the schema are called: the kind (schema, relation, other) and the name.
WITH ours AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> %(library)s
)
SELECT 'schema', nspname FROM ours
UNION
SELECT 'relation', relname FROM pg_class JOIN ours ON ours.oid = relnamespace
WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
UNION
SELECT 'other', typname FROM pg_type JOIN ours ON ours.oid = typnamespace
UNION
SELECT 'other', proname FROM pg_proc JOIN ours ON ours.oid = pronamespace
