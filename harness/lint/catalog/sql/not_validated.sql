SELECT conrelid::bigint AS "table", conname::text AS name
FROM pg_constraint WHERE NOT convalidated AND conrelid <> 0
    AND coalesce((to_jsonb(pg_constraint) ->> 'conenforced')::boolean, true)
ORDER BY 1, 2
