from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from harness.core import config_reader
from harness.core.config import Config
from harness.core.errors import ConfigError, SchemaError
from harness.sources import open_source
from harness.sources.command import Command, Endpoint, environment_of, url
from tests import sources
from tests.project import Project, output
from tests.sources import public

connection = sources.connection


def program(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


def source(root: Path, text: str, **settings: Any) -> Command:
    (root / "schema").mkdir(exist_ok=True)
    made = Config(root, root / "schema", "command", command=program(text), **settings)
    found = open_source(made)
    assert isinstance(found, Command)
    return found


def test_the_url_and_libpq_s_variables_lead_to_the_instance(
    tmp_path: Path, connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PGHOST", "production")
    monkeypatch.setenv("PGSERVICE", "production")
    monkeypatch.setenv("DATABASE_URL", "postgresql://production/x")
    text = (
        "import os, psycopg\n"
        "assert 'PGSERVICE' not in os.environ\n"
        "assert os.environ['OTHER_URL'] == 'untouched'\n"
        "for info in (os.environ['DATABASE_URL'], ''):\n"
        "    with psycopg.connect(info) as c:\n"
        "        c.execute('CREATE TABLE IF NOT EXISTS made_by_it ()')\n"
        "open('ran_here', 'w').close()\n"
    )
    monkeypatch.setenv("OTHER_URL", "untouched")
    source(tmp_path, text).apply(connection)
    assert public(connection) == ["made_by_it"]
    assert (tmp_path / "ran_here").is_file()


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (
            {"host": "/tmp/a b", "port": 5432, "user": "u@x", "password": "p/w", "dbname": "d?b"},
            "postgresql://u%40x:p%2Fw@localhost:5432/d%3Fb?host=%2Ftmp%2Fa+b",
        ),
        (
            {"host": "::1", "port": 1, "user": "u", "password": "", "dbname": "d"},
            "postgresql://u@[::1]:1/d?sslmode=require",
        ),
    ],
)
def test_the_url_is_what_libpq_understands(info: dict[str, Any], expected: str):
    options = {"sslmode": "require"} if info["host"] == "::1" else {}
    text = url(Endpoint(**info, options=options))
    assert text.replace("%20", "+") == expected
    read = conninfo_to_dict(text)
    given = {key: str(value) for key, value in info.items() if value}
    assert {key: str(read[key]) for key in given} == given


def test_no_variable_but_its_own_is_added(connection):
    info = connection.info
    here = Endpoint(info.host, info.port, info.user, info.dbname)
    made = environment_of(here, "X_URL", {"PATH": "/bin", "PGDATA": "x", "A_URL": "a"})
    assert made["PATH"] == "/bin"
    assert made["A_URL"] == "a"
    assert "PGDATA" not in made
    assert made["PGDATABASE"] == connection.info.dbname
    assert made["X_URL"].startswith("postgresql://")


def test_the_end_of_the_output_is_shown_without_the_password(tmp_path: Path, connection):
    text = "import sys\nfor i in range(99): print('line', i)\nsys.exit('failed: s3cr/t s3cr%2Ft')"
    connection.execute("CREATE ROLE secretive LOGIN SUPERUSER PASSWORD 's3cr/t'")
    info = connection.info
    dsn = {"host": info.host, "port": info.port, "dbname": info.dbname, "user": "secretive"}
    try:
        with (
            psycopg.connect(**dsn, password="s3cr/t", autocommit=True) as other,
            pytest.raises(SchemaError) as caught,
        ):
            source(tmp_path, text).apply(other)
    finally:
        connection.execute("DROP ROLE secretive")
    message = str(caught.value)
    assert "exit code 1" in message
    assert message.endswith("failed: *** ***")
    assert "line 98" in message
    assert "line 60" not in message


def test_a_program_that_is_not_there_is_a_matter_of_configuration(tmp_path: Path, connection):
    made = Config(tmp_path, tmp_path, "command", command=("no-such-program",))
    found = open_source(made)
    assert found is not None
    with pytest.raises(ConfigError, match="no-such-program: No such file"):
        found.apply(connection)


def test_without_a_command_it_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match='source = "command" needs one'):
        open_source(Config(tmp_path, tmp_path, "command"))


