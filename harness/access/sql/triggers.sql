-- Triggers that an INSERT fires, and their functions.
SELECT t.tgrelid::bigint AS relation, t.tgfoid::bigint AS function
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE
    NOT t.tgisinternal
    AND t.tgenabled IN ('O', 'A')
    AND t.tgtype & 4 <> 0
    AND n.nspname !~ '^pg_'
    AND n.nspname <> ALL ($1::text[])
ORDER BY t.tgrelid, t.tgname COLLATE "C"
