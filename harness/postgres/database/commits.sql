-- The first transaction id that was not given yet, whether any from :since on was committed (NULL
-- where they are too many to be looked at), and whether another session or a prepared transaction
-- is in this database.
SELECT
    upcoming.id,
    CASE WHEN upcoming.id - %(since)s <= 50000 THEN EXISTS (
        SELECT FROM generate_series(%(since)s::bigint, upcoming.id - 1) AS given (id)
        WHERE pg_xact_status(given.id::text::xid8) = 'committed'
    ) END,
    pg_stat_get_db_numbackends(d.oid) > 1
    OR EXISTS (SELECT FROM pg_prepared_xact() AS p WHERE p.dbid = d.oid)
FROM pg_database AS d
-- OFFSET 0: asked once, not for every row.
CROSS JOIN (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint OFFSET 0) AS upcoming (id)
WHERE d.datname = current_database()
