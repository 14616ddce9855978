-- One of every kind of object, for the tests of the catalog; PostgreSQL 15 and later.
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'the application';
CREATE EXTENSION pg_trgm VERSION '1.5' SCHEMA public;
CREATE EXTENSION file_fdw SCHEMA public;
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET statement_timeout = %L', current_database(), '5min');
    EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), 'rich');
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
END $$;

CREATE LANGUAGE plother HANDLER plpgsql_call_handler;
CREATE COLLATION app.digits (locale = 'POSIX');
CREATE TYPE app.state AS ENUM ('open', 'done');
CREATE TYPE app.point3 AS (x numeric, y numeric, z numeric);
CREATE TYPE app.span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE DOMAIN app.positive AS integer DEFAULT 1 CONSTRAINT positive_check CHECK (VALUE > 0);

CREATE FUNCTION app.is_short(t text, n integer DEFAULT 10) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT length(t) < n $$;

CREATE SEQUENCE app.counter INCREMENT BY 5 MINVALUE 1 CACHE 3;
CREATE TABLE app.users (
    id text CONSTRAINT users_pkey PRIMARY KEY,
    email text NOT NULL CONSTRAINT users_email_key UNIQUE,
    name text COLLATE app.digits
);
CREATE TABLE app.tasks (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT tasks_pkey PRIMARY KEY,
    user_id text NOT NULL CONSTRAINT tasks_user_id_fkey REFERENCES app.users (id) ON DELETE CASCADE,
    title varchar(200) NOT NULL DEFAULT 'untitled',
    state app.state CONSTRAINT tasks_state_required NOT NULL DEFAULT 'open',
    weight app.positive,
    due timestamptz DEFAULT '2030-01-01 00:00:00+00',
    doubled integer GENERATED ALWAYS AS (weight * 2) STORED,
    number integer DEFAULT nextval('app.counter'),
    notes text,
    CONSTRAINT tasks_title_check CHECK (title <> ''),
    CONSTRAINT tasks_no_overlap EXCLUDE (number WITH =)
) WITH (fillfactor = 90);
COMMENT ON COLUMN app.tasks.title IS 'what is to be done';
ALTER SEQUENCE app.counter OWNED BY app.tasks.number;
CREATE INDEX tasks_user_idx ON app.tasks (user_id DESC) INCLUDE (title) WHERE state = 'open';
CREATE UNIQUE INDEX tasks_title_idx ON app.tasks (lower(title));
CREATE STATISTICS app.tasks_stats (dependencies) ON user_id, state FROM app.tasks;
ALTER TABLE app.tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.tasks FOR SELECT TO harness_test_reader USING (user_id = current_user);
GRANT SELECT, INSERT ON app.tasks TO harness_test_reader;
GRANT UPDATE (title) ON app.tasks TO harness_test_reader;
CREATE TABLE public.owned (id serial);
ALTER TABLE public.owned OWNER TO harness_test_writer;

CREATE TABLE app.events (at timestamptz NOT NULL, what text, CONSTRAINT events_pkey PRIMARY KEY (at))
PARTITION BY RANGE (at);
CREATE TABLE app.events_2030 PARTITION OF app.events FOR VALUES FROM ('2030-01-01 00:00+00') TO ('2031-01-01 00:00+00');
CREATE TABLE app.events_rest PARTITION OF app.events DEFAULT;
CREATE INDEX events_what_idx ON app.events (what);
CREATE TABLE app.about_events (
    at timestamptz, CONSTRAINT about_events_at_fkey FOREIGN KEY (at) REFERENCES app.events (at)
);
CREATE TABLE app.base (n integer);
CREATE TABLE app.derived (m integer) INHERITS (app.base);

CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEW;
END $$;
CREATE TRIGGER tasks_touch BEFORE UPDATE ON app.tasks FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE CONSTRAINT TRIGGER tasks_later AFTER INSERT ON app.tasks DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER events_touch BEFORE INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch();

CREATE VIEW app.open_tasks WITH (security_barrier) AS SELECT id, title FROM app.tasks WHERE state = 'open';
CREATE MATERIALIZED VIEW app.totals AS SELECT user_id, count(*) AS n FROM app.tasks GROUP BY user_id;
CREATE RULE no_delete AS ON DELETE TO app.users DO INSTEAD NOTHING;

CREATE PROCEDURE app.reset(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := 0; END $$;
CREATE FUNCTION app.atomic() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM app.tasks; END;
CREATE FUNCTION app.add_state(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE AGGREGATE app.total(integer) (SFUNC = app.add_state, STYPE = integer, INITCOND = '0');
CREATE OPERATOR app.|+| (FUNCTION = app.add_state, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(app.|+|));
CREATE OPERATOR FAMILY app.whole USING btree;
CREATE OPERATOR CLASS app.whole_ops FOR TYPE integer USING btree FAMILY app.whole AS
OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 btint4cmp(integer, integer);
CREATE FUNCTION app.to_text(app.point3) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.x::text';
CREATE CAST (app.point3 AS text) WITH FUNCTION app.to_text(app.point3) AS ASSIGNMENT;
CREATE CONVERSION app.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE FUNCTION app.from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'varchar_support';
CREATE TRANSFORM FOR integer LANGUAGE plother (FROM SQL WITH FUNCTION app.from_sql(internal));
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;

CREATE TEXT SEARCH TEMPLATE app.plain (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH PARSER app.splitter (
    START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype
);
CREATE TEXT SEARCH DICTIONARY app.plain_dict (TEMPLATE = app.plain);
CREATE TEXT SEARCH CONFIGURATION app.words (COPY = pg_catalog.simple);

CREATE FOREIGN DATA WRAPPER nothing OPTIONS (kind 'none');
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER other VERSION '1' FOREIGN DATA WRAPPER nothing OPTIONS (host 'h');
CREATE USER MAPPING FOR harness_test_reader SERVER other OPTIONS (user 'u', password 'hunter2');
CREATE FOREIGN TABLE app.lines (line text) SERVER files OPTIONS (filename '/dev/null');
CREATE FOREIGN TABLE app.remote (n integer OPTIONS (named 'm')) SERVER other;

CREATE PUBLICATION pub FOR TABLE app.tasks, TABLES IN SCHEMA public;
CREATE PUBLICATION filtered FOR TABLE app.users (id, email) WHERE (id <> '');

ALTER DEFAULT PRIVILEGES FOR ROLE harness_test_writer IN SCHEMA app GRANT SELECT ON TABLES TO harness_test_reader;
CREATE SCHEMA "Odd.Schema";
CREATE TABLE "Odd.Schema"."Odd Table" ("odd.column" integer);
CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION app.on_ddl();
