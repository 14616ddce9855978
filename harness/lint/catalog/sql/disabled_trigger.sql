SELECT tgrelid::bigint AS "table", tgname::text AS name
FROM pg_trigger WHERE tgenabled = 'D' AND NOT tgisinternal
ORDER BY 1, 2
