-- What makes rows hard to find: one table per difficulty.
CREATE SCHEMA hard;
SET search_path = hard;

-- Cycles.
CREATE TABLE self_nullable (id integer PRIMARY KEY, parent_id integer REFERENCES self_nullable);
CREATE TABLE self_required (id integer PRIMARY KEY, root_id integer NOT NULL REFERENCES self_required);
CREATE TABLE self_identity (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, root_id bigint NOT NULL REFERENCES self_identity
);
CREATE TABLE chickens (id integer PRIMARY KEY, egg_id integer NOT NULL);
CREATE TABLE eggs (
    id integer PRIMARY KEY,
    chicken_id integer NOT NULL REFERENCES chickens DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE chickens ADD FOREIGN KEY (egg_id) REFERENCES eggs DEFERRABLE INITIALLY IMMEDIATE;
CREATE TABLE departments (id serial PRIMARY KEY, head_id integer);
CREATE TABLE employees (
    id serial PRIMARY KEY, department_id integer NOT NULL REFERENCES departments, name text NOT NULL
);
ALTER TABLE departments ADD FOREIGN KEY (head_id) REFERENCES employees;

-- Composite keys that share a column, MATCH FULL, subtypes by a discriminator.
CREATE TABLE tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE);
CREATE TABLE projects (
    tenant_id uuid NOT NULL REFERENCES tenants, id integer NOT NULL, PRIMARY KEY (tenant_id, id)
);
CREATE TABLE members (
    tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL, PRIMARY KEY (tenant_id, email),
    CHECK (email LIKE '_%@_%')
);
CREATE TABLE assignments (
    tenant_id uuid NOT NULL, project_id integer NOT NULL, email text NOT NULL, backup_email text,
    PRIMARY KEY (tenant_id, project_id, email),
    FOREIGN KEY (tenant_id, project_id) REFERENCES projects,
    FOREIGN KEY (tenant_id, email) REFERENCES members,
    FOREIGN KEY (tenant_id, backup_email) REFERENCES members,
    CHECK (backup_email <> email)
);
CREATE TABLE full_matches (
    id integer PRIMARY KEY, tenant_id uuid, project_id integer,
    FOREIGN KEY (tenant_id, project_id) REFERENCES projects MATCH FULL
);
CREATE TABLE vehicles (
    id integer, kind text CHECK (kind IN ('car', 'truck', 'bike')), PRIMARY KEY (id, kind)
);
CREATE TABLE trucks (
    id integer PRIMARY KEY, kind text NOT NULL DEFAULT 'truck' CHECK (kind = 'truck'), load numeric(6, 1),
    FOREIGN KEY (id, kind) REFERENCES vehicles
);
CREATE TABLE bikes (
    id integer PRIMARY KEY, kind text GENERATED ALWAYS AS ('bike') STORED,
    FOREIGN KEY (id, kind) REFERENCES vehicles
);

