from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.core.config import Config
from harness.core.config_reader import load
from harness.core.errors import ConfigError
from harness.postgres.cluster import Cluster
from harness.postgres.database import build_template
from harness.sources import MigrationError, SchemaSource, open_source
from harness.sources.finding import SchemaSearch
from tests import sources
from tests.project import Project, output
from tests.sources import TOOLS, at, public, write

connection = sources.connection
SUPABASE = TOOLS["supabase"]
FIRST = "supabase/migrations/20260101000000_a.sql"
NOTES = """CREATE TABLE notes (
    id uuid PRIMARY KEY DEFAULT extensions.uuid_generate_v4(),
    owner uuid NOT NULL DEFAULT auth.uid() REFERENCES auth.users,
    body text
);
CREATE INDEX ON notes (owner);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes TO authenticated USING (owner = (SELECT auth.uid()));
"""


def project(root: Path, **others: str) -> SchemaSource:
    return at(write(root, {FIRST: NOTES, **others}), SUPABASE)


@pytest.mark.parametrize("where", [".", "supabase", "supabase/migrations"])
def test_the_project_and_its_directories_are_known(where: str, tmp_path: Path):
    write(tmp_path, {FIRST: NOTES})
    found = open_source(Config(tmp_path, (tmp_path / where).resolve()))
    assert found is not None
    assert found.name == "supabase"
    assert len(found.migrations) == 1


def test_what_the_platform_has_is_there(tmp_path: Path, connection):
    project(tmp_path).apply(connection)
    owner = "00000000-0000-0000-0000-000000000001"
    connection.execute("INSERT INTO auth.users (id) VALUES (%s)", [owner])
    connection.execute("INSERT INTO notes (owner) VALUES (%s)", [owner])
    claims = f'{{"sub": "{owner}", "role": "authenticated", "email": "a@b"}}'
    connection.execute("SELECT set_config('request.jwt.claims', %s, false)", [claims])
    connection.execute("SET ROLE authenticated")
    seen = connection.execute(
        "SELECT auth.uid()::text, auth.role(), auth.email(), auth.jwt() ->> 'sub', count(*)"
        " FROM notes"
    )
    assert seen.fetchone() == (owner, "authenticated", "a@b", owner, 1)
    connection.execute("SET ROLE anon")
    assert connection.execute("SELECT count(*) FROM notes").fetchone() == (0,)


def test_storage_s_functions_take_names_apart(tmp_path: Path, connection):
    project(tmp_path).apply(connection)
    row = connection.execute(
        "SELECT storage.foldername(n), storage.filename(n), storage.extension(n)"
        " FROM (VALUES ('a/b/c.tar.gz')) AS v (n)"
    ).fetchone()
    assert row == (["a", "b"], "c.tar.gz", "gz")


def test_it_may_be_applied_to_one_database_after_another(tmp_path: Path, cluster: Cluster):
    source = project(tmp_path)
    template = build_template(cluster, lambda _: None)
    for _ in range(2):
        with template.cloned() as database, database.connect() as connection:
            source.apply(connection)
    template.close()
    template.drop()


def test_the_first_migration_by_itself_finds_the_platform(tmp_path: Path, connection):
    source = project(tmp_path)
    source.upgrade(connection, source.migrations[0])
    assert public(connection) == ["notes"]


def test_the_seed_comes_last_and_counts(tmp_path: Path, connection):
    seed = {"supabase/seed.sql": "INSERT INTO auth.users (id) SELECT gen_random_uuid();\n"}
    source = project(tmp_path, **seed)
    assert source.apply(connection) == ("20260101000000_a", "seed.sql")
    assert connection.execute("SELECT count(*) FROM auth.users").fetchone() == (1,)
    first = source.fingerprint()
    write(tmp_path, {"supabase/seed.sql": "SELECT 1;\n"})
    assert source.fingerprint() != first


def test_a_failing_seed_is_reported_where_it_stands(tmp_path: Path, connection):
    source = project(tmp_path, **{"supabase/seed.sql": "\nSELECT 1 / 0;\n"})
    with pytest.raises(MigrationError, match=r"seed\.sql:2: 22012"):
        source.apply(connection)


