DO $harness$
DECLARE
    ours name;
BEGIN
    IF NOT /* there already will do */ false OR NOT EXISTS (
        SELECT
        FROM pg_catalog.pg_extension AS e
        INNER JOIN pg_catalog.pg_namespace AS n ON e.extnamespace = n.oid
        WHERE
            e.extname = 'pgtap'
            AND n.nspname = coalesce(/* schema */ NULL, pg_catalog.current_schema())
    ) THEN
        DROP EXTENSION IF EXISTS pgtap CASCADE;
    END IF;
    -- The schema that was made for it is none that a suite knows.
    FOR ours IN
        SELECT n.nspname
        FROM pg_catalog.pg_namespace AS n
        WHERE
            pg_catalog.obj_description(n.oid, 'pg_namespace') = /* comment */ ''
            AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_depend AS d
                WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid
            )
    LOOP
        EXECUTE pg_catalog.format('DROP SCHEMA %I', ours);
    END LOOP;
END
$harness$;
