"""Alembic runs the same files as the harness, in both directions, where it is told to."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.pool import NullPool

from harness.cli.serve import url
from harness.postgres.cluster import Cluster
from harness.postgres.database import Database
from harness.postgres.snapshot import Catalog
from tests.backend import (
    BACKEND,
    SQL,
    alembic,
    alembic_config,
    apply_schema,
    catalog,
    new_database,
    psycopg_url,
    run,
)

MIGRATIONS = SQL / "migrations"


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    with new_database(cluster) as database:
        yield database


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the backend and of the SQL files, to be changed."""
    shutil.copytree(SQL, tmp_path / "sql")
    ignored = shutil.ignore_patterns("node_modules", ".env", "__pycache__")
    return Path(shutil.copytree(BACKEND, tmp_path / "backend", ignore=ignored))


def config(**options: str) -> Config:
    config = Config(str(BACKEND / "alembic.ini"))
    for name, value in options.items():
        config.set_main_option(name.replace("_", ".", 1), value.replace("%", "%%"))
    return config


def without_versions(database: Database) -> Catalog:
    """The catalog of a migrated database, without Alembic's own table."""
    with database.connect() as connection:
        connection.execute("DROP TABLE alembic_version")
    return catalog(database)


def tables(database: Database) -> list[str]:
    return sorted(catalog(database).objects["table"])


BOTH = ["public.alembic_version", "public.tasks", "public.users"]


def test_each_pair_of_files_is_one_revision_in_order():
    revisions = ScriptDirectory.from_config(config()).walk_revisions()
    names = [Path(revision.path).stem for revision in revisions][::-1]
    for direction in ("up", "down"):
        files = sorted(path.name for path in MIGRATIONS.glob(f"*.{direction}.sql"))
        assert files == [f"{name}.{direction}.sql" for name in names]


def test_the_catalog_is_that_of_the_sql_files(each_cluster: Cluster):
    with new_database(each_cluster) as migrated, new_database(each_cluster) as applied:
        command.upgrade(alembic_config(migrated), "head")
        apply_schema(applied)
        assert str(without_versions(migrated).difference(catalog(applied))) == ""
        assert len(catalog(applied)) > 20


def test_upgrade_current_and_downgrade_on_the_command_line(database: Database):
    assert alembic("current", database=database).stdout == ""
    assert alembic("upgrade", "head", database=database).returncode == 0
    assert alembic("current", database=database).stdout == "0002 (head)\n"
    assert tables(database) == BOTH
    done = alembic("downgrade", "base", database=database)
    assert done.returncode == 0, done.stderr
    assert tables(database) == ["public.alembic_version"]


def test_the_sql_that_it_prints_is_the_same_schema(database: Database, cluster: Cluster):
    script = run("alembic", "upgrade", "head", "--sql").stdout
    for path in MIGRATIONS.glob("*.up.sql"):
        assert path.read_text("utf-8") in script
    with database.connect() as connection:
        connection.execute(script.encode())
    with new_database(cluster) as applied:
        apply_schema(applied)
        assert without_versions(database) == catalog(applied)


# --- which database -------------------------------------------------------------------------


def test_there_is_no_url_in_alembic_ini():
    text = (BACKEND / "alembic.ini").read_text()
    assert "sqlalchemy.url" not in text
    assert "://" not in text


def test_a_connection_of_the_caller_is_used_and_left_open(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:s3cret@nowhere.invalid/x")
    engine = sqlalchemy.create_engine(psycopg_url(database), poolclass=NullPool)
    with engine.connect() as connection:
        given = config(sqlalchemy_url="postgresql://u@elsewhere.invalid/x")
        given.attributes["connection"] = connection
        command.upgrade(given, "head")
        assert not connection.closed
        assert tables(database) == BOTH
        with connection.begin():  # the caller's transaction is the caller's
            command.downgrade(given, "base")
            connection.get_transaction().rollback()
    assert tables(database) == BOTH


def test_a_url_in_the_configuration_comes_before_database_url(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:s3cret@nowhere.invalid/x")
    command.upgrade(config(sqlalchemy_url=url(database)), "head")
    assert tables(database) == BOTH


def test_a_url_on_the_command_line_comes_before_both(database: Database):
    given = f"url={url(database)}"
    nowhere = "postgresql://u:s3cret@nowhere.invalid/x"
    done = run("alembic", "-x", given, "upgrade", "head", DATABASE_URL=nowhere)
    assert done.returncode == 0, done.stderr
    assert tables(database) == BOTH


@pytest.mark.parametrize(
    "arguments", [[], ["-x", "url=postgres://u:s3cret@db-pooler.invalid/x"]], ids=["env", "-x"]
)
def test_migrations_take_the_direct_endpoint_and_say_so_without_the_password(arguments):
    pooled = "postgresql://u:s3cret@db-pooler.invalid/x"
    done = run("alembic", *arguments, "upgrade", "head", DATABASE_URL=pooled)
    assert done.returncode != 0
    assert "cannot connect to postgresql+psycopg://u:***@db.invalid/x" in done.stdout
    assert "pooler" not in done.stdout + done.stderr
    assert "s3cret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environ", "message"),
    [
        ([], {}, "DATABASE_URL is not set"),
        ([], {"DATABASE_URL": "s3cret"}, "DATABASE_URL must begin with"),
        ([], {"DATABASE_URL": "postgresql://u:s3cret@h:s3cret/x"}, "is not of the form"),
        (["-x", "url=s3cret"], {}, "the URL given to Alembic must begin with"),
    ],
)
def test_a_url_that_is_none_gets_one_message(tmp_path: Path, arguments, environ, message):
    ini = str(BACKEND / "alembic.ini")
    done = run("alembic", "-c", ini, *arguments, "current", cwd=tmp_path, **environ)
    assert done.returncode != 0
    assert message in done.stdout
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


