"""What every source must do, with the same schema kept by every tool."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from harness.core import config_reader
from harness.core.config import Config
from harness.core.errors import ConfigError, HarnessError, SchemaError
from harness.postgres.snapshot import Catalog
from harness.sources import SOURCES, MigrationError, open_source
from harness.sources.finding import SchemaSearch
from tests import sources
from tests.sources import BOTH, FAILING, STEPWISE, TOOLS, UP_1, Files, Tool, at, made, public, write

connection = sources.connection


def tools(chosen: list[Tool]) -> pytest.MarkDecorator:
    """Run a test for each of some tools; Alembic's where it is installed."""
    names = ("alembic", "django")
    missing = [name for name in names if find_spec(name) is None]
    marks = {name: [pytest.mark.skip(reason=f"pip install {name}")] for name in missing}
    cases = [pytest.param(t, id=t.source, marks=marks.get(t.source, ())) for t in chosen]
    return pytest.mark.parametrize("tool", cases)


every, stepwise = tools([*TOOLS.values()]), tools(STEPWISE)


CHANGE = "a 2026-01-02T03:04:05Z A <a@b.c>\n"


def test_every_source_has_a_case():
    assert {source.name for source in SOURCES} == TOOLS.keys()


@every
def test_the_same_schema_comes_out(tool: Tool, tmp_path: Path, connection):
    made(tmp_path, tool, BOTH).apply(connection)
    assert public(connection) == ["owners", "pets", "pets_of"]
    connection.execute("INSERT INTO owners VALUES (1, 'x'); INSERT INTO pets VALUES (1, 1)")
    assert connection.execute("SELECT pets_of(1)").fetchone() == (1,)
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


@every
def test_the_fingerprint_is_of_the_tree_and_not_of_its_place(tool: Tool, tmp_path: Path):
    first = made(tmp_path / "one", tool, BOTH).fingerprint()
    assert at(tmp_path / "one", tool).fingerprint() == first
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert at(tmp_path / "two", tool).fingerprint() == first


@every
def test_an_edit_of_any_file_gives_another_fingerprint(tool: Tool, tmp_path: Path):
    files = tool.files(BOTH)
    first = made(tmp_path, tool, BOTH).fingerprint()
    for name in files.keys() - {"migrate.py", "config.yaml"}:  # the tool's, no part of the schema
        edited = "\n" if name.endswith(".json") else f"{_comment(name)} edited\n"
        (tmp_path / name).write_text(f"{files[name]}{edited}")
        assert at(tmp_path, tool).fingerprint() != first, name
        (tmp_path / name).write_text(files[name])
    assert at(tmp_path, tool).fingerprint() == first


def _comment(name: str) -> str:
    """What begins a comment in a file."""
    return "#" if name.endswith((".conf", ".plan", ".py", ".ini")) else "--"


@every
def test_undone_nothing_is_left(tool: Tool, tmp_path: Path, connection):
    source = made(tmp_path, tool, BOTH)
    before = Catalog.of(connection)
    source.apply(connection)
    assert source.reversible == tool.downs
    undone = source.rollback(connection)
    assert bool(undone) == tool.downs
    if tool.downs:
        after = Catalog.of(connection, tables=source.bookkeeping)
        assert not after.difference(before)


@stepwise
def test_up_and_down_by_one(tool: Tool, tmp_path: Path, connection):
    source = made(tmp_path, tool, BOTH)
    one, two = source.migrations
    source.upgrade(connection, one)
    assert public(connection) == ["owners"]
    source.upgrade(connection, two)
    assert public(connection) == ["owners", "pets", "pets_of"]
    if tool.downs:
        source.downgrade(connection, two)
        assert public(connection) == ["owners"]
        source.upgrade(connection, two)
        assert public(connection) == ["owners", "pets", "pets_of"]