def test_without_a_way_down_it_is_not_reversible(tmp_path: Path, connection):
    found = source(tmp_path, "pass")
    assert not found.reversible
    assert found.rollback(connection) == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('command = ["npx", "a b"]', ("npx", "a b")),
        ("command = \"npx 'a b' $HOME\"", ("npx", "a b", "$HOME")),
    ],
)
def test_a_command_is_a_list_or_a_text(line: str, expected: tuple[str, ...], tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text(f"[tool.harness]\n{line}\n")
    loaded = config_reader.load(tmp_path)
    assert loaded.command == expected
    assert loaded.command_url == "DATABASE_URL"


@pytest.mark.parametrize(
    "line",
    [
        "command-tcp = 'yes'",
        "command = []",
        "command = 1",
        'command = ["a", 1]',
        "command = ''",
        "command-url = 'a-b'",
    ],
)
def test_what_is_no_command_is_refused(line: str, tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text(f"[tool.harness]\n{line}\n")
    with pytest.raises(ConfigError, match="command"):
        config_reader.load(tmp_path)


def test_it_can_be_gated(tmp_path: Path):
    made = Project(tmp_path)
    script = (
        "import os, psycopg, sys\n"
        "with psycopg.connect(os.environ['APP_DB']) as c:\n"
        "    c.execute('CREATE TABLE notes (i int)' if sys.argv[1] == 'up' else 'DROP TABLE notes')"
        "\n"
    )
    made.write("db/migrate.py", script)
    made.write(
        "pyproject.toml",
        f'[tool.harness]\nsource = "command"\nschema = "db"\ncommand-url = "APP_DB"\n'
        f'command = ["{sys.executable}", "db/migrate.py", "up"]\n'
        f'command-down = ["{sys.executable}", "db/migrate.py", "down"]\n',
    )
    made.write(
        "pgtap_tests/a.sql",
        "BEGIN;\nSELECT plan(1);\nSELECT has_table('notes');\nSELECT * FROM finish();\nROLLBACK;\n",
    )
    done = made.run("gate")
    assert done.returncode == 0, output(done)
    assert "✓ migrations" in output(done)


TCP_ONLY = """
import os, psycopg, socket, sys
from urllib.parse import urlsplit
where = urlsplit(os.environ["DATABASE_URL"])
assert not where.query and where.password == os.environ["PGPASSWORD"]
given = {"host": where.hostname, "port": where.port, "user": where.username}
given["dbname"] = where.path[1:]
try:
    psycopg.connect(**given, password="guessed")
except psycopg.OperationalError as error:
    assert "password authentication failed" in str(error)
else:
    sys.exit("any password would do")
with psycopg.connect(**given, password=where.password) as c:
    c.execute("CREATE TABLE notes (i int)")
open("port", "w").write(str(where.port))
"""


def test_a_program_that_knows_no_sockets_gets_an_address_with_a_password(tmp_path: Path):
    made = Project(tmp_path)
    made.write("db/migrate.py", TCP_ONLY)
    made.write(
        "pyproject.toml",
        '[tool.harness]\nsource = "command"\nschema = "db"\ncommand-tcp = true\n'
        f'command = ["{sys.executable}", "db/migrate.py"]\n',
    )
    made.write(
        "pgtap_tests/a.sql",
        "BEGIN;\nSELECT plan(1);\nSELECT has_table('notes');\nSELECT * FROM finish();\nROLLBACK;\n",
    )
    done = made.run("gate")
    assert done.returncode == 0, output(done)
    with socket.socket() as probe:
        port = int((tmp_path / "port").read_text())
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the server is still there"


# --- what it did ------------------------------------------------------------------------------

RUN = """import os, psycopg
with psycopg.connect(os.environ['DATABASE_URL']) as c:
    c.execute({!r})
"""
NOTED = "CREATE TABLE django_migrations (id serial PRIMARY KEY, app text, name text);"


@pytest.mark.parametrize(
    "text", ["", "import sqlite3\nsqlite3.connect('db').execute('CREATE TABLE t (i)')", "SELECT 1"]
)
def test_a_command_that_left_nothing_is_an_error_that_says_where_the_url_was(
    tmp_path: Path, connection, text: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    text = RUN.format(text) if text == "SELECT 1" else text
    if text.startswith("import os"):
        text = text.replace("DATABASE_URL", "TARGET")
    made = source(tmp_path, text, command_url="TARGET")
    with pytest.raises(ConfigError, match=r"left nothing.*in TARGET.*PGHOST.*SQLite") as error:
        made.apply(connection)
    assert error.value.exit_code == 2


@pytest.mark.parametrize("noted", ["", "INSERT INTO django_migrations VALUES (1, 'a', '0001');"])
def test_the_tools_own_table_is_no_schema(tmp_path: Path, connection, noted: str):
    with pytest.raises(ConfigError, match=r"nothing but its own table public\.django_migrations"):
        source(tmp_path, RUN.format(NOTED + noted)).apply(connection)


@pytest.mark.parametrize(
    "did",
    [
        "CREATE TABLE t ()",
        NOTED + "CREATE TABLE t ()",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE SCHEMA s",
        "CREATE EXTENSION hstore",
        "COMMENT ON SCHEMA public IS 'ours'",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 100', current_database());"
        " END $$",
        "SELECT lo_create(0)",
        "CREATE TABLE t (i int); INSERT INTO t VALUES (1)",
        "CREATE ROLE harness_test_left",
        NOTED + "CREATE ROLE harness_test_left",
    ],
)
def test_whatever_a_command_made_is_something(tmp_path: Path, connection, did: str):
    try:
        source(tmp_path, RUN.format(did)).apply(connection)
    finally:
        connection.execute("DROP ROLE IF EXISTS harness_test_left")


def test_a_command_that_finds_all_done_already_is_none_that_did_nothing(tmp_path: Path, connection):
    made = source(tmp_path, RUN.format("CREATE TABLE IF NOT EXISTS t ()"))
    made.apply(connection)
    made.apply(connection)


@pytest.mark.parametrize("command", ["apply", "gate", "test", "migrations", "properties"])
def test_no_command_of_ours_passes_over_a_database_that_was_not_migrated(
    tmp_path: Path, command: str
):
    project = Project(tmp_path)
    project.write("schema/0001.txt", "applied by the tool")
    project.write("pgtap_tests/a.sql", "SELECT plan(1);\nSELECT pass();\n")
    settings = '[tool.harness]\nsource = "command"\nschema = "schema"\ncommand = ["true"]\n'
    project.write("pyproject.toml", settings)
    done = project.run(command)
    # A finding of the one revision that there is, where each has findings of its own.
    assert done.returncode == (1 if command == "migrations" else 2), output(done)
    assert "left nothing in the instance's database" in output(done)