def test_a_caller_gets_an_error_that_holds_no_password(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:s3cret@h:s3cret/x")
    with pytest.raises(CommandError, match="is not of the form") as caught:
        command.current(config())
    assert caught.value.__context__ is None


# --- the files are run as they are ----------------------------------------------------------

SECOND = """-- 100 % verbatim: :name, %s, %(x)s, {braces}; and an 'é' before line 4
CREATE FUNCTION percent(a int) RETURNS text LANGUAGE plpgsql AS $body$
BEGIN
    RETURN format('%s %% :x; é', a % 7);
END;
$body$;
CREATE TABLE notes (body text DEFAULT '%s :y;');
"""


def add_second(copy: Path, up: str, down: str = "DROP TABLE notes;") -> None:
    """Files and revision 0003, the latter as Alembic's template writes it."""
    done = run("alembic", "revision", "--rev-id", "0003", "-m", "Notes, of users", backend=copy)
    assert done.returncode == 0, done.stderr
    assert (copy / "migrations/versions/0003_notes_of_users.py").exists()
    migrations = copy.parent / "sql/migrations"
    (migrations / "0003_notes_of_users.up.sql").write_text(up, "utf-8")
    (migrations / "0003_notes_of_users.down.sql").write_text(down, "utf-8")


def test_a_new_revision_runs_its_files_verbatim(copy: Path, database: Database):
    run_in = {"database": database, "backend": copy}
    add_second(copy, SECOND, "DROP TABLE notes; DROP FUNCTION percent(int);")
    done = alembic("upgrade", "head", **run_in)
    assert done.returncode == 0, done.stderr
    with database.connect() as connection:
        assert connection.execute("SELECT percent(9)").fetchone() == ("2 % :x; é",)
        connection.execute("INSERT INTO notes DEFAULT VALUES")
        assert connection.execute("TABLE notes").fetchone() == ("%s :y;",)
    assert "New upgrade operations detected" in alembic("check", **run_in).stdout
    assert alembic("downgrade", "-1", **run_in).returncode == 0
    assert alembic("current", **run_in).stdout == "0002\n"
    assert tables(database) == BOTH


def test_a_failing_file_changes_nothing_and_names_its_line(copy: Path, database: Database):
    add_second(
        copy,
        "CREATE TABLE notes (id int);\n-- éééééééééééééééééé\nSELECT 'a', nothing FROM users;\n",
    )
    done = alembic("upgrade", "head", database=database, backend=copy)
    assert done.returncode != 0
    assert 'psycopg.errors.UndefinedColumn: column "nothing" does not exist' in done.stderr
    assert re.search(r"^in /.*/0003_notes_of_users\.up\.sql:3$", done.stderr, re.MULTILINE)
    assert tables(database) == BOTH  # the first revision is kept, the second undone
    assert alembic("current", database=database, backend=copy).stdout == "0002\n"


def test_an_error_without_a_position_names_the_file(copy: Path, database: Database):
    add_second(copy, "INSERT INTO users (email) VALUES ('a'), ('a');\n")
    done = alembic("upgrade", "head", database=database, backend=copy)
    assert "psycopg.errors.UniqueViolation" in done.stderr
    assert re.search(r"^in /.*/0003_notes_of_users\.up\.sql$", done.stderr, re.MULTILINE)


def test_a_caller_can_read_what_psycopg_says(database: Database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url(database))
    with database.connect() as connection:
        connection.execute("CREATE TABLE tasks ()")
    with pytest.raises(psycopg.Error) as caught:
        command.upgrade(config(), "head")
    assert caught.value.sqlstate == "42P07"
    assert "public.users" not in tables(database)
