-- Helpers of Supabase's tests, ours, by their documented behaviour: users with a name, requests as
-- one of them, row level security by schema or table, a moment that stands still.
CREATE SCHEMA tests;
CREATE SCHEMA test_overrides;
GRANT USAGE ON SCHEMA tests, test_overrides TO PUBLIC;

CREATE FUNCTION tests.create_supabase_user(
    identifier text, email text DEFAULT NULL, phone text DEFAULT NULL, metadata jsonb DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth, pg_temp AS $$
-- stand-in of pgtap-harness: basejump-supabase_test_helpers
DECLARE
    made uuid := gen_random_uuid();
BEGIN
    INSERT INTO auth.users (id, email, phone, raw_user_meta_data, raw_app_meta_data, created_at, updated_at)
    VALUES (
        made, coalesce($2, concat(made, '@test.com')), $3,
        jsonb_build_object('test_identifier', $1) || coalesce($4, '{}'), '{}', now(), now()
    );
    RETURN made;
END $$;

CREATE FUNCTION tests.get_supabase_user(identifier text) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth, pg_temp AS $$
DECLARE
    found json;
BEGIN
    SELECT json_build_object(
        'id', id, 'email', email, 'phone', phone, 'raw_user_meta_data', raw_user_meta_data,
        'raw_app_meta_data', raw_app_meta_data
    ) INTO found
    FROM auth.users WHERE raw_user_meta_data ->> 'test_identifier' = identifier LIMIT 1;
    IF found IS NULL OR found ->> 'id' IS NULL THEN
        RAISE EXCEPTION 'User with identifier % not found', identifier;
    END IF;
    RETURN found;
END $$;

CREATE FUNCTION tests.get_supabase_uid(identifier text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth, pg_temp AS $$
DECLARE
    found uuid;
BEGIN
    SELECT id INTO found FROM auth.users WHERE raw_user_meta_data ->> 'test_identifier' = identifier LIMIT 1;
    IF found IS NULL THEN
        RAISE EXCEPTION 'User with identifier % not found', identifier;
    END IF;
    RETURN found;
END $$;

CREATE FUNCTION tests.authenticate_as(identifier text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    who json := tests.get_supabase_user(identifier);
BEGIN
    PERFORM set_config('role', 'authenticated', true);
    PERFORM set_config('request.jwt.claims', json_build_object(
        'sub', who ->> 'id', 'email', who ->> 'email', 'phone', who ->> 'phone',
        'role', 'authenticated', 'user_metadata', who -> 'raw_user_meta_data',
        'app_metadata', who -> 'raw_app_meta_data'
    )::text, true);
END $$;

CREATE FUNCTION tests.authenticate_as_service_role() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('role', 'service_role', true);
    PERFORM set_config('request.jwt.claims', NULL, true);
END $$;

CREATE FUNCTION tests.clear_authentication() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('role', 'anon', true);
    PERFORM set_config('request.jwt.claims', NULL, true);
END $$;

-- The assertions are pgTAP's own, found where it is: these run in the suite's search_path.
CREATE FUNCTION tests.rls_enabled(testing_schema text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN is(
        (SELECT count(*)::int FROM pg_catalog.pg_class AS c
         WHERE c.relnamespace = testing_schema::regnamespace AND c.relkind = 'r' AND NOT c.relrowsecurity),
        0, 'All tables in the' || testing_schema || ' schema should have row level security enabled'
    );
END $$;

CREATE FUNCTION tests.rls_enabled(testing_schema text, testing_table text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    RETURN is(
        (SELECT count(*)::int FROM pg_catalog.pg_class AS c
         WHERE c.relnamespace = testing_schema::regnamespace AND c.relname = testing_table
             AND c.relrowsecurity),
        1, testing_table || 'table in the' || testing_schema || ' schema should have row level security enabled'
    );
END $$;

CREATE FUNCTION test_overrides.now() RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    IF nullif(current_setting('tests.frozen_time', true), '') IS NULL THEN
        RETURN pg_catalog.now();
    END IF;
    RETURN current_setting('tests.frozen_time')::timestamptz;
END $$;

CREATE FUNCTION tests.freeze_time(frozen_time timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('search_path') NOT LIKE 'test_overrides,%' THEN
        PERFORM set_config('tests.original_search_path', current_setting('search_path'), true);
        PERFORM set_config(
            'search_path', concat_ws(', ', 'test_overrides', 'pg_catalog', nullif(current_setting('search_path'), '')), true
        );
    END IF;
    PERFORM set_config('tests.frozen_time', frozen_time::text, true);
END $$;

CREATE FUNCTION tests.unfreeze_time() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('tests.frozen_time', NULL, true);
    IF nullif(current_setting('tests.original_search_path', true), '') IS NOT NULL THEN
        PERFORM set_config('search_path', current_setting('tests.original_search_path'), true);
    END IF;
END $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tests, test_overrides TO PUBLIC;
