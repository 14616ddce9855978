-- Where the library was made without CREATE EXTENSION in the schema that is asked for, the
-- extension takes its place.
DO $do$
DECLARE
    own record;
BEGIN
    IF pg_catalog.to_regprocedure('@extschema@.plan(bigint)') IS NULL THEN
        RETURN;
    END IF;
    FOR own IN
        SELECT p.oid::pg_catalog.regprocedure AS function
        FROM pg_catalog.pg_proc AS p
        WHERE
            p.pronamespace = '@extschema@'::pg_catalog.regnamespace
            AND p.oid >= '@extschema@.plan(bigint)'::pg_catalog.regprocedure
            AND p.oid <= '@extschema@.__harness_is_ours(oid)'::pg_catalog.regprocedure
    LOOP
        EXECUTE 'DROP ROUTINE IF EXISTS ' || own.function || ' CASCADE';
    END LOOP;
    DROP VIEW IF EXISTS @extschema@.tap_funky, @extschema@.pg_all_foreign_keys CASCADE;
    DROP TYPE IF EXISTS @extschema@._time_trial_type CASCADE;
END
$do$;

