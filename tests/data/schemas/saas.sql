-- A service for teams: tenants, people, permissions, billing, webhooks, audit.
CREATE SCHEMA app;
CREATE SCHEMA audit;
SET search_path = app;
CREATE DOMAIN email AS text CHECK (VALUE ~ '^[a-zA-Z0-9.!#$%&''*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$');
CREATE DOMAIN slug AS text NOT NULL CHECK (VALUE ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' AND length(VALUE) BETWEEN 1 AND 63);
CREATE DOMAIN url AS text CHECK (VALUE ~ '^https?://[^\s/$.?#].[^\s]*$');
CREATE TYPE plan AS ENUM ('free', 'team', 'enterprise');
CREATE TYPE address AS (street text, city text, country char(2));

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email email NOT NULL, username text NOT NULL,
    password_hash text CHECK (password_hash LIKE '$2_$__$%' AND length(password_hash) = 60),
    locale text NOT NULL DEFAULT 'en' CHECK (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'), avatar url,
    totp_secret bytea CHECK (octet_length(totp_secret) BETWEEN 10 AND 64),
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(), deleted_at timestamptz,
    CONSTRAINT users_username_check CHECK (username = lower(username) AND username !~ '^(admin|root|support)$' AND username ~ '^[a-z_][a-z0-9_.]{2,29}$'),
    CONSTRAINT users_order CHECK (updated_at >= created_at AND (deleted_at IS NULL OR deleted_at >= created_at))
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_username_key ON users (username);
CREATE TABLE tenants (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), slug slug UNIQUE, name varchar(100) NOT NULL CHECK (name <> '' AND name = btrim(name)),
    plan plan NOT NULL DEFAULT 'free', seats integer NOT NULL DEFAULT 5 CHECK (seats > 0), owner_id uuid NOT NULL REFERENCES users,
    billing_address address, trial tstzrange CHECK (lower(trial) IS NOT NULL AND upper(trial) - lower(trial) <= INTERVAL '90 days'),
    settings jsonb NOT NULL DEFAULT '{}', CHECK (plan <> 'enterprise' OR seats >= 50)
);
CREATE TABLE memberships (
    tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'guest')), invited_by uuid, PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, invited_by) REFERENCES memberships (tenant_id, user_id) ON DELETE NO ACTION, CHECK (invited_by IS DISTINCT FROM user_id)
);
CREATE TABLE invitations (
    id bigserial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, email email NOT NULL,
    token char(32) NOT NULL UNIQUE CHECK (token ~ '^[0-9a-f]{32}$'), expires_at timestamptz NOT NULL DEFAULT now() + INTERVAL '7 days',
    accepted_at timestamptz, revoked_at timestamptz, CHECK (num_nonnulls(accepted_at, revoked_at) <= 1), UNIQUE NULLS NOT DISTINCT (tenant_id, email, accepted_at)
);
CREATE TABLE teams (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, name text NOT NULL, parent_id uuid, UNIQUE (tenant_id, id), UNIQUE (tenant_id, name), FOREIGN KEY (tenant_id, parent_id) REFERENCES teams (tenant_id, id));
CREATE TABLE team_members (
    tenant_id uuid NOT NULL, team_id uuid NOT NULL, user_id uuid NOT NULL, PRIMARY KEY (team_id, user_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id) ON DELETE CASCADE, FOREIGN KEY (tenant_id, user_id) REFERENCES memberships ON DELETE CASCADE
);
CREATE TABLE projects (
    id bigint GENERATED ALWAYS AS IDENTITY, tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE, key varchar(10) NOT NULL CHECK (key ~ '^[A-Z][A-Z0-9]{1,9}$'),
    name text NOT NULL, color text NOT NULL DEFAULT '#336699' CHECK (color ~* '^#[0-9a-f]{6}$'), archived boolean NOT NULL DEFAULT false, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, key)
);
CREATE TABLE issues (
    tenant_id uuid NOT NULL, project_id bigint NOT NULL, number integer NOT NULL CHECK (number > 0), title varchar(255) NOT NULL CHECK (title ~ '\S'), state text NOT NULL DEFAULT 'open',
    reporter_id uuid NOT NULL, assignee_id uuid, closed_at timestamptz, duplicate_of integer, due date, estimate interval CHECK (estimate > '0' AND estimate <= '30 days'), labels text[] NOT NULL DEFAULT '{}' CHECK (cardinality(labels) <= 10),
    PRIMARY KEY (tenant_id, project_id, number), FOREIGN KEY (tenant_id, project_id) REFERENCES projects ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, reporter_id) REFERENCES memberships, FOREIGN KEY (tenant_id, assignee_id) REFERENCES memberships (tenant_id, user_id) ON DELETE SET NULL (assignee_id),
    FOREIGN KEY (tenant_id, project_id, duplicate_of) REFERENCES issues, CHECK (duplicate_of <> number),
    CHECK (state IN ('open', 'started', 'done', 'duplicate')), CHECK ((state IN ('done', 'duplicate')) = (closed_at IS NOT NULL)), CHECK ((state = 'duplicate') = (duplicate_of IS NOT NULL))
);
CREATE TABLE comments (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL, project_id bigint NOT NULL, issue_number integer NOT NULL, author_id uuid NOT NULL REFERENCES users, body text NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 65536), reply_to bigint REFERENCES comments ON DELETE CASCADE, FOREIGN KEY (tenant_id, project_id, issue_number) REFERENCES issues ON DELETE CASCADE);
CREATE TABLE api_keys (id text PRIMARY KEY CHECK (id ~ '^key_[A-Za-z0-9]{16}$'), tenant_id uuid NOT NULL REFERENCES tenants, hash bytea NOT NULL CHECK (length(hash) = 32), scopes text[] NOT NULL CHECK (scopes <@ ARRAY['read', 'write', 'admin'] AND cardinality(scopes) > 0), allowed inet[] , last_used inet CHECK (family(last_used) IN (4, 6)));
CREATE TABLE webhooks (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL REFERENCES tenants, url url NOT NULL CHECK (url LIKE 'https://%'), events text[] NOT NULL CHECK (array_length(events, 1) >= 1), secret varchar(64) NOT NULL CHECK (char_length(secret) >= 16), max_retries smallint NOT NULL DEFAULT 3 CHECK (max_retries BETWEEN 0 AND 10));
CREATE TABLE deliveries (id bigint GENERATED ALWAYS AS IDENTITY, webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE, at timestamptz NOT NULL DEFAULT now(), status integer CHECK (status BETWEEN 100 AND 599), payload jsonb NOT NULL CHECK (payload ? 'event' AND jsonb_typeof(payload -> 'event') = 'string'), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE deliveries_old PARTITION OF deliveries FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE deliveries_new PARTITION OF deliveries DEFAULT;
CREATE TABLE subscriptions (id text PRIMARY KEY DEFAULT 'sub_' || substr(md5(random()::text), 1, 14), tenant_id uuid NOT NULL UNIQUE REFERENCES tenants, plan plan NOT NULL, quantity integer NOT NULL CHECK (quantity >= 1), unit_cents integer NOT NULL CHECK (unit_cents >= 0), period daterange NOT NULL CHECK (lower_inc(period) AND NOT upper_inf(period) AND NOT lower_inf(period)), trial_ends date, canceled_at timestamptz, CHECK ((plan = 'free') = (unit_cents = 0)), CHECK (trial_ends <@ period));
CREATE TABLE feature_flags (tenant_id uuid REFERENCES tenants, name text NOT NULL CHECK (name ~ '^[a-z]+(_[a-z]+)*$'), percentage numeric(4, 1) NOT NULL DEFAULT 100 CHECK (percentage >= 0 AND percentage <= 100), UNIQUE NULLS NOT DISTINCT (tenant_id, name));
CREATE TABLE rooms (id serial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, name text NOT NULL, capacity integer NOT NULL CHECK (capacity > 0 AND capacity % 2 = 0));
CREATE TABLE bookings (id serial PRIMARY KEY, room_id integer NOT NULL REFERENCES rooms, during tstzrange NOT NULL CHECK (NOT isempty(during)), attendees integer NOT NULL CHECK (attendees > 0), EXCLUDE USING gist (int4range(room_id, room_id, '[]') WITH =, during WITH &&));
CREATE TABLE audit.log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), actor uuid REFERENCES app.users ON DELETE SET NULL, action text NOT NULL CHECK (action IN ('insert', 'update', 'delete')), relation regclass NOT NULL, old_row jsonb, new_row jsonb, CHECK (CASE action WHEN 'insert' THEN old_row IS NULL AND new_row IS NOT NULL WHEN 'delete' THEN old_row IS NOT NULL AND new_row IS NULL ELSE old_row IS NOT NULL AND new_row IS NOT NULL END));
CREATE FUNCTION app.check_seats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM app.memberships WHERE tenant_id = NEW.tenant_id) >= (SELECT seats FROM app.tenants WHERE id = NEW.tenant_id) THEN
        RAISE EXCEPTION 'no seats left in tenant %', NEW.tenant_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_seats BEFORE INSERT ON memberships FOR EACH ROW EXECUTE FUNCTION app.check_seats();
RESET search_path;
