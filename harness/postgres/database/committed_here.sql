-- Whether a transaction that changed this database may have been committed since the counters were
-- last reset: rows that were changed are counted at a commit alone, and ANALYZE forgets them.
SELECT
    EXISTS (
        SELECT FROM pg_class AS c
        WHERE
            c.relkind IN ('r', 'm', 't')
            AND NOT c.relisshared
            AND pg_stat_get_mod_since_analyze(c.oid) + pg_stat_get_analyze_count(c.oid)
            + pg_stat_get_autoanalyze_count(c.oid) > 0
    )
    OR (
        SELECT count(*) <> %(settings)s OR count(*) FILTER (WHERE age(s.xmin) <= since.age) > 0
        FROM pg_db_role_setting AS s
        WHERE s.setdatabase = d.oid
    )
    OR age(d.xmin) <= since.age
FROM pg_database AS d
CROSS JOIN (SELECT age(%(since)s::text::xid) AS age) AS since
WHERE d.datname = current_database()
