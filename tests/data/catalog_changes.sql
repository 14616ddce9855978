The changes that the catalog must show, each under the kind and the identity that it shows as.

-- setting | statement_timeout
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 1', current_database()); END $$;
-- setting | ROLE harness_test_reader search_path
DO $$ BEGIN
    EXECUTE format('ALTER ROLE harness_test_reader IN DATABASE %I SET search_path = app', current_database());
END $$;
-- comment | database (current)
DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS NULL', current_database()); END $$;
-- privilege | database (current) TO harness_test_reader
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO harness_test_reader', current_database()); END $$;
-- schema | more
CREATE SCHEMA more;
-- schema | app
ALTER SCHEMA app RENAME TO app2;
-- extension | pg_trgm
ALTER EXTENSION pg_trgm UPDATE TO '1.6';
-- extension | pg_trgm
ALTER EXTENSION pg_trgm SET SCHEMA app;
-- language | plother
CREATE OR REPLACE TRUSTED LANGUAGE plother HANDLER plpgsql_call_handler;
-- collation | app.digits
CREATE COLLATION app.other (locale = 'C'); ALTER TABLE app.users ALTER name TYPE text COLLATE "C"; DROP COLLATION app.digits; CREATE COLLATION app.digits (locale = 'C');
-- collation | app.more
CREATE COLLATION app.more (locale = 'C');
-- type | app.state
ALTER TYPE app.state ADD VALUE 'late';
-- type | app.state
ALTER TYPE app.state ADD VALUE 'late' BEFORE 'done';
-- type | app.state
ALTER TYPE app.state RENAME VALUE 'done' TO 'closed';
-- column | app.point3.y
ALTER TYPE app.point3 ALTER ATTRIBUTE y TYPE real;
-- type | app.span
DROP TYPE app.span; CREATE TYPE app.span AS RANGE (subtype = float8);
-- type | app.shell
CREATE TYPE app.shell;
-- domain | app.positive
ALTER DOMAIN app.positive SET DEFAULT 2;
-- domain | app.positive
ALTER DOMAIN app.positive SET NOT NULL;
-- constraint | positive_check ON DOMAIN app.positive
ALTER DOMAIN app.positive DROP CONSTRAINT positive_check;
ALTER DOMAIN app.positive ADD CONSTRAINT positive_check CHECK (VALUE >= 0);
-- constraint | positive_check ON DOMAIN app.positive
ALTER DOMAIN app.positive DROP CONSTRAINT positive_check;
-- sequence | app.counter
ALTER SEQUENCE app.counter INCREMENT BY 7;
-- sequence | app.counter
ALTER SEQUENCE app.counter CYCLE;
-- sequence | app.counter
ALTER SEQUENCE app.counter AS integer;
-- sequence | app.counter
ALTER SEQUENCE app.counter OWNED BY NONE;
-- sequence | app.counter
ALTER SEQUENCE app.counter SET UNLOGGED;
-- sequence | app.tasks_id_seq
ALTER TABLE app.tasks ALTER id SET START WITH 100;
-- table | app.more
CREATE TABLE app.more ();
-- table | app.users
ALTER TABLE app.users RENAME TO people;
-- table | app.tasks
ALTER TABLE app.tasks SET (fillfactor = 80);
-- table | app.tasks
ALTER TABLE app.tasks SET (toast.autovacuum_enabled = off);
-- table | app.base
ALTER TABLE app.base SET UNLOGGED;
-- table | app.base
ALTER TABLE app.base SET ACCESS METHOD heap2;
-- table | app.tasks
ALTER TABLE app.tasks DISABLE ROW LEVEL SECURITY;
-- table | app.tasks
ALTER TABLE app.tasks FORCE ROW LEVEL SECURITY;
-- table | app.tasks
ALTER TABLE app.tasks REPLICA IDENTITY FULL;
-- index | app.users_email_key
ALTER TABLE app.users REPLICA IDENTITY USING INDEX users_email_key;
-- table | app.derived
ALTER TABLE app.derived NO INHERIT app.base;
-- table | app.events_2030
ALTER TABLE app.events DETACH PARTITION app.events_2030;
ALTER TABLE app.events ATTACH PARTITION app.events_2030
FOR VALUES FROM ('2030-01-01 00:00+00') TO ('2032-01-01 00:00+00');
-- table | app.events_rest
ALTER TABLE app.events DETACH PARTITION app.events_rest;
-- foreign table | app.lines
ALTER FOREIGN TABLE app.lines OPTIONS (SET filename '/dev/zero');
-- column | app.remote.n
ALTER FOREIGN TABLE app.remote ALTER n OPTIONS (SET named 'n');
-- view | app.open_tasks
CREATE OR REPLACE VIEW app.open_tasks WITH (security_barrier) AS SELECT id, title FROM app.tasks;
-- view | app.open_tasks
ALTER VIEW app.open_tasks RESET (security_barrier);
-- view | app.open_tasks
ALTER VIEW app.open_tasks SET (security_invoker = on);
-- column | app.open_tasks.id
ALTER VIEW app.open_tasks ALTER id SET DEFAULT 1;
-- materialized view | app.totals
DROP MATERIALIZED VIEW app.totals; CREATE MATERIALIZED VIEW app.totals AS SELECT user_id, 1 AS n FROM app.tasks;
-- column | app.tasks.title
DROP VIEW app.open_tasks; ALTER TABLE app.tasks ALTER title TYPE varchar(201);
-- column | app.tasks.title
DROP VIEW app.open_tasks; ALTER TABLE app.tasks ALTER title TYPE text;
-- column | app.tasks.title
ALTER TABLE app.tasks ALTER title SET DEFAULT 'nameless';
-- column | app.tasks.title
ALTER TABLE app.tasks ALTER title DROP DEFAULT;
-- column | app.tasks.title
ALTER TABLE app.tasks ALTER title DROP NOT NULL;
-- column | app.tasks.title
ALTER TABLE app.tasks ALTER title SET STORAGE EXTERNAL;
-- column | app.tasks.title
ALTER TABLE app.tasks ALTER title SET COMPRESSION pglz;
-- column | app.tasks.title
ALTER TABLE app.tasks ALTER title SET STATISTICS 500;
-- column | app.tasks.title
ALTER TABLE app.tasks ALTER title SET (n_distinct = 5);
-- column | app.tasks.headline
ALTER TABLE app.tasks RENAME title TO headline;
-- column | app.tasks.weight
ALTER TABLE app.tasks DROP state CASCADE;
-- column | app.tasks.state
ALTER TABLE app.tasks DROP title CASCADE; ALTER TABLE app.tasks ADD title varchar(200) NOT NULL DEFAULT 'untitled';
-- column | app.users.name
ALTER TABLE app.users ALTER name TYPE text COLLATE "C";
-- column | app.tasks.id
ALTER TABLE app.tasks ALTER id SET GENERATED BY DEFAULT;
-- column | app.tasks.id
ALTER TABLE app.tasks ALTER id DROP IDENTITY;
-- column | app.tasks.doubled
ALTER TABLE app.tasks ALTER doubled DROP EXPRESSION;
-- column | app.tasks.doubled
ALTER TABLE app.tasks DROP doubled; ALTER TABLE app.tasks ADD doubled int GENERATED ALWAYS AS (weight * 3) STORED;
-- column | app.derived.n
ALTER TABLE app.derived NO INHERIT app.base;
-- constraint | tasks_title_check ON app.tasks
ALTER TABLE app.tasks DROP CONSTRAINT tasks_title_check, ADD CONSTRAINT tasks_title_check CHECK (title <> 'x');
-- constraint | tasks_title_check ON app.tasks
ALTER TABLE app.tasks DROP CONSTRAINT tasks_title_check, ADD CONSTRAINT tasks_title_check CHECK (title <> '') NOT VALID;
-- constraint | tasks_title_check ON app.tasks
ALTER TABLE app.tasks DROP CONSTRAINT tasks_title_check,
ADD CONSTRAINT tasks_title_check CHECK (title <> '') NOT ENFORCED;
-- constraint | tasks_title_check ON app.tasks
ALTER TABLE app.tasks RENAME CONSTRAINT tasks_title_check TO renamed;
-- constraint | tasks_user_id_fkey ON app.tasks
ALTER TABLE app.tasks ALTER CONSTRAINT tasks_user_id_fkey DEFERRABLE;
-- constraint | tasks_user_id_fkey ON app.tasks
ALTER TABLE app.tasks ALTER CONSTRAINT tasks_user_id_fkey DEFERRABLE INITIALLY DEFERRED;
-- constraint | tasks_user_id_fkey ON app.tasks
ALTER TABLE app.tasks DROP CONSTRAINT tasks_user_id_fkey,
ADD CONSTRAINT tasks_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (id) ON DELETE SET NULL;
-- constraint | tasks_user_id_fkey ON app.tasks
ALTER TABLE app.tasks DISABLE TRIGGER ALL;
-- constraint | users_email_key ON app.users
ALTER TABLE app.users DROP CONSTRAINT users_email_key, ADD CONSTRAINT users_email_key UNIQUE NULLS NOT DISTINCT (email);
-- constraint | users_email_key ON app.users
ALTER TABLE app.users DROP CONSTRAINT users_email_key, ADD CONSTRAINT users_email_key UNIQUE (email, name);
-- constraint | tasks_no_overlap ON app.tasks
ALTER TABLE app.tasks DROP CONSTRAINT tasks_no_overlap;
-- constraint | tasks_pkey ON app.tasks
ALTER TABLE app.tasks DROP CONSTRAINT tasks_pkey;
-- not null constraint | tasks_state_required ON app.tasks
ALTER TABLE app.tasks ALTER state DROP NOT NULL;
-- not null constraint | tasks_weight_not_null ON app.tasks
ALTER TABLE app.tasks ADD CONSTRAINT tasks_weight_not_null NOT NULL weight NOT VALID;
-- index | app.tasks_user_idx
DROP INDEX app.tasks_user_idx;
-- index | app.tasks_user_idx
DROP INDEX app.tasks_user_idx; CREATE INDEX tasks_user_idx ON app.tasks (user_id) INCLUDE (title) WHERE state = 'open';
-- index | app.tasks_user_idx
DROP INDEX app.tasks_user_idx; CREATE INDEX tasks_user_idx ON app.tasks (user_id DESC) WHERE state = 'open';
-- index | app.tasks_user_idx
DROP INDEX app.tasks_user_idx; CREATE INDEX tasks_user_idx ON app.tasks (user_id DESC) INCLUDE (title);
-- index | app.tasks_user_idx
UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'app.tasks_user_idx'::regclass;
-- index | app.tasks_user_idx
ALTER INDEX app.tasks_user_idx SET (fillfactor = 50);
-- index | app.tasks_title_idx
ALTER TABLE app.tasks CLUSTER ON tasks_title_idx;
-- index | app.tasks_title_idx
ALTER INDEX app.tasks_title_idx ALTER 1 SET STATISTICS 7;
-- index | app.tasks_title_idx
DROP INDEX app.tasks_title_idx; CREATE INDEX tasks_title_idx ON app.tasks (lower(title));
-- statistics | app.tasks_stats
DROP STATISTICS app.tasks_stats; CREATE STATISTICS app.tasks_stats (mcv) ON user_id, state FROM app.tasks;
-- statistics | app.tasks_stats
ALTER STATISTICS app.tasks_stats SET STATISTICS 9;
-- trigger | tasks_touch ON app.tasks
ALTER TABLE app.tasks DISABLE TRIGGER tasks_touch;
-- trigger | tasks_touch ON app.tasks
ALTER TABLE app.tasks ENABLE ALWAYS TRIGGER tasks_touch;
-- trigger | tasks_touch ON app.tasks
CREATE OR REPLACE TRIGGER tasks_touch BEFORE UPDATE ON app.tasks
FOR EACH ROW WHEN (old.title <> new.title) EXECUTE FUNCTION app.touch();
-- trigger | tasks_touch ON app.tasks
DROP TRIGGER tasks_touch ON app.tasks;
-- trigger | tasks_later ON app.tasks
DROP TRIGGER tasks_later ON app.tasks;
CREATE CONSTRAINT TRIGGER tasks_later AFTER INSERT ON app.tasks FOR EACH ROW EXECUTE FUNCTION app.touch();
-- trigger | events_touch ON app.events_2030
ALTER TABLE app.events_2030 DISABLE TRIGGER events_touch;
-- rule | no_delete ON app.users
CREATE OR REPLACE RULE no_delete AS ON DELETE TO app.users WHERE old.id = '' DO INSTEAD NOTHING;
-- rule | no_delete ON app.users
ALTER TABLE app.users DISABLE RULE no_delete;
-- policy | own ON app.tasks
ALTER POLICY own ON app.tasks USING (TRUE);
-- policy | own ON app.tasks
ALTER POLICY own ON app.tasks TO harness_test_reader, harness_test_writer;
-- policy | own ON app.tasks
DROP POLICY own ON app.tasks;
CREATE POLICY own ON app.tasks FOR UPDATE TO harness_test_reader USING (user_id = current_user);
-- policy | own ON app.tasks
DROP POLICY own ON app.tasks;
CREATE POLICY own ON app.tasks AS RESTRICTIVE FOR SELECT TO harness_test_reader USING (user_id = current_user);
-- policy | insertion ON app.tasks
CREATE POLICY insertion ON app.tasks FOR INSERT WITH CHECK (title = 'x');
-- function | app.is_short(text, integer)
CREATE OR REPLACE FUNCTION app.is_short(t text, n integer DEFAULT 10) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT length(t) <= n $$;
-- function | app.is_short(text, integer)
ALTER FUNCTION app.is_short VOLATILE;
-- function | app.is_short(text, integer)
ALTER FUNCTION app.is_short SECURITY DEFINER;
-- function | app.is_short(text, integer)
ALTER FUNCTION app.is_short STRICT;
-- function | app.is_short(text, integer)
ALTER FUNCTION app.is_short PARALLEL SAFE;
-- function | app.is_short(text, integer)
ALTER FUNCTION app.is_short COST 7;
-- function | app.is_short(text, integer)
ALTER FUNCTION app.is_short SET search_path = app;
-- function | app.is_short(text, integer)
CREATE OR REPLACE FUNCTION app.is_short(t text, n integer DEFAULT 11) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT length(t) < n $$;
-- function | app.is_short(text)
CREATE FUNCTION app.is_short(t text) RETURNS boolean LANGUAGE sql AS 'SELECT TRUE';
-- procedure | app.reset(integer)
CREATE OR REPLACE PROCEDURE app.reset(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := 1; END $$;
-- aggregate | app.total(integer)
CREATE OR REPLACE AGGREGATE app.total(integer) (SFUNC = app.add_state, STYPE = integer, INITCOND = '1');
-- operator | app.|+|(integer, integer)
DROP OPERATOR app.|+| (integer, integer);
CREATE OPERATOR app.|+| (FUNCTION = app.add_state, LEFTARG = integer, RIGHTARG = integer);
-- operator class | app.whole_ops USING btree
ALTER OPERATOR CLASS app.whole_ops USING btree RENAME TO integral_ops;
-- operator family | app.whole USING btree
ALTER OPERATOR FAMILY app.whole USING btree ADD OPERATOR 1 < (integer, bigint);
-- cast | (app.point3 AS text)
DROP CAST (app.point3 AS text); CREATE CAST (app.point3 AS text) WITH INOUT AS IMPLICIT;
-- conversion | app.latin
DROP CONVERSION app.latin; CREATE DEFAULT CONVERSION app.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
-- transform | FOR integer LANGUAGE plother
DROP TRANSFORM FOR integer LANGUAGE plother;
-- access method | heap2
DROP ACCESS METHOD heap2;
-- text search configuration | app.words
ALTER TEXT SEARCH CONFIGURATION app.words ALTER MAPPING FOR word WITH app.plain_dict;
-- text search dictionary | app.plain_dict
ALTER TEXT SEARCH DICTIONARY app.plain_dict (accept = false);
-- text search template | app.plain
ALTER TEXT SEARCH TEMPLATE app.plain RENAME TO simpler;
-- text search parser | app.splitter
DROP TEXT SEARCH PARSER app.splitter;
CREATE TEXT SEARCH PARSER app.splitter (
    START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline
);
-- subscription | sub
CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere' PUBLICATION pub WITH (connect = false, slot_name = NONE);
-- foreign data wrapper | nothing
ALTER FOREIGN DATA WRAPPER nothing OPTIONS (SET kind 'some');
-- foreign server | other
ALTER SERVER other VERSION '2';
-- foreign server | other
ALTER SERVER other OPTIONS (SET host 'g');
-- user mapping | FOR harness_test_reader SERVER other
ALTER USER MAPPING FOR harness_test_reader SERVER other OPTIONS (SET user 'v');
-- publication | pub
ALTER PUBLICATION pub SET (publish = 'insert');
-- publication | pub
ALTER PUBLICATION pub SET (publish_via_partition_root);
-- published table | app.base IN pub
ALTER PUBLICATION pub ADD TABLE app.base;
-- published table | app.users IN filtered
ALTER PUBLICATION filtered SET TABLE app.users (id, email) WHERE (id <> 'x');
-- published table | app.users IN filtered
ALTER PUBLICATION filtered SET TABLE app.users (id);
-- published schema | public IN pub
ALTER PUBLICATION pub DROP TABLES IN SCHEMA public;
-- event trigger | watch
ALTER EVENT TRIGGER watch DISABLE;
-- event trigger | watch
DROP EVENT TRIGGER watch;
-- default privilege | FOR ROLE harness_test_writer IN SCHEMA app ON TABLES
ALTER DEFAULT PRIVILEGES FOR ROLE harness_test_writer IN SCHEMA app GRANT INSERT ON TABLES TO harness_test_reader;
-- default privilege | FOR ROLE harness_test_writer ON FUNCTIONS
ALTER DEFAULT PRIVILEGES FOR ROLE harness_test_writer REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
-- owner | table app.tasks
ALTER TABLE app.tasks OWNER TO harness_test_writer;
-- owner | table public.owned
ALTER TABLE public.owned OWNER TO CURRENT_USER;
-- owner | function app.touch()
ALTER FUNCTION app.touch() OWNER TO harness_test_writer;
-- owner | schema app
ALTER SCHEMA app OWNER TO harness_test_writer;
-- owner | type app.state
ALTER TYPE app.state OWNER TO harness_test_writer;
-- privilege | table app.tasks TO harness_test_reader
REVOKE INSERT ON app.tasks FROM harness_test_reader;
-- privilege | table app.tasks TO harness_test_reader
GRANT SELECT ON app.tasks TO harness_test_reader WITH GRANT OPTION;
-- privilege | table app.users TO PUBLIC
GRANT SELECT ON app.users TO PUBLIC;
-- privilege | column app.tasks.title TO harness_test_reader
REVOKE UPDATE (title) ON app.tasks FROM harness_test_reader;
-- privilege | sequence app.counter TO harness_test_reader
GRANT USAGE ON SEQUENCE app.counter TO harness_test_reader;
-- privilege | function app.touch() TO PUBLIC
REVOKE EXECUTE ON FUNCTION app.touch() FROM PUBLIC;
-- privilege | function app.touch() TO harness_test_reader
GRANT EXECUTE ON FUNCTION app.touch() TO harness_test_reader;
-- privilege | schema app TO harness_test_reader
GRANT USAGE ON SCHEMA app TO harness_test_reader;
-- privilege | type app.state TO PUBLIC
REVOKE USAGE ON TYPE app.state FROM PUBLIC;
-- privilege | foreign server other TO harness_test_reader
GRANT USAGE ON FOREIGN SERVER other TO harness_test_reader;
-- comment | schema app
COMMENT ON SCHEMA app IS 'another';
-- comment | column app.tasks.title
COMMENT ON COLUMN app.tasks.title IS NULL;
-- comment | table app.tasks
COMMENT ON TABLE app.tasks IS 'x';
-- comment | constraint tasks_pkey ON app.tasks
COMMENT ON CONSTRAINT tasks_pkey ON app.tasks IS 'x';
-- comment | trigger tasks_touch ON app.tasks
COMMENT ON TRIGGER tasks_touch ON app.tasks IS 'x';
-- comment | policy own ON app.tasks
COMMENT ON POLICY own ON app.tasks IS 'x';
-- comment | function app.touch()
COMMENT ON FUNCTION app.touch() IS 'x';
-- comment | index app.tasks_user_idx
COMMENT ON INDEX app.tasks_user_idx IS 'x';
-- comment | type app.state
COMMENT ON TYPE app.state IS 'x';
