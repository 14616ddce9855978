"""``harness diff`` and ``harness snapshot``: sources, servers and snapshots, compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote

import psycopg
import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.database import Database, build_template
from tests.project import UP, Project, output

VIEW = "CREATE VIEW bodies AS SELECT body FROM notes;\n"


@pytest.fixture
def two(project: Project) -> Project:
    """A project with two revisions."""
    project.write("sql/migrations/0002_bodies.up.sql", VIEW)
    project.write("sql/migrations/0002_bodies.down.sql", "DROP VIEW bodies;\n")
    return project


@pytest.fixture
def live(cluster: Cluster) -> Iterator[Database]:
    """A database that lives somewhere, with the first revision and a tool's notes."""
    template = build_template(cluster, lambda connection: None)
    with closing(template), template.cloned() as database:
        with database.connect() as connection:
            connection.execute(UP)
            connection.execute("CREATE TABLE schema_migrations (version text PRIMARY KEY)")
            connection.execute("INSERT INTO notes (body) VALUES ('x')")
        yield database


def url(database: Database, password: str = "") -> str:
    info = psycopg.conninfo.conninfo_to_dict(database.dsn)
    host, secret = quote(str(info["host"]), safe=""), f":{password}" if password else ""
    place = f"{info.get('user', 'postgres')}{secret}@:{info['port']}/{info['dbname']}"
    return f"postgresql://{place}?host={host}"


def test_two_revisions_differ_by_what_is_between_them(two: Project):
    done = two.run("diff", "sql/migrations@0001", "sql/migrations")
    assert done.returncode == 1, output(done)
    assert "+ public.bodies" in done.stdout
    assert "notes" not in done.stdout.replace("FROM notes", "").split("+++")[1]
    done = two.run("diff", "sql/migrations@0002_bodies", "sql/migrations")
    assert done.returncode == 0, output(done)
    assert "the same" in done.stdout


def test_a_snapshot_is_stable_and_what_is_compared_with_it(two: Project):
    assert two.run("snapshot", "--output", "schema.json").returncode == 0
    first = (two.root / "schema.json").read_text()
    done = two.run("snapshot")
    assert done.stdout == first
    assert "public.bodies" in json.loads(first)["view"]
    assert two.run("diff", "schema.json", "sql/migrations").returncode == 0
    two.write("sql/migrations/0002_bodies.up.sql", VIEW.replace("body", "id"))
    done = two.run("diff", "schema.json", "sql/migrations")
    assert done.returncode == 1
    assert "bodies" in done.stdout


def test_a_live_server_is_read_and_never_written(two: Project, live: Database):
    done = two.run("diff", url(live, "geheim"), "sql/migrations@0001")
    assert done.returncode == 0, output(done)
    done = two.run("diff", url(live, "geheim"), "sql/migrations")
    assert done.returncode == 1, output(done)
    assert "+ public.bodies" in done.stdout
    assert "geheim" not in output(done)
    assert "schema_migrations" not in output(done)
    with live.connect() as connection:
        assert connection.execute("SELECT body FROM notes").fetchall() == [("x",)]


def test_a_database_that_is_served_has_the_same_schema(two: Project, live: Database):
    with live.connect() as connection:
        connection.execute(f'ALTER DATABASE "{live.name}" SET search_path = "$user", public, tap')
    done = two.run("diff", "sql/migrations@0001", url(live))
    assert done.returncode == 0, output(done)


def test_what_a_server_has_that_the_source_has_not_is_said(two: Project, live: Database):
    with live.connect() as connection:
        connection.execute("ALTER TABLE notes ADD hotfix int")
    done = two.run("diff", "sql/migrations@0001", url(live))
    assert done.returncode == 1
    assert "+ public.notes.hotfix: integer" in done.stdout


@pytest.mark.parametrize(
    ("places", "message"),
    [
        (["sql/migrations"], "two places are expected, not 1"),
        (["sql/migrations", "nowhere"], "nowhere: no such file or directory"),
        (["sql/migrations", "sql/migrations@0009"], "revision 0009: there is none"),
        (["sql/migrations", "sql/migrations@000"], "revision 000: ambiguous"),
        (["sql/migrations", "none.json"], "none.json: cannot be read"),
        (["sql/migrations", "bad.json"], "bad.json: no snapshot"),
        (["sql/migrations", "other.json"], "other.json: no snapshot"),
        (["empty.json", "sql/migrations"], "empty.json: no snapshot"),
        (["postgresql://u:geheim@127.0.0.1:1/x", "schema.json"], "postgresql://u@127.0.0.1:1/x"),
        (["postgresql://u:geheim@/x", "schema.json"], "name host and database"),
        (["postgresql://u:geheim@[h/x", "schema.json"], "not a connection URL"),
    ],
)
def test_what_cannot_be_compared_ends_in_2(two: Project, places: list[str], message: str):
    two.write("bad.json", "{")
    two.write("other.json", '{"table": ["a"]}')
    two.write("empty.json", "{}")
    done = two.run("diff", *places)
    assert done.returncode == 2, output(done)
    assert message in done.stderr
    assert "geheim" not in output(done)
    assert "Traceback" not in done.stderr


def test_two_sources_with_the_same_roles_are_compared(two: Project):
    role = "CREATE ROLE keeper;\nCREATE TABLE kept (i int);\nALTER TABLE kept OWNER TO keeper;\n"
    two.write("sql/migrations/0003_keeper.up.sql", role)
    two.write("sql/migrations/0003_keeper.down.sql", "DROP TABLE kept;\nDROP ROLE keeper;\n")
    done = two.run("diff", "sql/migrations@0003", "sql/migrations")
    assert done.returncode == 0, output(done)


def test_migrations_of_a_platform_are_run_by_its_role(project: Project):
    for place in "ab":
        project.write(f"{place}/supabase/migrations/1_a.sql", "CREATE TABLE t (id int);\n")
    project.write("b/supabase/migrations/2_b.sql", "ALTER TABLE t ADD i int;\n")
    done = project.run("diff", "a/supabase", "b/supabase")
    assert done.returncode == 1, output(done)
    assert "+ public.t.i: integer" in done.stdout
    project.write("b/supabase/migrations/2_b.sql", "ALTER TABLE storage.objects ADD i int;\n")
    done = project.run("diff", "a/supabase", "b/supabase")
    assert "2_b.sql:1: 42501: must be owner of table objects" in output(done)
