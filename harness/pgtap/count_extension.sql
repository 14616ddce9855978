-- The same of the real extension, whose num_failed() knows. It and what it calls are found by
-- the search path, so that is the extension's own for the question, and the role the session's.
-- The last exception undoes both, and it raises an error itself without a plan. What tells one
-- plan from another is the oldest of the session's temporary relations, which plan() makes.
DO $harness$ DECLARE
    failed text := '';
BEGIN
    BEGIN
        PERFORM
            pg_catalog.set_config('role', 'none', true),
            pg_catalog.set_config('search_path', pg_catalog.quote_ident(n.nspname), true)
        FROM pg_catalog.pg_extension AS e
        INNER JOIN pg_catalog.pg_namespace AS n ON e.extnamespace = n.oid
        WHERE e.extname = 'pgtap';
        failed := num_failed();
        RAISE EXCEPTION 'counted';
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    PERFORM pg_catalog.set_config('harness.failed', failed, false);
END $harness$;

SELECT
    CASE
        WHEN counted.failed <> '' THEN coalesce(
            (
                SELECT min(c.oid) FROM pg_catalog.pg_class AS c
                WHERE c.relnamespace = pg_catalog.pg_my_temp_schema()
            ), 0
        )
    END AS plan,
    NULL AS ran,
    counted.failed,
    NULL AS failure
FROM (VALUES (pg_catalog.current_setting('harness.failed', true))) AS counted (failed)
