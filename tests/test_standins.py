"""The stand-ins for pgcrypto and uuid-ossp: served where there is no real one, and never wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.core.config import Config
from harness.instance import open_instance
from harness.postgres import standins
from harness.postgres.cluster import Cluster
from harness.postgres.database import build_template
from harness.postgres.psql import Script
from tests.project import Project, output

HERE = 'CREATE EXTENSION IF NOT EXISTS pgcrypto;\nCREATE EXTENSION "uuid-ossp";\n'
MIGRATION = f"""{HERE}CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    secret text NOT NULL DEFAULT crypt('x', gen_salt('bf')),
    token text NOT NULL DEFAULT encode(gen_random_bytes(8), 'hex')
);
COMMENT ON EXTENSION pgcrypto IS 'cryptographic functions';
"""
DOWN = 'DROP TABLE users;\nDROP EXTENSION pgcrypto;\nDROP EXTENSION "uuid-ossp";\n'
TEST = """BEGIN;
SELECT plan(2);
INSERT INTO users DEFAULT VALUES;
SELECT ok((SELECT secret = crypt('x', secret) FROM users), 'the password fits');
SELECT ok((SELECT secret <> crypt('y', secret) FROM users), 'no other does');
SELECT * FROM finish();
ROLLBACK;
"""


def test_what_sends_or_runs_something_stands_in_for_supabase_alone(project: Project):
    project.write("sql/migrations/0002_http.up.sql", "SELECT 1;\nCREATE EXTENSION http;\n")
    project.write("sql/migrations/0002_http.down.sql", "DROP EXTENSION http;\n")
    done = project.run("apply")
    assert done.returncode == 1
    assert '0002_http.up.sql:2: 0A000: extension "http" is not available' in output(done)
    assert "--bindir names the programs of one that has it" in output(done)


@pytest.fixture(scope="module")
def db(cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    template = build_template(cluster, lambda connection: connection.execute(HERE.encode()))
    with template.cloned() as database, database.connect() as connection:
        yield connection
        connection.close()
    template.close()
    template.drop()


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    template = build_template(cluster, lambda _: None)
    with template.cloned() as database, database.connect() as connection:
        yield connection
        connection.close()
    template.close()
    template.drop()


def value(db: psycopg.Connection[Any], expression: str) -> Any:
    with db.transaction(force_rollback=True):
        row = db.execute(f"SELECT {expression}".encode()).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("encode(digest('abc', 'sha1'), 'hex')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("encode(digest('', 'md5'), 'hex')", "d41d8cd98f00b204e9800998ecf8427e"),
        (  # RFC 2202, test case 2
            "encode(hmac('what do ya want for nothing?', 'Jefe', 'sha1'), 'hex')",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        ),
        ("crypt('password', '$1$abcdefgh')", "$1$abcdefgh$G//4keteveJp0qb8z2DxG/"),
        ("uuid_generate_v5(uuid_ns_dns(), 'www.example.com')::text",
         "2ed6657d-e927-568b-95e1-2665a8aea6a2"),
        ("uuid_generate_v3(uuid_ns_dns(), 'www.example.com')::text",
         "5df41881-3aed-3515-88a7-2f4a814cf09e"),
        ("pgp_sym_decrypt(pgp_sym_encrypt('hello', 'k'), 'k')", "hello"),
        ("convert_from(decrypt(encrypt('hello', 'k', 'aes'), 'k', 'aes'), 'UTF8')", "hello"),
    ],
)  # fmt: skip
def test_what_is_exact_has_the_value_of_the_real_one(db, expression: str, expected: str):
    assert value(db, expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        # A bcrypt hash that the real crypt() made of 'password'.
        "crypt('abc123xyz', '$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy')",
        "pgp_sym_decrypt('\\xc30d04070302'::bytea, 'k')",
        "pgp_pub_encrypt('x', 'k')",
    ],
)
def test_what_the_stand_in_did_not_make_is_refused(db, expression: str):
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="stand-in for pgcrypto"):
        value(db, expression)


def test_a_schema_that_needs_them_passes_with_one_note(project: Project):
    project.write("sql/migrations/0002_users.up.sql", MIGRATION)
    project.write("sql/migrations/0002_users.down.sql", DOWN)
    project.write("pgtap_tests/users.sql", TEST)
    done = project.run("gate")
    assert done.returncode == 0, output(done)
    assert output(done).count("stand-ins in SQL") == 1
    assert "pgcrypto and uuid-ossp are stand-ins" in output(done)


DOUBTFUL = r"""BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(7);
CREATE TEMP TABLE kept AS SELECT encrypt('a', 'k', 'aes') AS value;
SELECT throws_ok($$ SELECT pgp_key_id('\x00') $$);
SELECT is(encrypt('a', 'k', 'aes'), '\x00');
SELECT is(crypt('x', '$2a$06$DCq7YPn5Rq63x1Lad4cll.'), 'what the real one makes');
SELECT is((SELECT value FROM kept), '\x00');
SELECT is(decrypt(encrypt('a', 'k', 'aes'), 'k', 'aes'), 'a');
SELECT is(crypt('x', crypt('x', '$2a$06$DCq7YPn5Rq63x1Lad4cll.')) IS NULL, false);
SELECT is(1, 2);
SELECT * FROM finish();
ROLLBACK;
"""


def test_what_depends_on_a_stand_in_s_own_values_is_undecided(project: Project):
    project.write("sql/migrations/0002_users.up.sql", HERE)
    project.write("sql/migrations/0002_users.down.sql", "SELECT 1;")
    project.write("pgtap_tests/doubtful.sql", DOUBTFUL)
    done = project.run("test", "--tests", "pgtap_tests/doubtful.sql", "--json", "-")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    outcomes = [one["outcome"] for one in found if "doubtful" in (one.get("file") or "")]
    assert outcomes == [*["undecided"] * 4, "passed", "passed", "failed"]


@pytest.mark.versions
def test_a_real_one_wins(older_cluster: Cluster, tmp_path: Path):
    (tmp_path / "1_a.sql").write_text(HERE)
    assert older_cluster.server is not None
    config = Config(tmp_path, tmp_path, bindir=older_cluster.server.binaries.bindir)
    with open_instance(config) as instance:
        instance.prepare()
        assert instance.stand_ins == ()


def test_a_server_that_finds_no_control_files_is_served_in_place(tmp_path: Path):
    (tmp_path / "1_a.sql").write_text(
        f"CREATE SCHEMA x;\nCREATE EXTENSION pgcrypto SCHEMA x;\n{HERE}"
    )
    settings = {"extension_control_path": "$system"}
    with open_instance(Config(tmp_path, tmp_path, settings=settings)) as instance:
        with instance.template.cloned() as clone, clone.connect() as connection:
            row = connection.execute("SELECT x.gen_salt('bf'), uuid_generate_v4()").fetchone()
            assert row is not None
        assert instance.stand_ins == ("pgcrypto", "uuid-ossp")


IN_PLACE = (
    "CREATE TABLE t (id uuid DEFAULT uuid_generate_v4(), said text DEFAULT gen_salt('md5'));\n"
)


@pytest.mark.parametrize("name", ["pgcrypto", "uuid-ossp", "http", "pgjwt", "pg_cron"])
def test_in_place_drop_extension_drops_all_of_it(empty: psycopg.Connection[Any], name: str):
    def run(text: str) -> None:
        statement = next(iter(Script.parse(text, Path("x.sql"), {}).statements()))
        served = standins.in_place(statement, real=False)
        assert served is not None
        empty.execute(served.sql.encode())

    made = "SELECT count(*) FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass"
    empty.execute("CREATE SCHEMA x; SET search_path TO x")
    if name == "pgjwt":
        run("CREATE EXTENSION pgcrypto;")  # which it needs
    before = empty.execute(made).fetchone()
    run(f'CREATE EXTENSION "{name}";')
    assert empty.execute(made).fetchone() != before
    run(f'DROP EXTENSION "{name}";')
    assert empty.execute(made).fetchone() == before
    with pytest.raises(psycopg.errors.UndefinedObject):
        run(f'DROP EXTENSION "{name}";')
    run(f'DROP EXTENSION IF EXISTS "{name}";')


def test_in_place_drop_extension_that_something_uses_is_refused(empty: psycopg.Connection[Any]):
    def run(text: str) -> None:
        for statement in Script.parse(text, Path("x.sql"), {}).statements():
            served = standins.in_place(statement, real=False)
            assert served is not None
            empty.execute(served.sql.encode())

    run(f"{HERE}{IN_PLACE}")
    with pytest.raises(psycopg.errors.DependentObjectsStillExist), empty.transaction():
        run("DROP EXTENSION pgcrypto;")
    run("DROP EXTENSION pgcrypto CASCADE;")
    columns = "SELECT column_default FROM information_schema.columns WHERE column_name = 'said'"
    assert empty.execute(columns).fetchone() == (None,)


def test_in_place_the_real_one_is_asked_for_first(db):
    statement = next(iter(Script.parse(HERE, Path("x.sql"), {}).statements()))
    served = standins.in_place(statement)
    assert served is not None
    db.execute("DROP EXTENSION pgcrypto")
    db.execute(served.sql.encode())
    assert db.execute("SELECT FROM pg_extension WHERE extname = 'pgcrypto'").fetchone() == ()
