DELETE FROM {catalog} AS t WHERE to_jsonb(t)::text = ANY(%s)
