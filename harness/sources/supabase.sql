-- What Supabase's platform has before the first migration, as far as migrations and tests
-- commonly refer to it: roles, schemas, and the interface of auth and storage that is
-- documented at https://supabase.com/docs. Run before each apply; roles may be there already,
-- for all databases of a server share them.

DO $$
DECLARE
    attributes text[] = ARRAY [
        ['anon', 'NOLOGIN NOINHERIT'],
        ['authenticated', 'NOLOGIN NOINHERIT'],
        ['service_role', 'NOLOGIN NOINHERIT BYPASSRLS'],
        ['authenticator', 'LOGIN NOINHERIT'],
        ['supabase_admin', 'LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS'],
        ['supabase_auth_admin', 'LOGIN NOINHERIT CREATEROLE'],
        ['supabase_storage_admin', 'LOGIN NOINHERIT CREATEROLE'],
        ['dashboard_user', 'NOLOGIN CREATEDB CREATEROLE REPLICATION'],
        ['supabase_realtime_admin', 'NOLOGIN NOINHERIT'],
        ['supabase_functions_admin', 'LOGIN NOINHERIT CREATEROLE'],
        ['supabase_replication_admin', 'LOGIN REPLICATION'],
        ['supabase_read_only_user', 'LOGIN BYPASSRLS'],
        ['pgbouncer', 'LOGIN'],
        ['postgres', 'LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS']
    ];
    pair text[];
BEGIN
    FOREACH pair SLICE 1 IN ARRAY attributes LOOP
        IF to_regrole(pair[1]) IS NULL THEN
            EXECUTE format('CREATE ROLE %I %s', pair[1], pair[2]);
        END IF;
    END LOOP;
END
$$;

GRANT anon, authenticated, service_role TO authenticator;

-- Migrations and tests run as postgres, who is no superuser there. It may act as the three API
-- roles and pass them on, and set what the platform lets it set.
DO $$
BEGIN
    IF NOT pg_has_role('postgres', 'anon', 'MEMBER WITH ADMIN OPTION') THEN
        GRANT anon, authenticated, service_role TO postgres WITH ADMIN OPTION;
        GRANT pg_monitor, pg_read_all_data, pg_signal_backend TO postgres;
        IF current_setting('server_version_num')::int >= 160000 THEN
            -- ALTER ROLE authenticator SET, without being it.
            EXECUTE 'GRANT authenticator TO postgres WITH ADMIN TRUE, INHERIT FALSE, SET FALSE';
        END IF;
        IF current_setting('server_version_num')::int >= 150000 THEN
            EXECUTE 'GRANT SET ON PARAMETER session_replication_role, log_min_duration_statement,'
                ' log_min_messages, log_lock_waits, track_functions, track_io_timing,'
                ' pgrst.db_schemas, pgrst.db_extra_search_path, pgrst.db_max_rows,'
                ' pgrst.db_pre_request, pgrst.db_aggregates_enabled, pgrst.db_plan_enabled,'
                ' pgrst.db_root_spec, pgrst.db_tx_end, pgrst.db_hoisted_tx_settings,'
                ' pgrst.jwt_secret, pgrst.jwt_aud, pgrst.jwt_role_claim_key, pgrst.openapi_mode,'
                ' pgrst.server_cors_allowed_origins, pgrst.server_timing_enabled TO postgres';
        END IF;
    END IF;
    EXECUTE format('ALTER DATABASE %I OWNER TO postgres', current_database());
END
$$;

