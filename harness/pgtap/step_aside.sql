DO $harness$
DECLARE
    ours name;
BEGIN
    SELECT n.nspname INTO ours
    FROM pg_catalog.pg_extension AS e
    INNER JOIN pg_catalog.pg_namespace AS n ON e.extnamespace = n.oid
    WHERE
        e.extname = 'pgtap'
        AND pg_catalog.obj_description(n.oid, 'pg_namespace') = /* comment */ '';
    IF FOUND THEN
        ALTER EXTENSION pgtap SET SCHEMA public;
        EXECUTE pg_catalog.format('DROP SCHEMA %I', ours);
    END IF;
EXCEPTION
    -- The role may not move it, or there is something else in its place: it stays, and is listed.
    WHEN insufficient_privilege OR dependent_objects_still_exist OR duplicate_function
        OR invalid_schema_name OR feature_not_supported THEN NULL;
END
$harness$;
