-- Move sequences on, away from the small numbers that a migration's own rows may have.
SELECT pg_catalog.setval(s.seqrelid, 1000)
FROM pg_catalog.pg_sequence AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE
    n.nspname !~ '^pg_'
    AND s.seqincrement > 0
    AND s.seqmin < 1000
    AND s.seqmax > 1000000
    AND coalesce(pg_catalog.pg_sequence_last_value(s.seqrelid), 0) < 1000