-- CHECKs of every shape.
CREATE FUNCTION luhn_valid(digits text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT sum(CASE WHEN n % 2 = 0 THEN d * 2 - CASE WHEN d > 4 THEN 9 ELSE 0 END ELSE d END) % 10 = 0
    FROM (SELECT substr(reverse(digits), n, 1)::integer AS d, n FROM generate_series(1, length(digits)) AS n) AS x
$$;
CREATE TABLE checks (
    id integer PRIMARY KEY,
    age integer NOT NULL CHECK (age BETWEEN 18 AND 21),
    status varchar(10) NOT NULL CHECK (status IN ('open', 'paid', 'it''s')),
    grade "char" NOT NULL CHECK (grade = ANY ('{A,B,C}'::"char"[])),
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]+(?:-[a-z0-9]+)*$' AND length(slug) BETWEEN 3 AND 40),
    code text NOT NULL CHECK (code SIMILAR TO '[A-Z]{3}-[0-9]{4}'),
    label text NOT NULL CHECK (label = lower(trim(label)) AND label <> ''),
    posix text NOT NULL CHECK (posix ~ '^[[:upper:]][[:alnum:]_]{5,7}\Z'),
    liked text NOT NULL CHECK (liked ILIKE 'AB\_%z' AND liked NOT LIKE '%q%'),
    born date NOT NULL CHECK (born <= CURRENT_DATE - INTERVAL '18 years' AND born > DATE '1900-01-01'),
    starts timestamptz NOT NULL, ends timestamptz NOT NULL, CHECK (ends > starts + INTERVAL '1 hour'),
    low integer NOT NULL, middle integer NOT NULL, high integer NOT NULL,
    CHECK (low < middle AND middle < high), CHECK (high - low BETWEEN 10 AND 12),
    quantity integer NOT NULL CHECK (quantity > 0), unit_price numeric(10, 2) NOT NULL CHECK (unit_price > 0),
    total numeric(12, 2) NOT NULL CHECK (total = quantity * unit_price),
    phone text, fax text, telex text, CHECK (num_nonnulls(phone, fax, telex) = 1),
    paid_at timestamptz, CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
    data jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object' AND data ? 'kind' AND data ->> 'kind' IN ('a', 'b')),
    tags text[] NOT NULL CHECK (cardinality(tags) BETWEEN 1 AND 3 AND array_position(tags, NULL) IS NULL),
    roles text[] NOT NULL CHECK (roles <@ ARRAY['admin', 'user', 'guest'] AND roles <> '{}'),
    even integer NOT NULL CHECK (even % 2 = 0 AND even > 100),
    ratio double precision NOT NULL CHECK (ratio >= 0 AND ratio < 1),
    span tstzrange NOT NULL CHECK (NOT isempty(span) AND lower(span) < upper(span)),
    color text NOT NULL CHECK (color ~* '^#(?:[0-9a-f]{3}){1,2}$'),
    digits text NOT NULL CHECK (digits ~ '^[0-9]{4,6}$' AND luhn_valid(digits)),
    host inet NOT NULL CHECK (family(host) = 4 AND masklen(host) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    weekday date NOT NULL CHECK (EXTRACT(isodow FROM weekday) < 6 AND EXTRACT(year FROM weekday) >= 2000),
    chosen text NOT NULL CHECK (CASE WHEN length(chosen) > 5 THEN chosen LIKE 'long%' ELSE chosen = 'short' END),
    nothing text CHECK (nothing IS NULL)
);
CREATE TABLE impossible (id integer PRIMARY KEY, CHECK (1 = 0));
CREATE TABLE contradictory (id integer PRIMARY KEY, n integer NOT NULL CHECK (n > 5 AND n < 3));
CREATE TABLE double_defaults (
    id serial PRIMARY KEY, state text NOT NULL DEFAULT 'draft', published_at timestamptz NOT NULL DEFAULT '-infinity',
    CHECK (state <> 'draft' OR published_at > now())
);

-- Uniqueness.
CREATE TABLE flags (enabled boolean NOT NULL, level smallint NOT NULL CHECK (level IN (1, 2, 3)), UNIQUE (enabled, level));
CREATE TABLE slots (
    id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, room integer NOT NULL, during tsrange NOT NULL,
    EXCLUDE USING gist (during WITH &&), CHECK (room > 0)
);
CREATE TABLE profiles (tenant_id uuid PRIMARY KEY REFERENCES tenants, bio text NOT NULL);
CREATE TABLE accounts (
    id integer PRIMARY KEY, email text NOT NULL, active boolean NOT NULL, position integer NOT NULL
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (lower(email)) WHERE active;
ALTER TABLE accounts ADD CONSTRAINT accounts_position_key UNIQUE (position) DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE singletons (lone boolean PRIMARY KEY DEFAULT true CHECK (lone), note text NOT NULL);

-- Partitions and inheritance.
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text NOT NULL, PRIMARY KEY (id, at, kind)) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (kind);
CREATE TABLE events_2025_a PARTITION OF events_2025 FOR VALUES IN ('a', 'b');
CREATE TABLE hashed (id integer NOT NULL, body text) PARTITION BY HASH (id);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE listed (region text, n integer) PARTITION BY LIST (region);
CREATE TABLE listed_eu PARTITION OF listed FOR VALUES IN ('de', 'fr');
CREATE TABLE listed_none PARTITION OF listed FOR VALUES IN (NULL);
CREATE TABLE listed_rest PARTITION OF listed DEFAULT;
CREATE TABLE unpartitioned (id integer) PARTITION BY RANGE (id);
CREATE TABLE event_notes (event_id bigint NOT NULL, event_at date NOT NULL, kind text NOT NULL, FOREIGN KEY (event_id, event_at, kind) REFERENCES events);
CREATE TABLE animals (name text NOT NULL CHECK (length(name) > 2));
CREATE TABLE dogs (breed text NOT NULL) INHERITS (animals);
CREATE UNLOGGED TABLE sessions (token uuid PRIMARY KEY, seen timestamptz NOT NULL);

-- Triggers that refuse, change, or swallow rows.
CREATE FUNCTION refuse_cheap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.amount < 1000 OR NEW.currency <> 'XTS' THEN
        RAISE EXCEPTION 'amount or currency not accepted';
    END IF;
    RETURN NEW;
END $$;
CREATE TABLE payments (id serial PRIMARY KEY, amount integer NOT NULL, currency char(3) NOT NULL);
CREATE TRIGGER payments_refuse BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION refuse_cheap();
CREATE FUNCTION need_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.approved THEN RAISE EXCEPTION 'must be approved' USING ERRCODE = 'check_violation'; END IF;
    RETURN NULL;
END $$;
CREATE TABLE approvals (id serial PRIMARY KEY, approved boolean NOT NULL DEFAULT false);
CREATE CONSTRAINT TRIGGER approvals_need AFTER INSERT ON approvals DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION need_approval();
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE swallowed (id integer PRIMARY KEY);
CREATE TRIGGER swallowed_all BEFORE INSERT ON swallowed FOR EACH ROW EXECUTE FUNCTION swallow();

-- Generated columns, odd names, no columns at all, views.
CREATE TABLE generated (
    width integer NOT NULL, height integer NOT NULL, area integer GENERATED ALWAYS AS (width * height) STORED,
    CHECK (area > 100 AND area < 1000)
);
CREATE TABLE "Odd ""names"" 100% $1" ("a b" integer NOT NULL, "Sélect" text NOT NULL CHECK ("Sélect" <> ''), "50%" integer CHECK ("50%" > 50));
CREATE TABLE nothing ();
CREATE TABLE all_defaults (id serial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
CREATE VIEW open_checks AS SELECT id, age, status FROM checks;
CREATE VIEW rich_accounts AS SELECT id, email, active, position AS place FROM accounts WHERE active AND id > 1000000 WITH CHECK OPTION;
CREATE VIEW counted AS SELECT count(*) FROM accounts;
RESET search_path;