CREATE SCHEMA IF NOT EXISTS extensions;
CREATE SCHEMA IF NOT EXISTS auth;
CREATE SCHEMA IF NOT EXISTS storage;
CREATE SCHEMA IF NOT EXISTS realtime;
CREATE SCHEMA IF NOT EXISTS graphql_public;
CREATE SCHEMA IF NOT EXISTS supabase_functions;
GRANT USAGE ON SCHEMA public, auth, graphql_public TO postgres;
GRANT USAGE ON SCHEMA storage, realtime TO postgres WITH GRANT OPTION;
GRANT ALL ON SCHEMA extensions TO postgres;
GRANT ALL ON SCHEMA realtime TO supabase_realtime_admin;
GRANT USAGE ON SCHEMA supabase_functions TO postgres, anon, authenticated, service_role;
GRANT USAGE ON SCHEMA public, extensions, auth, storage, realtime, graphql_public
TO anon, authenticated, service_role;
GRANT ALL ON SCHEMA auth TO supabase_auth_admin, dashboard_user;
GRANT ALL ON SCHEMA storage TO supabase_storage_admin, dashboard_user;

DO $$
DECLARE
    maker text;
    kind text;
BEGIN
    FOREACH maker IN ARRAY ARRAY['postgres', current_user] LOOP
        FOREACH kind IN ARRAY ARRAY['TABLES', 'SEQUENCES', 'FUNCTIONS'] LOOP
            EXECUTE format(
                'ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT ALL ON %s'
                ' TO postgres, anon, authenticated, service_role', maker, kind
            );
        END LOOP;
    END LOOP;
END
$$;

DO $$
BEGIN
    EXECUTE format(
        'ALTER DATABASE %I SET search_path TO "$user", public, extensions', current_database()
    );
END
$$;
SET search_path TO "$user", public, extensions;

SET ROLE supabase_auth_admin;

-- The claims of a request: PostgREST has them as one JSON text, formerly one setting a claim.
CREATE OR REPLACE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
$$;

CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )::uuid
$$;

CREATE OR REPLACE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
    )
$$;