def seeds(root: Path, settings: str) -> list[str]:
    files = {
        "supabase/config.toml": settings,
        "supabase/seed.sql": "",
        "supabase/seeds/b.sql": "",
        "supabase/seeds/a.sql": "",
        "other/x.sql": "",
    }
    return [path.name for path in project(root, **files).files[1:]]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", ["seed.sql"]),
        ("[db.seed]\nenabled = false", []),
        ("[db.seed]\nsql_paths = ['./seeds/*.sql', '../other/x.sql']", ["a.sql", "b.sql", "x.sql"]),
        ("[db.seed]\nsql_paths = ['seeds/b.sql', './seeds/*.sql']", ["b.sql", "a.sql"]),
    ],
)
def test_the_settings_name_the_seeds(settings: str, expected: list[str], tmp_path: Path):
    assert seeds(tmp_path, settings) == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[db.seed", r"config\.toml: "),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(settings: str, message: str, tmp_path: Path):
    with pytest.raises(ConfigError, match=message):
        seeds(tmp_path, settings)


def test_a_file_that_supabase_passes_over_is_a_warning(tmp_path: Path, connection):
    source = project(tmp_path, **{"supabase/migrations/x.sql": "SELECT 1 / 0;"})
    assert [one.partition(": ")[0] for one in source.warnings] == ["supabase/migrations/x.sql"]
    assert len(source.apply(connection)) == 1


def test_declarative_schemas_are_used_where_the_settings_list_them(tmp_path: Path, connection):
    folder = tmp_path / "supabase"
    write(
        folder,
        {
            "schemas/a_refers.sql": "CREATE TABLE a (b int REFERENCES b);",
            "schemas/b.sql": "CREATE TABLE b (id int PRIMARY KEY);",
        },
    )
    config = load(tmp_path, SchemaSearch)
    with pytest.raises(ConfigError, match="Supabase's declarative schemas") as refused:
        open_source(config)
    (folder / "config.toml").write_text(str(refused.value).partition(":\n")[2])
    found = open_source(config)
    assert found is not None
    found.apply(connection)
    assert public(connection) == ["a", "b"]


@pytest.mark.parametrize("setting", ["", "auto_expose_new_tables = false"])
def test_clients_have_the_privileges_that_the_settings_say(
    setting: str, tmp_path: Path, connection
):
    text = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE s;"
    first = {FIRST: NOTES + text, "supabase/config.toml": f"[api]\n{setting}\n"}
    at(write(tmp_path, first), SUPABASE).apply(connection)
    held = connection.execute(
        "SELECT has_table_privilege('service_role', 'notes', 'SELECT'),"
        " has_table_privilege('anon', 'notes', 'TRUNCATE'),"
        " has_sequence_privilege('anon', 's', 'USAGE'),"
        " coalesce(proacl::text LIKE '%anon=%', false)"
        " FROM pg_proc WHERE oid = 'f'::regproc"
    ).fetchone()
    assert held == ((False, True, False, False) if setting else (True, True, True, True))


def test_the_database_is_meant_by_the_name_that_it_has_at_supabase(tmp_path: Path, connection):
    text = """ALTER DATABASE postgres SET "app.x" TO '3600';
    REVOKE ALL PRIVILEGES ON DATABASE "postgres" FROM anon;"""
    at(write(tmp_path, {FIRST: text}), SUPABASE).apply(connection)
    with connection.cursor() as cursor:
        query = "SELECT datname = current_database() FROM pg_db_role_setting JOIN pg_database AS d"
        cursor.execute(
            f"{query} ON d.oid = setdatabase WHERE array_to_string(setconfig, ' ') ~ 'app.x'"
        )
        assert cursor.fetchall() == [(True,)]


PULLED = """create extension if not exists "uuid-ossp" with schema "extensions";
create extension if not exists pg_graphql with schema graphql;
create table t (id uuid default extensions.uuid_generate_v4());
"""


def test_what_a_pulled_migration_begins_with_is_there_already(tmp_path: Path, connection):
    write(tmp_path, {FIRST: PULLED})
    at(tmp_path, SUPABASE).apply(connection)
    assert public(connection) == ["t"]


def test_an_extension_that_the_server_has_is_created(tmp_path: Path, connection):
    text = "create extension if not exists pg_trgm with schema extensions;\n"
    write(tmp_path, {FIRST: f"{text}create table t (s real default similarity('a', 'b'));"})
    at(tmp_path, SUPABASE).apply(connection)
    assert public(connection) == ["t"]


def test_other_extensions_are_the_server_s(tmp_path: Path, connection):
    write(tmp_path, {FIRST: "\nCREATE EXTENSION IF NOT EXISTS postgis;"})
    with pytest.raises(MigrationError, match=r"_a\.sql:2: 0A000: .*\nHint: no .* has postgis"):
        at(tmp_path, SUPABASE).apply(connection)


ASKED = """CREATE EXTENSION IF NOT EXISTS pg_cron WITH SCHEMA pg_catalog;
CREATE EXTENSION IF NOT EXISTS pg_net WITH SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS "pgsodium" WITH SCHEMA "pgsodium";
CREATE EXTENSION IF NOT EXISTS "supabase_vault" WITH SCHEMA "vault";
CREATE EXTENSION IF NOT EXISTS "pg_graphql" WITH SCHEMA "graphql";
CREATE EXTENSION IF NOT EXISTS "pgjwt" WITH SCHEMA "extensions";
SELECT cron.schedule('nightly', '0 3 * * *', 'DELETE FROM t');
SELECT vault.create_secret('hunter2', 'key');
CREATE TABLE t (i int);
CREATE FUNCTION notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM net.http_post('https://example.org', jsonb_build_object('i', new.i));
    RETURN new;
END $$;
CREATE TRIGGER notify AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION notify();
CREATE TRIGGER hook AFTER INSERT ON t FOR EACH ROW
EXECUTE FUNCTION supabase_functions.http_request('https://example.org', 'POST', '{}', '{}', '1000');
"""


def test_what_stands_in_records_what_it_is_asked(tmp_path: Path, connection):
    write(tmp_path, {FIRST: ASKED, "supabase/roles.sql": "CREATE ROLE own_role;"})
    at(tmp_path, SUPABASE).apply(connection)
    connection.execute("INSERT INTO t VALUES (7)")
    found = connection.execute(
        "SELECT (SELECT jobname FROM cron.job), (SELECT url FROM net.http_request_queue),"
        " (SELECT decrypted_secret FROM vault.decrypted_secrets), to_regrole('own_role')::text,"
        " (extensions.verify(extensions.sign('{\"a\": 1}', 's'), 's')).valid"
    ).fetchone()
    assert found == ("nightly", "https://example.org", "hunter2", "own_role", True)


HOOK = """create extension if not exists http with schema extensions;
create extension if not exists pg_tle;
drop extension if exists "supabase-dbdev";
select pgtle.uninstall_extension_if_exists('supabase-dbdev');
select pgtle.install_extension(
    'supabase-dbdev', resp.contents ->> 'version', 'manager', resp.contents ->> 'sql')
from extensions.http(('GET',
    'https://api.database.dev/rest/v1/package_versions?select=sql,version'
    '&package_name=eq.supabase-dbdev&order=version.desc&limit=1',
    array[('apiKey', 'x')::extensions.http_header], null, null)) as x,
lateral (select ((row_to_json(x) -> 'content') #>> '{}')::json -> 0) as resp (contents);
create extension "supabase-dbdev";
select dbdev.install('supabase-dbdev');
select dbdev.install('basejump-supabase_test_helpers');
create extension if not exists "basejump-supabase_test_helpers" version '0.0.6';
begin;
select plan(1);
select ok(true, 'the hook has run');
select * from finish();
rollback;
"""
AS_USERS = """begin;
select plan(6);
select tests.create_supabase_user('alice', 'alice@example.com');
select tests.create_supabase_user('bob');
select tests.rls_enabled('public', 'notes');
select tests.authenticate_as('alice');
insert into notes (body) values ('mine');
select is(auth.uid(), tests.get_supabase_uid('alice'), 'the request is hers');
select tests.authenticate_as('bob');
select is((select count(*) from notes), 0::bigint, 'he sees none of hers');
select tests.clear_authentication();
select is(current_user, 'anon', 'nobody is signed in');
reset role;
select tests.freeze_time('2026-01-01');
select is(now(), '2026-01-01'::timestamptz, 'the clock stands still');
select tests.unfreeze_time();
select isnt(now(), '2026-01-01'::timestamptz, 'and goes on');
select * from finish();
rollback;
"""
SENDS = """begin;
select plan(1);
select is((extensions.http_get('https://example.org')).status, 200, 'the service answers');
select * from finish();
rollback;
"""


def test_the_helpers_that_suites_install_from_the_network_are_there(tmp_path: Path):
    files = {
        FIRST: f"{NOTES}CREATE POLICY ins ON notes FOR INSERT TO authenticated WITH CHECK (true);",
        "supabase/tests/000-setup-tests-hooks.sql": HOOK,
        "supabase/tests/001-users.test.sql": AS_USERS,
    }
    write(tmp_path, files)
    project = Project(tmp_path)
    project.write("pyproject.toml", "[tool.harness.properties]\nenabled = false\n")
    done = project.run("test")
    assert done.returncode == 0, output(done)
    project.write("supabase/tests/002-sends.test.sql", SENDS)
    done = project.run("test", "--json", "-")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    sent = [one for one in found if "002-sends" in (one.get("file") or "")]
    assert [one["outcome"] for one in sent] == ["undecided"]


def test_what_no_transaction_holds_fails(tmp_path: Path, connection):
    later = {
        "supabase/migrations/20260102000000_b.sql": "CREATE INDEX CONCURRENTLY x ON notes (body);"
    }
    with pytest.raises(MigrationError, match=r"_b\.sql:1: 25001"):
        project(tmp_path, **later).apply(connection)


def test_tests_as_supabase_users_have_them_run(tmp_path: Path):
    made = Project(tmp_path)
    made.write(FIRST, NOTES)
    made.write("supabase/seed.sql", "INSERT INTO auth.users (id) SELECT gen_random_uuid();\n")
    made.write(
        "pgtap_tests/notes.sql",
        "BEGIN;\nCREATE EXTENSION IF NOT EXISTS pgtap WITH SCHEMA extensions;\n"
        "SELECT plan(3);\nSELECT has_table('public', 'notes', 'notes');\n"
        "SELECT policies_are('public', 'notes', ARRAY['own']);\n"
        "SELECT is((SELECT count(*) FROM auth.users), 1::bigint, 'seeded');\n"
        "SELECT * FROM finish();\nROLLBACK;\n",
    )
    done = made.run("test")
    assert done.returncode == 0, output(done)


WELCOME = """
CREATE FUNCTION welcome() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$ BEGIN INSERT INTO public.notes (owner) VALUES (new.id); RETURN new; END $$;
CREATE TRIGGER welcome AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION welcome();
"""


def test_of_the_platform_s_tables_only_triggers_are_properties(tmp_path: Path):
    made = Project(tmp_path)
    made.write(FIRST, NOTES + WELCOME)
    done = made.run("properties", "--json", "-")
    assert done.returncode == 0, output(done)
    properties = [json.loads(line) for line in done.stdout.splitlines()]
    others = [p["facts"] for p in properties if p["facts"]["table"] != "public.notes"]
    assert {(p["table"], p["check"]) for p in others} == {("auth.users", "trigger")}
    named = made.run("properties", "auth.users", "--only", "not_null")
    assert "3 properties in 1 table: all passed" in output(named), output(named)


ALLOWED = """set session_replication_role = replica; reset session_replication_role;
create extension if not exists moddatetime schema extensions;
do $$ begin create extension if not exists earthdistance with schema extensions cascade; end $$;
drop extension if exists pg_net;
alter role authenticator set pgrst.db_schemas = 'public';
create trigger touched before update on notes for each row execute function moddatetime(body);
create policy up on storage.objects for insert to authenticated with check (bucket_id = 'a');
do $$ begin create policy seen on storage.objects for select using (true); end $$;
drop policy seen on storage.objects;
create trigger welcome after insert on auth.users for each row execute function tsvector_update();
drop trigger welcome on auth.users;
insert into storage.buckets (id, name) values ('a', 'a');
alter publication supabase_realtime add table notes;
create role reader; grant reader to authenticated; grant select on auth.users to reader;
comment on schema public is 'ours'; create schema app;
""".replace("tsvector_update()", "supabase_functions.http_request('https://example.org')")
AS_THE_PLATFORM = """begin;
create extension if not exists pgtap with schema extensions;
select plan(13);
select is(array[current_user, session_user], array['postgres', 'postgres']::name[]);
select ok(not rolsuper and rolbypassrls, 'no superuser') from pg_roles where rolname = 'postgres';
select table_owner_is('public', 'notes', 'postgres', 'ours');
select table_owner_is('storage', 'objects', 'supabase_storage_admin', 'theirs');
select throws_ok('alter table storage.objects disable row level security', '42501');
select throws_ok('create function auth.mine() returns int language sql as ''select 1''', '42501');
select throws_ok('create extension file_fdw', '42501');
select throws_ok('set role supabase_admin', '42501');
insert into storage.objects (bucket_id, name, updated_at) values ('a', 'x.png', '2000-01-01');
select throws_ok('delete from storage.objects', '42501',
    'Direct deletion from storage tables is not allowed. Use the Storage API instead.');
set local role authenticated;
select throws_ok('delete from storage.buckets', '42501');
reset role;
update storage.objects set metadata = '{"size": 3}';
select is(updated_at, now(), 'moved') from storage.objects;
set local storage.allow_delete_query = 'true';
select lives_ok('delete from storage.objects');
set local role anon;
select throws_ok('create policy mine on storage.objects using (true)', '42501');
reset role;
select * from finish();
rollback;
"""


def test_postgres_may_what_the_platform_lets_it_and_nothing_else(tmp_path: Path):
    made = Project(tmp_path)
    made.write("pyproject.toml", "[tool.harness.properties]\nenabled = false\n")
    made.write(FIRST, NOTES)
    made.write("supabase/migrations/20260102000000_b.sql", ALLOWED)
    made.write("supabase/tests/rights.test.sql", AS_THE_PLATFORM)
    done = made.run("test")
    assert done.returncode == 0, output(done)
    made.write(
        "supabase/migrations/20260103000000_c.sql",
        "create index on notes (body);\nalter table storage.objects add x int;\n",
    )
    done = made.run("apply")
    assert done.returncode == 1, output(done)
    assert "_c.sql:2: 42501: must be owner of table objects" in output(done)


def test_a_schema_that_is_run_by_hand_has_the_platform_too(tmp_path: Path):
    made = Project(tmp_path)
    made.write("supabase/schema.sql", NOTES)
    made.write("supabase/policies.sql", "CREATE POLICY more ON notes USING (true);")
    made.write(
        "supabase/tests/notes.test.sql",
        "BEGIN; SELECT plan(1);\n"
        "SELECT policies_are('notes', ARRAY['own']);\nSELECT * FROM finish(); ROLLBACK;",
    )
    done = made.run("test")
    assert done.returncode == 0, output(done)
    assert "policies.sql beside it makes objects, too" in output(made.run("apply"))
    made.write("docs/install.sql", NOTES)
    done = made.run("apply", "--schema", "docs/install.sql")
    assert done.returncode == 1
    assert "Supabase has it: --source supabase" in output(done), output(done)
    done = made.run("apply", "--schema", "docs/install.sql", "--source", "supabase")
    assert done.returncode == 0, output(done)


def test_privileges_that_the_platform_grants_make_no_mutants(tmp_path: Path):
    write(tmp_path, {FIRST: NOTES})
    listed = Project(tmp_path).run("mutate", "--kind", "grant", "--list")
    assert listed.returncode == 0, output(listed)
    assert "notes::revoked:SELECT from anon" in listed.stdout
    assert "default_privilege" not in listed.stdout
    own = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO anon;\n"
    write(tmp_path, {FIRST: NOTES + own})
    listed = Project(tmp_path).run("mutate", "--kind", "grant", "--list")
    assert "default_privilege" in listed.stdout