@stepwise
def test_ten_comes_after_two(tool: Tool, tmp_path: Path):
    migrations = [(n, f"CREATE TABLE t{n} ();\n", f"DROP TABLE t{n};\n") for n in (1, 2, 10)]
    source = made(tmp_path, tool, migrations)
    texts = [migration.up.read_text() for migration in source.migrations]
    found = [next(n for n in (10, 2, 1) if f"CREATE TABLE t{n} " in text) for text in texts]
    assert found == [1, 2, 10]
    assert len({migration.name for migration in source.migrations}) == 3


@stepwise
def test_a_failure_is_reported_where_it_stands_and_leaves_nothing(
    tool: Tool, tmp_path: Path, connection
):
    source = made(tmp_path, tool, [*BOTH, (3, FAILING, "DROP TABLE half;\n")])
    with pytest.raises(MigrationError) as caught:
        source.apply(connection)
    error = caught.value
    assert error.location.path.resolve() == (tmp_path / tool.failing).resolve()
    assert error.location.line == tool.line + 2
    assert error.failure.sqlstate == "22012"
    assert str(error).startswith(f"{error.location}: 22012: division by zero")
    assert public(connection) == ([] if tool.together else ["owners", "pets", "pets_of"])
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


@stepwise
def test_a_failure_on_the_way_down_is_reported_too(tool: Tool, tmp_path: Path, connection):
    if not tool.downs:
        pytest.skip("this tool has no down migration")
    source = made(tmp_path, tool, [(1, UP_1, f"DROP TABLE owners;\n{FAILING}")])
    source.apply(connection)
    with pytest.raises(MigrationError, match="22012: division by zero") as caught:
        source.rollback(connection)
    path, line = caught.value.location
    assert path.read_text().split("\n")[line - 1] == tool.shown
    assert public(connection) == ["owners"]


@stepwise
def test_a_failure_while_committing_is_of_the_migration(tool: Tool, tmp_path: Path, connection):
    deferred = (
        "CREATE TABLE late (i int REFERENCES owners DEFERRABLE INITIALLY DEFERRED);\n"
        "INSERT INTO late VALUES (7);\n"
    )
    source = made(tmp_path, tool, [*BOTH, (3, deferred, "DROP TABLE late;\n")])
    with pytest.raises(MigrationError) as caught:
        source.apply(connection)
    assert caught.value.failure.sqlstate == "23503"
    assert caught.value.location.path.resolve() == (tmp_path / tool.failing).resolve()
    assert public(connection) == ([] if tool.together else ["owners", "pets", "pets_of"])


def test_a_command_that_fails_says_what_it_said(tmp_path: Path, connection):
    source = made(tmp_path, TOOLS["command"], [*BOTH, (3, FAILING, "SELECT 1;\n")])
    with pytest.raises(SchemaError, match=r"exit code 1\n[\s\S]*division by zero"):
        source.apply(connection)
    assert public(connection) == []


@stepwise
def test_the_tool_may_be_named(tool: Tool, tmp_path: Path):
    write(tmp_path, tool.files(BOTH))
    found = open_source(Config(tmp_path, tmp_path, tool.source))
    assert found is not None
    assert found.name == tool.source
    assert len(found.migrations) == 2


def test_an_unknown_tool_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="did you mean 'flyway'"):
        open_source(Config(tmp_path, tmp_path, "flyaway"))


def test_a_tool_without_a_place_is_no_run_without_a_schema(tmp_path: Path):
    with pytest.raises(ConfigError, match="'command' keeps no schema that was found"):
        open_source(config_reader.load(tmp_path, source="command", command="true"))
    assert open_source(config_reader.load(tmp_path, source="command", schema="none")) is None