CREATE OR REPLACE FUNCTION auth.email() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        nullif(current_setting('request.jwt.claim.email', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
    )
$$;

CREATE TABLE IF NOT EXISTS auth.users (
    instance_id uuid,
    id uuid NOT NULL PRIMARY KEY,
    aud varchar(255),
    role varchar(255),
    email varchar(255),
    encrypted_password varchar(255),
    email_confirmed_at timestamptz,
    invited_at timestamptz,
    confirmation_token varchar(255),
    confirmation_sent_at timestamptz,
    recovery_token varchar(255),
    recovery_sent_at timestamptz,
    email_change_token_new varchar(255),
    email_change varchar(255),
    email_change_sent_at timestamptz,
    last_sign_in_at timestamptz,
    raw_app_meta_data jsonb,
    raw_user_meta_data jsonb,
    is_super_admin boolean,
    created_at timestamptz,
    updated_at timestamptz,
    phone text UNIQUE DEFAULT NULL,
    phone_confirmed_at timestamptz,
    phone_change text DEFAULT '',
    phone_change_token varchar(255) DEFAULT '',
    phone_change_sent_at timestamptz,
    confirmed_at timestamptz GENERATED ALWAYS AS (
        least(email_confirmed_at, phone_confirmed_at)
    ) STORED,
    email_change_token_current varchar(255) DEFAULT '',
    email_change_confirm_status smallint DEFAULT 0,
    banned_until timestamptz,
    reauthentication_token varchar(255) DEFAULT '',
    reauthentication_sent_at timestamptz,
    is_sso_user boolean NOT NULL DEFAULT false,
    deleted_at timestamptz,
    is_anonymous boolean NOT NULL DEFAULT false
);

DO $$
DECLARE
    enums text[] = ARRAY [
        ['aal_level', 'aal1,aal2,aal3'],
        ['code_challenge_method', 's256,plain'],
        ['factor_status', 'unverified,verified'],
        ['factor_type', 'totp,webauthn,phone'],
        ['one_time_token_type', 'confirmation_token,reauthentication_token,recovery_token,'
        'email_change_token_new,email_change_token_current,phone_change_token']
    ];
    pair text[];
BEGIN
    FOREACH pair SLICE 1 IN ARRAY enums LOOP
        IF to_regtype('auth.' || pair[1]) IS NULL THEN
            EXECUTE format(
                'CREATE TYPE auth.%I AS ENUM (%s)', pair[1],
                (SELECT string_agg(quote_literal(one), ', ') FROM unnest(string_to_array(pair[2], ',')) AS one)
            );
        END IF;
    END LOOP;
END
$$;

CREATE TABLE IF NOT EXISTS auth.identities (
    provider_id text NOT NULL,
    user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
    identity_data jsonb NOT NULL,
    provider text NOT NULL,
    last_sign_in_at timestamptz,
    created_at timestamptz,
    updated_at timestamptz,
    email text GENERATED ALWAYS AS (lower(identity_data ->> 'email')) STORED,
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    UNIQUE (provider_id, provider)
);

CREATE TABLE IF NOT EXISTS auth.sessions (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
    created_at timestamptz,
    updated_at timestamptz,
    factor_id uuid,
    aal auth.aal_level,
    not_after timestamptz,
    refreshed_at timestamp,
    user_agent text,
    ip inet,
    tag text
);

CREATE TABLE IF NOT EXISTS auth.refresh_tokens (
    instance_id uuid,
    id bigserial PRIMARY KEY,
    token varchar(255) UNIQUE,
    user_id varchar(255),
    revoked boolean,
    created_at timestamptz,
    updated_at timestamptz,
    parent varchar(255),
    session_id uuid REFERENCES auth.sessions ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS auth.mfa_factors (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
    friendly_name text,
    factor_type auth.factor_type NOT NULL,
    status auth.factor_status NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    secret text,
    phone text,
    last_challenged_at timestamptz UNIQUE,
    web_authn_credential jsonb,
    web_authn_aaguid uuid
);

CREATE TABLE IF NOT EXISTS auth.mfa_challenges (
    id uuid NOT NULL PRIMARY KEY,
    factor_id uuid NOT NULL REFERENCES auth.mfa_factors ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    verified_at timestamptz,
    ip_address inet NOT NULL,
    otp_code text,
    web_authn_session_data jsonb
);

CREATE TABLE IF NOT EXISTS auth.mfa_amr_claims (
    session_id uuid NOT NULL REFERENCES auth.sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    authentication_method text NOT NULL,
    id uuid NOT NULL PRIMARY KEY,
    UNIQUE (session_id, authentication_method)
);

CREATE TABLE IF NOT EXISTS auth.one_time_tokens (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
    token_type auth.one_time_token_type NOT NULL,
    token_hash text NOT NULL,
    relates_to text NOT NULL,
    created_at timestamp NOT NULL DEFAULT now(),
    updated_at timestamp NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS auth.audit_log_entries (
    instance_id uuid,
    id uuid NOT NULL PRIMARY KEY,
    payload json,
    created_at timestamptz,
    ip_address varchar(64) NOT NULL DEFAULT ''
);

CREATE TABLE IF NOT EXISTS auth.instances (
    id uuid NOT NULL PRIMARY KEY,
    uuid uuid,
    raw_base_config text,
    created_at timestamptz,
    updated_at timestamptz
);

CREATE TABLE IF NOT EXISTS auth.schema_migrations (version varchar(255) NOT NULL PRIMARY KEY);

CREATE TABLE IF NOT EXISTS auth.flow_state (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid,
    auth_code text NOT NULL,
    code_challenge_method auth.code_challenge_method NOT NULL,
    code_challenge text NOT NULL,
    provider_type text NOT NULL,
    provider_access_token text,
    provider_refresh_token text,
    created_at timestamptz,
    updated_at timestamptz,
    authentication_method text NOT NULL,
    auth_code_issued_at timestamptz
);

ALTER TABLE auth.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.mfa_factors ENABLE ROW LEVEL SECURITY;
GRANT ALL ON ALL TABLES IN SCHEMA auth TO dashboard_user, postgres;
GRANT ALL ON ALL SEQUENCES IN SCHEMA auth TO dashboard_user, postgres;
GRANT SELECT ON ALL TABLES IN SCHEMA auth TO postgres WITH GRANT OPTION;
REVOKE ALL ON auth.schema_migrations FROM dashboard_user, postgres;

SET ROLE supabase_storage_admin;

DO $$
BEGIN
    CREATE TYPE storage.buckettype AS ENUM ('STANDARD', 'ANALYTICS', 'VECTOR');
EXCEPTION WHEN duplicate_object THEN NULL;
END
$$;

CREATE TABLE IF NOT EXISTS storage.buckets (
    id text NOT NULL PRIMARY KEY,
    name text NOT NULL UNIQUE,
    owner uuid,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(),
    public boolean DEFAULT false,
    avif_autodetection boolean DEFAULT false,
    file_size_limit bigint,
    allowed_mime_types text[],
    owner_id text,
    type storage.buckettype NOT NULL DEFAULT 'STANDARD'
);

CREATE TABLE IF NOT EXISTS storage.objects (
    id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
    bucket_id text REFERENCES storage.buckets (id),
    name text,
    owner uuid,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(),
    last_accessed_at timestamptz DEFAULT now(),
    metadata jsonb,
    path_tokens text[] GENERATED ALWAYS AS (string_to_array(name, '/')) STORED,
    version text,
    owner_id text,
    user_metadata jsonb
);

-- What is uploaded in parts, by the protocol of S3.
CREATE TABLE IF NOT EXISTS storage.s3_multipart_uploads (
    id text NOT NULL PRIMARY KEY,
    in_progress_size bigint NOT NULL DEFAULT 0,
    upload_signature text NOT NULL,
    bucket_id text NOT NULL REFERENCES storage.buckets (id),
    key text NOT NULL COLLATE "C",
    version text NOT NULL,
    owner_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    user_metadata jsonb
);
CREATE TABLE IF NOT EXISTS storage.s3_multipart_uploads_parts (
    id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
    upload_id text NOT NULL REFERENCES storage.s3_multipart_uploads (id) ON DELETE CASCADE,
    size bigint NOT NULL DEFAULT 0,
    part_number integer NOT NULL,
    bucket_id text NOT NULL REFERENCES storage.buckets (id),
    key text NOT NULL COLLATE "C",
    etag text NOT NULL,
    owner_id text,
    version text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE storage.s3_multipart_uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.s3_multipart_uploads_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX IF NOT EXISTS bucketid_objname ON storage.objects (bucket_id, name);
GRANT ALL ON ALL TABLES IN SCHEMA storage TO anon, authenticated, service_role;
GRANT ALL ON ALL TABLES IN SCHEMA storage TO postgres WITH GRANT OPTION;

-- The directories of an object's name, its last part, and what follows that part's last dot.
CREATE OR REPLACE FUNCTION storage.foldername(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT (string_to_array(name, '/'))[1 : cardinality(string_to_array(name, '/')) - 1]
$$;

CREATE OR REPLACE FUNCTION storage.filename(name text) RETURNS text
LANGUAGE sql AS $$
    SELECT (string_to_array(name, '/'))[cardinality(string_to_array(name, '/'))]
$$;

CREATE OR REPLACE FUNCTION storage.extension(name text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT reverse(split_part(reverse(storage.filename(name)), '.', 1))
$$;

-- What the Storage API is about to do, in the session in which it does it.
CREATE OR REPLACE FUNCTION storage.operation() RETURNS text
LANGUAGE sql STABLE AS $$ SELECT current_setting('storage.operation', true) $$;

CREATE OR REPLACE FUNCTION storage.allow_any_operation(expected_operations text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM unnest(expected_operations) AS one
        WHERE one <> '' AND regexp_replace(one, '^storage\.', '')
            = regexp_replace(storage.operation(), '^storage\.', '')
    )
$$;

CREATE OR REPLACE FUNCTION storage.allow_only_operation(expected_operation text) RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT storage.allow_any_operation(ARRAY[expected_operation]) $$;

CREATE OR REPLACE FUNCTION storage.get_size_by_bucket() RETURNS TABLE (size bigint, bucket_id text)
LANGUAGE sql STABLE AS $$
    SELECT sum((metadata->>'size')::bigint)::bigint, objects.bucket_id
    FROM storage.objects
    GROUP BY objects.bucket_id
$$;

CREATE OR REPLACE FUNCTION storage.update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

-- A file is no row: only the Storage API, which sets storage.allow_delete_query, deletes both.
CREATE OR REPLACE FUNCTION storage.protect_delete() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('storage.allow_delete_query', true) IS DISTINCT FROM 'true' THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE =
            'Direct deletion from storage tables is not allowed. Use the Storage API instead.';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION storage.enforce_bucket_name_length() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF length(NEW.name) > 100 THEN
        RAISE EXCEPTION 'bucket name "%" is too long (% characters). Max is 100.',
            NEW.name, length(NEW.name);
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER update_objects_updated_at BEFORE UPDATE ON storage.objects
FOR EACH ROW EXECUTE FUNCTION storage.update_updated_at_column();
CREATE OR REPLACE TRIGGER protect_objects_delete BEFORE DELETE ON storage.objects
FOR EACH STATEMENT EXECUTE FUNCTION storage.protect_delete();
CREATE OR REPLACE TRIGGER protect_buckets_delete BEFORE DELETE ON storage.buckets
FOR EACH STATEMENT EXECUTE FUNCTION storage.protect_delete();
CREATE OR REPLACE TRIGGER enforce_bucket_name_length_trigger
BEFORE INSERT OR UPDATE OF name ON storage.buckets
FOR EACH ROW EXECUTE FUNCTION storage.enforce_bucket_name_length();

RESET ROLE;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'supabase_realtime') THEN
        CREATE PUBLICATION supabase_realtime;
    END IF;
END
$$;
ALTER PUBLICATION supabase_realtime OWNER TO postgres;

SET ROLE supabase_realtime_admin;

-- What Realtime has for broadcasts and presence: a message is recorded, and reaches nobody.
CREATE TABLE IF NOT EXISTS realtime.messages (
    topic text NOT NULL,
    extension text NOT NULL,
    payload jsonb,
    event text,
    private boolean DEFAULT false,
    updated_at timestamp NOT NULL DEFAULT now(),
    inserted_at timestamp NOT NULL DEFAULT now(),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    PRIMARY KEY (id, inserted_at)
);
ALTER TABLE realtime.messages ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON realtime.messages TO anon, authenticated, service_role;
GRANT ALL ON realtime.messages TO postgres WITH GRANT OPTION;

CREATE OR REPLACE FUNCTION realtime.topic() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('realtime.topic', true), '')
$$;

CREATE OR REPLACE FUNCTION realtime.send(
    payload jsonb, event text, topic text, private boolean DEFAULT true
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO realtime.messages (payload, event, topic, private, extension)
    VALUES ($1, $2, $3, $4, 'broadcast')
$$;

CREATE OR REPLACE FUNCTION realtime.broadcast_changes(
    topic_name text, event_name text, operation text, table_name text, table_schema text,
    new record, old record, level text DEFAULT 'ROW'
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM realtime.send(
        jsonb_build_object(
            'old_record', to_jsonb(old), 'record', to_jsonb(new), 'operation', operation,
            'table', table_name, 'schema', table_schema
        ),
        event_name, topic_name
    );
END
$$;

RESET ROLE;

-- Webhooks: the request is recorded, and never sent.
CREATE TABLE IF NOT EXISTS supabase_functions.hooks (
    id bigserial PRIMARY KEY,
    hook_table_id integer NOT NULL,
    hook_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    request_id bigint
);
CREATE TABLE IF NOT EXISTS supabase_functions.migrations (
    version text PRIMARY KEY,
    inserted_at timestamptz NOT NULL DEFAULT now()
);
CREATE OR REPLACE FUNCTION supabase_functions.http_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = supabase_functions AS $$
BEGIN
    INSERT INTO supabase_functions.hooks (hook_table_id, hook_name) VALUES (tg_relid, tg_name);
    RETURN coalesce(new, old);
END
$$;

CREATE OR REPLACE FUNCTION graphql_public.graphql(
    "operationName" text DEFAULT NULL, query text DEFAULT NULL, variables jsonb DEFAULT NULL,
    extensions jsonb DEFAULT NULL
) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    RAISE INFO 'the stand-in for pg_graphql answers nothing'; RAISE EXCEPTION 'the stand-in for pg_graphql answers nothing' USING ERRCODE = '0A000';
END
$$;

-- What the platform lets postgres do without being a superuser or the owner, and nothing else:
-- policies and DROP TRIGGER on the tables of auth, storage and realtime, which are its for as long
-- as the command takes; and extensions, but for those that the platform has not.
CREATE OR REPLACE FUNCTION supabase_functions.lend(superuser boolean, lent boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF superuser THEN
        UPDATE pg_authid SET rolsuper = lent WHERE rolname = 'postgres' AND rolsuper <> lent;
    ELSIF lent THEN
        UPDATE pg_class SET relowner = 'postgres'::regrole
        WHERE relkind = 'r' AND relowner <> 'postgres'::regrole
            AND relnamespace = ANY (ARRAY['auth', 'storage', 'realtime']::regnamespace[]);
    ELSE
        UPDATE pg_class SET relowner = ('supabase_' || relnamespace::regnamespace || '_admin')::regrole
        WHERE relkind = 'r' AND relowner = 'postgres'::regrole
            AND relnamespace = ANY (ARRAY['auth', 'storage', 'realtime']::regnamespace[]);
    END IF;
END
$$;
REVOKE ALL ON FUNCTION supabase_functions.lend FROM PUBLIC;
GRANT EXECUTE ON FUNCTION supabase_functions.lend TO postgres;

CREATE OR REPLACE FUNCTION supabase_functions.lend_for_command() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    starts boolean := tg_event = 'ddl_command_start';
    -- Commands of an extension's script are within the one that creates it.
    depth int := coalesce(nullif(current_setting('harness.depth', true), ''), '0');
BEGIN
    IF current_user <> 'postgres' OR current_setting('is_superuser') = 'on' THEN
        RETURN;
    ELSIF tg_tag NOT LIKE '%EXTENSION' THEN
        PERFORM supabase_functions.lend(false, starts);
        RETURN;
    -- Anybody may create these, or nobody there; where a text names none, it is not known which.
    ELSIF tg_tag = 'CREATE EXTENSION' AND lower(current_query())
        ~ 'create\s+extension\s+(if\s+not\s+exists\s+)?"?(btree_gin|btree_gist|citext|cube|dict_int'
        '|fuzzystrmatch|hstore|intarray|isn|ltree|pg_trgm|pgcrypto|pgtap|seg|tablefunc|tcn'
        '|tsm_system_rows|tsm_system_time|unaccent|uuid-ossp|adminpack|amcheck|file_fdw|intagg'
        '|old_snapshot|pageinspect|pg_freespacemap|pg_surgery|pg_visibility|xml2)\M'
    THEN
        RETURN;
    END IF;
    depth := depth + CASE WHEN starts THEN 1 ELSE -1 END;
    PERFORM set_config('harness.depth', depth::text, true);
    IF depth = starts::int THEN
        PERFORM supabase_functions.lend(true, starts);
    END IF;
END
$$;
DO $$
BEGIN
    -- Where postgres is the server's superuser, it has all of that, and must not lose it.
    IF NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'lend_for_command')
        AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'postgres' AND NOT rolsuper)
    THEN
        CREATE EVENT TRIGGER lend_for_command ON ddl_command_start
        WHEN TAG IN (
            'CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'DROP TRIGGER', 'CREATE EXTENSION',
            'ALTER EXTENSION', 'DROP EXTENSION'
        ) EXECUTE FUNCTION supabase_functions.lend_for_command();
        CREATE EVENT TRIGGER take_back_after_command ON ddl_command_end
        WHEN TAG IN (
            'CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'DROP TRIGGER', 'CREATE EXTENSION',
            'ALTER EXTENSION', 'DROP EXTENSION'
        ) EXECUTE FUNCTION supabase_functions.lend_for_command();
    END IF;
END
$$;
