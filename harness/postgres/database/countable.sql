-- Whether the server's counters can be believed and reset: nothing in the database switches them off.
SELECT
    current_setting('is_superuser')::boolean
    AND current_setting('track_counts')::boolean
    AND NOT EXISTS (
        SELECT FROM pg_proc AS p
        WHERE
            p.oid >= 16384
            AND (p.prosrc ILIKE '%track_counts%' OR p.proconfig::text ILIKE '%track_counts%')
    )
    AND NOT EXISTS (
        SELECT FROM pg_db_role_setting AS s WHERE s.setconfig::text ILIKE '%track_counts%'
    )