@pytest.mark.parametrize(
    ("files", "source"),
    [
        ({"supabase/migrations/1_a.sql": "", "db/migrations/1_a.sql": ""}, "supabase"),
        ({"sqitch.conf": "[core]\ntop_dir = sql\n", "sql/sqitch.plan": "%project=p\n"}, "sqitch"),
        (
            {"sqitch.plan": f"%project=p\n\n{CHANGE}", "deploy/a.sql": "", "sql/x.sql": ""},
            "sqitch",
        ),
        ({"flyway.toml": "[flyway]\nlocations = ['sql']", "sql/V1__a.sql": ""}, "flyway"),
        ({"src/main/resources/db/migration/V1__a.sql": "", "sql/x.sql": ""}, "flyway"),
        ({"db/migrations/1_a.sql": "-- migrate:up\n-- migrate:down\n"}, "dbmate"),
        ({"migrations/1_a.sql": "-- +goose Up\n", "sql/x.sql": ""}, "goose"),
        ({"sql/migrations/1_a.up.sql": "", "db/migrations/1_a.sql": ""}, "sql_dir"),
    ],
)
def test_a_tool_s_usual_place_is_found(files: Files, source: str, tmp_path: Path):
    write(tmp_path, files)
    found = open_source(config_reader.load(tmp_path, SchemaSearch))
    assert found is not None
    assert found.name == source


@pytest.mark.parametrize(
    "files",
    [
        {"1_a.sql": "-- migrate:up\n-- migrate:down\n", "2_b.sql": "-- +goose Up\n"},
        {"1_a.sql": "-- migrate:up\n-- migrate:down\n", "2_b.sql": "SELECT 1;"},
        {"1_a.sql": "-- +goose Up\n", "2_b.up.sql": "SELECT 1;"},
        {"V1__a.sql": "SELECT 1;", "2_b.sql": "-- migrate:up\n-- migrate:down\n"},
        {"1_a.up.sql": "SELECT 1;", "R__b.sql": "SELECT 1;"},
    ],
)
def test_files_of_two_tools_are_refused_by_name(files: Files, tmp_path: Path):
    write(tmp_path, files)
    with pytest.raises(HarnessError, match=r"\.sql"):
        open_source(Config(tmp_path, tmp_path))


READER = (
    "exports.up = (db) => db.raw(fs.readFileSync(__filename.replace('.js', '.up.sql'), 'utf8'))"
)
MAKER = "exports.up = (knex) => knex.schema.table('a', (t) => t.string('b'))"
BELOW = "exports.up = (knex) => knex.schema.raw(fs.readFileSync('./sql/1_a/up.sql'))"


@pytest.mark.parametrize(
    ("files", "schema"),
    [
        ({"m/1_a.up.sql": "", "m/1_a.js": READER}, "m"),
        ({"m/sqls/1_a-up.sql": "", "m/sqls/1_a-down.sql": "", "m/1_a.js": READER}, "m/sqls"),
        ({"m/sql/1_a/up.sql": "", "m/sql/1_a/down.sql": "", "m/1_a.ts": BELOW}, "m/sql"),
    ],
    ids=["beside", "db-migrate", "folders"],
)
def test_a_program_that_only_runs_its_file_is_that_migration(
    files: Files, schema: str, tmp_path: Path
):
    write(tmp_path, files)
    found = open_source(Config(tmp_path, tmp_path / schema))
    assert found is not None
    assert [migration.name for migration in found.migrations] == ["1_a"]
    for program in ("2_b.js", "1_a.js"):
        (tmp_path / "m" / program).write_text(MAKER)
        with pytest.raises(ConfigError, match=rf"{program}: a migration that is a program"):
            open_source(Config(tmp_path, tmp_path / schema))
        (tmp_path / "m" / program).unlink()


@pytest.mark.parametrize(
    ("package", "command"),
    [("knex", "npx knex"), ("db-migrate", '"db-migrate", "up"'), ("node-pg-migrate", '"up"')],
)
def test_the_remedy_for_programs_is_of_the_tool_that_the_package_names(
    package: str, command: str, tmp_path: Path
):
    write(tmp_path, {"m/1_a.sql": "", "m/2_b.js": "", "package.json": f'{{"{package}": "1"}}'})
    with pytest.raises(ConfigError, match=command):
        open_source(Config(tmp_path, tmp_path / "m"))
