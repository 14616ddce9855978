-- Stand-in for dbdev: the packages that the harness has itself count as installed.
CREATE SCHEMA dbdev;
GRANT USAGE ON SCHEMA dbdev TO PUBLIC;
CREATE FUNCTION dbdev.install(package_name text, base_url text DEFAULT NULL, api_key text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql AS $$
-- stand-in of pgtap-harness: supabase-dbdev
BEGIN
    IF replace(package_name, '@', '-') IN ('supabase-dbdev', 'basejump-supabase_test_helpers') THEN
        RETURN true;
    END IF;
    RAISE INFO 'the stand-in for supabase-dbdev cannot fetch %', package_name; RAISE EXCEPTION 'the stand-in for supabase-dbdev cannot fetch %', package_name USING ERRCODE = '0A000';
END $$;
