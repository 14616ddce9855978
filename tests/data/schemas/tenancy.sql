-- A service for several tenants: row level security, memberships, a profile that a trigger makes.
CREATE EXTENSION citext;
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email citext NOT NULL UNIQUE, raw jsonb NOT NULL DEFAULT '{}');
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.tenant', true), '')::uuid $$;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW IS DISTINCT FROM OLD THEN NEW.updated_at := clock_timestamp(); END IF;
    RETURN NEW;
END $$;
CREATE TYPE role AS ENUM ('owner', 'admin', 'member', 'guest');
CREATE TABLE tenants (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), slug citext NOT NULL UNIQUE CHECK (slug ~ '^[a-z][a-z0-9-]{1,30}$'),
    name text NOT NULL CHECK (btrim(name) <> ''), seats integer NOT NULL DEFAULT 5 CHECK (seats BETWEEN 1 AND 10000),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(), updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT tenants_times CHECK (updated_at >= created_at - interval '1 minute')
);
CREATE TRIGGER tenants_stamp BEFORE UPDATE ON tenants FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TABLE profiles (
    id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, display_name text NOT NULL DEFAULT '', avatar_url text,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(), CONSTRAINT profiles_avatar CHECK (avatar_url ~ '^https://')
);
CREATE TRIGGER profiles_stamp BEFORE UPDATE ON profiles FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE FUNCTION handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO profiles (id, display_name) VALUES (NEW.id, coalesce(NEW.raw ->> 'name', ''));
    RETURN NEW;
END $$;
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION handle_new_user();
CREATE TABLE memberships (
    tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
    role role NOT NULL DEFAULT 'member', invited_by uuid, PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, invited_by) REFERENCES memberships ON DELETE SET NULL (invited_by)
);
CREATE INDEX ON memberships (user_id);
CREATE INDEX ON memberships (tenant_id, invited_by);
CREATE UNIQUE INDEX memberships_one_owner ON memberships (tenant_id) WHERE role = 'owner';
CREATE TABLE projects (
    tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, id bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL,
    archived_at timestamptz, PRIMARY KEY (tenant_id, id), CONSTRAINT projects_name UNIQUE NULLS NOT DISTINCT (tenant_id, name, archived_at)
);
CREATE TABLE tasks (
    tenant_id uuid NOT NULL, project_id bigint NOT NULL, number integer NOT NULL CHECK (number > 0), title varchar(120) NOT NULL,
    assignee uuid, done boolean NOT NULL DEFAULT false, done_at timestamptz, estimate interval CHECK (estimate > '0'),
    PRIMARY KEY (tenant_id, project_id, number), FOREIGN KEY (tenant_id, project_id) REFERENCES projects ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, assignee) REFERENCES memberships (tenant_id, user_id) ON DELETE SET NULL (assignee),
    CONSTRAINT tasks_done CHECK (done = (done_at IS NOT NULL))
);
CREATE INDEX ON tasks (tenant_id, assignee);
CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
    token text NOT NULL UNIQUE DEFAULT md5(random()::text || clock_timestamp()::text), expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(), CONSTRAINT api_keys_expire CHECK (expires_at > created_at)
);
CREATE INDEX ON api_keys (tenant_id);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants_own ON tenants USING (id = current_tenant());
CREATE POLICY projects_own ON projects USING (tenant_id = current_tenant()) WITH CHECK (tenant_id = current_tenant());
CREATE POLICY tasks_own ON tasks USING (tenant_id = current_tenant());
