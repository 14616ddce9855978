-- Stands in for CREATE EXTENSION pgtap where the server cannot find our control file.
DO $harness$
DECLARE
    target text := quote_ident(coalesce(/* schema */ NULL, current_schema()));
    checked text := current_setting('check_function_bodies');
BEGIN
    IF to_regprocedure(target || '.plan(bigint)') IS NOT NULL THEN
        RAISE NOTICE 'extension "pgtap" already exists, skipping';
        RETURN;
    END IF;
    PERFORM set_config('check_function_bodies', 'off', true);
    EXECUTE replace($library$
/* library */
$library$, '@extschema@', target);
    PERFORM set_config('check_function_bodies', checked, true);
END
$harness$;
