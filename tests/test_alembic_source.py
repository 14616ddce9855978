"""Projects as `alembic init` makes them, run against our database and no other."""

from __future__ import annotations

import ast
import gc
import subprocess
import textwrap
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.lint import Project as LintedProject
from harness.lint.squawk import Squawk
from harness.postgres.cluster import Cluster
from harness.postgres.snapshot import Catalog
from harness.run.lint import lint_files
from harness.sources import MigrationError, SchemaSource, alembic, open_source, recognition
from harness.sources.alembic import Alembic
from tests import sources
from tests.project import BIN, Project, output
from tests.support.asleep import is_running, wait_until

pytest.importorskip("alembic", reason="pip install alembic")

connection = sources.connection
SECRET = "hunter2secret"
ELSEWHERE = f"postgresql://ghost:{SECRET}@production.invalid:6543/live"
HAS_ASYNCPG = find_spec("asyncpg") is not None and find_spec("greenlet") is not None
OWN_ENV = """
from alembic import context
from sqlalchemy import create_engine
{before}
if context.is_offline_mode():
    context.configure(dialect_name="postgresql"{options})
    with context.begin_transaction():
        context.run_migrations()
else:
    with {connect} as connection:
        context.configure(connection=connection{options})
        with context.begin_transaction():
            context.run_migrations()
"""
A = 'op.execute("CREATE TABLE a (i int PRIMARY KEY)")'
B = 'op.execute("CREATE TABLE b (i int REFERENCES a)")'


class Backend:
    """A project with Alembic, made by Alembic itself."""

    def __init__(self, root: Path, template: str = "generic") -> None:
        from alembic import command
        from alembic.config import Config as AlembicConfig

        self.root = root
        self.ini = root / "alembic.ini"
        toml = root / "pyproject.toml" if template.startswith("pyproject") else None
        config = AlembicConfig(self.ini, toml_file=toml)
        command.init(config, str(root / "migrations"), template)
        self.versions = root / "migrations" / "versions"

    def add(
        self, name: str, down: Any, up: str = "pass", undo: str = "pass", more: str = ""
    ) -> Path:
        path = self.versions / f"{name}.py"
        path.write_text(
            f"from alembic import op\nimport sqlalchemy as sa\n{more}\n"
            f"revision = {name!r}\ndown_revision = {down!r}\n\n"
            f"def upgrade():\n{textwrap.indent(up, '    ')}\n\n"
            f"def downgrade():\n{textwrap.indent(undo, '    ')}\n"
        )
        return path

    def env(self, before: str = "", connect: str = "", options: str = "") -> None:
        url = 'context.config.get_main_option("sqlalchemy.url")'
        connect = connect or f"create_engine({url}).connect()"
        text = OWN_ENV.format(before=before, connect=connect, options=options)
        (self.root / "migrations/env.py").write_text(text)

    def replace(self, old: str, new: str) -> None:
        text = self.ini.read_text()
        assert old in text
        self.ini.write_text(text.replace(old, new))

    @property
    def source(self) -> SchemaSource:
        found = open_source(Config(root=self.root, schema=self.root))
        assert found is not None
        return found


@pytest.fixture
def backend(tmp_path: Path) -> Backend:
    return Backend(tmp_path)


@pytest.fixture
def two(backend: Backend) -> Backend:
    backend.add("a1", None, A, 'op.execute("DROP TABLE a")')
    backend.add("b2", "a1", B, 'op.execute("DROP TABLE b")')
    return backend


def tables(connection: psycopg.Connection[Any]) -> list[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    return [name for (name,) in connection.execute(query)]


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


# --- what is recognised --------------------------------------------------------------------


def test_a_directory_its_ini_and_its_pyproject_are_recognised(backend: Backend, tmp_path: Path):
    for path in (backend.root, backend.ini):
        assert isinstance(open_source(Config(schema=path)), Alembic)
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "pyproject.toml").write_text("[tool.other]\n")
    assert not recognition.alembic(plain)
    assert not recognition.alembic(plain / "pyproject.toml")
    with pytest.raises(ConfigError, match=r"neither alembic\.ini nor \[tool\.alembic\]"):
        open_source(Config(schema=plain, source="alembic"))


def test_tool_alembic_in_pyproject_is_enough(tmp_path: Path, connection):
    backend = Backend(tmp_path, "pyproject")
    backend.ini.unlink()
    backend.add("a1", None, A)
    for path in (tmp_path, tmp_path / "pyproject.toml"):
        assert recognition.alembic(path)
    backend.env('import os; URL = os.environ["DATABASE_URL"]', "create_engine(URL).connect()")
    assert backend.source.apply(connection) == ("a1",)


def test_scripts_relative_to_where_the_harness_runs_are_found(backend: Backend, connection):
    backend.add("a1", None, A)
    inner = backend.root / "config"
    inner.mkdir()
    backend.replace(
        "%(here)s/migrations"
        if "%(here)s/migrations" in backend.ini.read_text()
        else str(backend.root / "migrations"),
        "migrations",
    )
    backend.ini.rename(inner / "alembic.ini")
    source = open_source(Config(root=backend.root, schema=inner))
    assert source is not None
    assert source.apply(connection) == ("a1",)


def test_without_alembic_the_remedy_is_named(backend: Backend, monkeypatch):
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr("harness.sources.interpreter.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="-m pip install alembic"):
        _ = backend.source


# --- up and down ---------------------------------------------------------------------------


def test_up_and_down_leave_the_catalog_as_it_was(two: Backend, connection):
    source, before = two.source, Catalog.of(connection)
    assert [m.name for m in source.migrations] == ["a1", "b2"]
    assert source.migrations[0].up == two.versions / "a1.py"
    assert source.reversible
    assert source.apply(connection) == ("a1", "b2")
    assert tables(connection) == ["a", "alembic_version", "b"]
    assert source.rollback(connection) == ("b2", "a1")
    assert Catalog.of(connection) == before


def test_one_revision_at_a_time(two: Backend, connection):
    source = two.source
    first, second = source.migrations
    source.upgrade(connection, first)
    assert tables(connection) == ["a", "alembic_version"]
    source.upgrade(connection, second)
    source.downgrade(connection, second)
    assert tables(connection) == ["a", "alembic_version"]
    source.downgrade(connection, first)
    assert tables(connection) == []


def test_several_revisions_at_a_time(two: Backend, connection):
    source = two.source
    first, second = source.migrations
    before = Catalog.of(connection)
    source.upgrade_several(connection, [first, second])
    source.downgrade(connection, second)
    source.upgrade_several(connection, [second])
    source.rollback(connection)
    assert not Catalog.of(connection).difference(before)


def test_branches_and_merges_go_up_in_order_and_down_one_by_one(backend: Backend, connection):
    backend.add("z0", None, A, 'op.execute("DROP TABLE a")')
    backend.add("left", "z0", B, 'op.execute("DROP TABLE b")')
    backend.add("right", "z0", 'op.execute("CREATE TABLE c ()")', 'op.execute("DROP TABLE c")')
    backend.add("merged", ("left", "right"))
    backend.add("other", None, 'op.execute("CREATE TABLE d ()")', 'op.execute("DROP TABLE d")')
    source, before = backend.source, Catalog.of(connection)
    names = [m.name for m in source.migrations]
    assert sorted(names) == ["left", "merged", "other", "right", "z0"]
    assert names.index("z0") < min(names.index("left"), names.index("right"))
    assert names.index("merged") > max(names.index("left"), names.index("right"))
    assert source.apply(connection) == tuple(names)
    by_name = {m.name: m for m in source.migrations}
    for name, gone in (("merged", ""), ("left", "b"), ("right", "c"), ("other", "d")):
        source.downgrade(connection, by_name[name])
        assert gone not in tables(connection)
    assert tables(connection) == ["a", "alembic_version"]
    source.downgrade(connection, by_name["z0"])
    assert Catalog.of(connection) == before


def test_what_no_transaction_can_hold_runs_outside_of_one(two: Backend, connection):
    index = 'op.create_index("a_i", "a", ["i"], postgresql_concurrently=True)'
    two.add("c3", "b2", f"with op.get_context().autocommit_block():\n    {index}")
    source = two.source
    assert source.apply(connection) == ("a1", "b2", "c3")
    assert tables(connection) == ["a", "alembic_version", "b"]
    config = Config(two.root, schema=two.root)
    project = LintedProject(config, source, source.files, nullcontext)
    squawk = Squawk(project)
    units = [unit for unit in squawk.units() if "autocommit" in unit.files[0].read_text()]
    assert [one.code for found in squawk.lint(units) for one in found] == []
    assert len(units) == 1


def test_a_downgrade_that_only_raises_is_none(two: Backend):
    two.add("c3", "b2", undo='"""Never."""\nraise NotImplementedError')
    source = two.source
    assert [m.down is None for m in source.migrations] == [False, False, True]
    assert not source.reversible


def test_the_version_table_is_bookkeeping_wherever_it_is(two: Backend, connection):
    connection.execute('CREATE SCHEMA "Notes"')
    two.env(options=", version_table='Done', version_table_schema='Notes'")
    source, before = two.source, Catalog.of(connection)
    assert source.bookkeeping == frozenset()
    source.apply(connection)
    assert source.bookkeeping == {("Notes", "Done")}
    left = Catalog.of(connection, tables=source.bookkeeping).difference(before)
    assert "a" in str(left)
    assert "Done" not in str(left)
    assert "Done" in str(Catalog.of(connection).difference(before))
    source.rollback(connection)
    assert Catalog.of(connection) == before


# --- our database and no other -------------------------------------------------------------


@pytest.mark.parametrize("name", ["DATABASE_URL", "DB_URL", "SOME_POSTGRES"])
def test_variables_of_the_environment_are_ours(two: Backend, connection, monkeypatch, name: str):
    monkeypatch.setenv("DATABASE_URL", ELSEWHERE)
    monkeypatch.setenv(name, ELSEWHERE.replace("postgresql:", "postgresql+psycopg:"))
    monkeypatch.setenv("PGHOST", "production.invalid")
    monkeypatch.setenv("PGSERVICE", "production")
    check = (
        "import os, psycopg\n"
        f"URL = os.environ[{name!r}]\n"
        "assert 'production' not in str(dict(os.environ)), 'a way to production is left'\n"
        f"assert URL.startswith('postgresql+psycopg://'), 'another driver'\n"
        "psycopg.connect().close()\n"
        "psycopg.connect(URL.replace('+psycopg', '')).close()\n"
    )
    two.env(check, "create_engine(URL).connect()")
    assert two.source.apply(connection) == ("a1", "b2")


def test_a_url_put_into_the_configuration_needs_no_escaping(two: Backend, connection):
    two.env('import os\nurl = os.environ["DATABASE_URL"]\n'
            'context.config.set_main_option("sqlalchemy.url", url)')  # fmt: skip
    assert two.source.apply(connection) == ("a1", "b2")


def test_what_dotenv_would_set_is_ours(two: Backend, connection):
    (two.root / ".env").write_text(f'export DSN="{ELSEWHERE}"\nOTHER=1\n')
    two.env('import os; URL = os.environ["DSN"]', "create_engine(URL).connect()")
    assert two.source.apply(connection) == ("a1", "b2")


def test_settings_that_nothing_sets_are_made_up_and_named(two: Backend, connection):
    two.env('import os; KEY, URL = os.environ["APP_KEY"], os.environ["APP_DATABASE_URL"]',
            "create_engine(URL).connect()")  # fmt: skip
    source = two.source
    assert source.apply(connection) == ("a1", "b2")
    assert "APP_DATABASE_URL, APP_KEY" in source.warnings[0]
    two.env('import os; assert os.environ["APP_KEY"] == "a"')
    with pytest.raises(ConfigError, match=r"AssertionError: *\n.*APP_KEY"):
        two.source.apply(connection)


def test_what_a_revision_misses_fails_it(two: Backend, connection):
    bad = two.add("c3", "b2", 'import os; os.environ["APP_KEY"]')
    source = two.source
    with pytest.raises(MigrationError, match="KeyError: 'APP_KEY'") as error:
        source.apply(connection)
    assert error.value.location.path == bad
    assert source.warnings == ()


def test_a_url_written_into_the_environment_is_not_reached(two: Backend, connection):
    two.env(connect=f"create_engine('{ELSEWHERE}?sslmode=no-such').connect()")
    assert two.source.apply(connection) == ("a1", "b2")
    assert tables(connection) == ["a", "alembic_version", "b"]


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "pg8000"])
def test_the_driver_that_the_project_names_is_kept(two: Backend, connection, driver: str):
    if find_spec(driver) is None:
        pytest.skip(f"pip install {driver}")
    two.replace("driver://", f"postgresql+{driver}://")
    two.env(f"import {driver}")
    bad = two.add("c3", "b2", 'op.execute("INSERT INTO a VALUES (1), (1)")')
    seen = f"assert op.get_bind().dialect.driver == {driver!r}, 'another driver'"
    two.add("b2", "a1", f"{seen}\n{B}")
    with pytest.raises(MigrationError) as error:
        two.source.apply(connection)
    assert str(error.value).startswith(f"{bad}:{line_of(bad, 'INSERT')}: 23505: duplicate key")
    assert error.value.failure.detail == "Key (i)=(1) already exists."


@pytest.mark.skipif(find_spec("psycopg2") is not None, reason="pip uninstall psycopg2")
def test_psycopg_is_used_where_psycopg2_is_not_installed(two: Backend, connection):
    """The client binds parameters, as psycopg2 does: the server takes none in a comment."""
    two.replace("driver://user:pass@localhost/dbname", "postgresql+psycopg2://u@localhost/x")
    two.env(connect="create_engine('postgresql+psycopg2://u@localhost/x').connect()")
    comment = 'op.get_bind().execute(sa.text("COMMENT ON TABLE a IS :said"), {"said": "it\'s"})'
    two.add("c3", "b2", comment)
    assert two.source.apply(connection) == ("a1", "b2", "c3")
    (said,) = connection.execute("SELECT obj_description('a'::regclass)").fetchone()
    assert said == "it's"


def test_a_url_in_the_ini_is_not_reached(two: Backend, connection):
    two.replace("driver://user:pass@localhost/dbname", ELSEWHERE)
    assert two.source.apply(connection) == ("a1", "b2")


def test_an_environment_that_opens_connections_itself_is_refused(
    two: Backend, connection, cluster: Cluster
):
    dsn = cluster.dsn("postgres")
    creator = f"create_engine('postgresql+psycopg://', creator=lambda: psycopg.connect({dsn!r}))"
    two.env("import psycopg", f"{creator}.connect()")
    with pytest.raises(ConfigError, match="connects to a database of its own choice"):
        two.source.apply(connection)
    with cluster.connect("postgres") as other:
        assert tables(other) == []
    assert tables(connection) == []


def test_another_kind_of_database_is_refused(two: Backend, connection):
    two.env(connect="create_engine('sqlite://').connect()")
    with pytest.raises(ConfigError, match="connects to sqlite, not to PostgreSQL"):
        two.source.apply(connection)


def test_an_environment_that_does_not_commit_is_found_out(two: Backend, connection):
    connect = 'create_engine(context.config.get_main_option("sqlalchemy.url")).connect()'
    (two.root / "migrations/env.py").write_text(
        "from alembic import context\nfrom sqlalchemy import create_engine, text\n"
        f"connection = {connect}\nconnection.execute(text('SELECT 1'))\n"
        "context.configure(connection=connection)\ncontext.run_migrations()\n"
    )
    with pytest.raises(ConfigError, match="does it commit"):
        two.source.apply(connection)
    assert tables(connection) == []


def test_an_environment_that_runs_nothing_is_found_out(two: Backend, connection):
    (two.root / "migrations/env.py").write_text("print('nothing to do')\n")
    with pytest.raises(ConfigError, match="ran no migrations") as error:
        two.source.apply(connection)
    assert "The environment printed:\nnothing to do" in str(error.value)


def test_an_environment_that_insists_on_a_connection_is_given_one(two: Backend, connection):
    two.env(connect="context.config.attributes['connection']")
    assert two.source.apply(connection) == ("a1", "b2")


@pytest.mark.skipif(not HAS_ASYNCPG, reason="pip install asyncpg greenlet")
def test_an_async_environment_keeps_its_driver(tmp_path: Path, connection):
    backend = Backend(tmp_path, "async")
    backend.replace(
        "driver://user:pass@localhost/dbname", "postgresql+asyncpg://x@nowhere.invalid/"
    )
    seen = "import sys\nassert 'asyncpg' in sys.modules, 'another driver'\n"
    backend.add("a1", None, seen + A)
    bad = backend.add("b2", "a1", 'op.execute("INSERT INTO a VALUES (1), (1)")')
    source = backend.source
    source.upgrade(connection, source.migrations[0])
    with pytest.raises(MigrationError) as error:
        source.upgrade(connection, source.migrations[1])
    assert str(error.value).startswith(f"{bad}:{line_of(bad, 'INSERT')}: 23505: duplicate key")
    assert error.value.failure.detail == "Key (i)=(1) already exists."
    assert tables(connection) == ["a", "alembic_version"]


def test_a_password_goes_where_it_must_and_is_never_shown(two: Backend, connection, cluster):
    role = f"alembic_{connection.info.dbname}"
    connection.execute(f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD '{SECRET}'")
    dsn = make_conninfo(cluster.dsn(connection.info.dbname), user=role, password=SECRET)
    two.env("import os; word = os.environ['PGPASSWORD']; print('it is', word)")
    two.add("c3", "b2", "import os\nraise ValueError('x://u:p@q@h', os.environ['PGPASSWORD'])")
    try:
        with (
            psycopg.connect(dsn, autocommit=True) as ours,
            pytest.raises(MigrationError) as error,
        ):
            two.source.apply(ours)
    finally:
        connection.execute(f"DROP ROLE {role}")
    assert SECRET not in str(error.value)
    assert "ValueError: ('x://u:***@h', '***')" in str(error.value)
    assert "it is ***" in str(error.value)


# --- failures ------------------------------------------------------------------------------


def test_a_failing_revision_reports_its_line_and_leaves_nothing(two: Backend, connection):
    path = two.add(
        "c3", "b2", 'op.create_table("c", sa.Column("i", sa.Integer))\n'
        'op.execute("INSERT INTO a VALUES (1)")\nop.execute(\n    "INSERT INTO a VALUES (1)"\n)'
    )  # fmt: skip
    source, before = two.source, Catalog.of(connection)
    with pytest.raises(MigrationError) as error:
        source.apply(connection)
    assert str(error.value).startswith(f"{path}:{line_of(path, 'op.execute(') + 1}: 23505: ")
    assert error.value.location.path == path
    assert error.value.failure.sqlstate == "23505"
    assert error.value.failure.detail == "Key (i)=(1) already exists."
    assert Catalog.of(connection) == before


def test_what_the_server_says_of_an_sql_file_names_its_line(backend: Backend, connection):
    sql = backend.root / "up.sql"
    sql.write_text("CREATE TABLE a (\n    i int,\n    j nonsense\n);\n")
    path = backend.add("a1", None, f"op.execute(Path({str(sql)!r}).read_text())",
                       more="from pathlib import Path")  # fmt: skip
    with pytest.raises(MigrationError) as error:
        backend.source.apply(connection)
    text = str(error.value)
    assert text.startswith(f'{path}:{line_of(path, "read_text")}: 42704: type "nonsense"')
    assert f"in {sql.name}:3" in text


def test_an_exception_of_a_revision_reports_its_line(two: Backend, connection):
    path = two.add("c3", "b2", "values = {}\nvalues['x']")
    with pytest.raises(MigrationError) as error:
        two.source.apply(connection)
    assert str(error.value).startswith(f"{path}:{line_of(path, 'values[')}: KeyError: 'x'")
    assert tables(connection) == []


def test_what_a_deferred_constraint_refuses_is_reported(two: Backend, connection):
    more = 'op.execute("ALTER TABLE b ADD FOREIGN KEY (i) REFERENCES a INITIALLY DEFERRED")\n'
    two.add("c3", "b2", more + 'op.execute("ALTER TABLE b DROP CONSTRAINT b_i_fkey")\n'
            'op.execute("INSERT INTO b VALUES (7)")')  # fmt: skip
    with pytest.raises(MigrationError, match=r"c3\.py:\d+: 23503: at COMMIT: insert or update"):
        two.source.apply(connection)
    assert tables(connection) == []


def test_what_fails_between_revisions_is_said_of_the_one_before(two: Backend, connection):
    path = two.add("c" * 40, "b2")
    with pytest.raises(MigrationError, match=rf"^{path}:\d+: 22001: value too long"):
        two.source.apply(connection)
    assert tables(connection) == []


def test_what_the_environment_does_afterwards_is_its_own(two: Backend, connection):
    path = two.root / "migrations/env.py"
    path.write_text(path.read_text() + "\nraise LookupError('too late')\n")
    with pytest.raises(ConfigError) as error:
        two.source.apply(connection)
    assert f"{path}:{line_of(path, 'too late')}: LookupError: too late" in str(error.value)


def test_a_failing_downgrade_reports_its_line(two: Backend, connection):
    path = two.add("c3", "b2", undo='op.execute("SELECT 1/0")')
    source = two.source
    source.apply(connection)
    with pytest.raises(MigrationError) as error:
        source.rollback(connection)
    assert str(error.value).startswith(f"{path}:{line_of(path, '1/0')}: 22012: division by zero")
    assert tables(connection) == ["a", "alembic_version", "b"]


def test_a_revision_that_cannot_be_read_reports_its_line(two: Backend):
    path = two.versions / "c3.py"
    path.write_text("revision = 'c3'\ndown_revision = 'b2'\ndef upgrade(:\n")
    with pytest.raises(MigrationError) as error:
        _ = two.source.migrations
    assert str(error.value).startswith(f"{path}:3: SyntaxError")


def test_a_missing_revision_is_reported(two: Backend):
    two.add("c3", "nowhere")
    with pytest.raises(ConfigError, match="nowhere"):
        _ = two.source.migrations


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nimport does_not_exist\n", "2: ModuleNotFoundError: No module named 'does_not_exist'"),
        ("\n\nx = (\n", "3: SyntaxError: '(' was never closed"),
        ("import sys\nsys.exit('no settings')\n", "2: SystemExit: no settings"),
    ],
)
def test_an_environment_that_fails_reports_its_line(two: Backend, connection, text, message):
    path = two.root / "migrations/env.py"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        two.source.apply(connection)
    assert f"{path}:{message}" in str(error.value)


def test_an_environment_that_ends_the_process_is_survived(two: Backend, connection):
    source, env = two.source, two.root / "migrations/env.py"
    text = env.read_text()
    env.write_text("import os\nprint('bye', flush=True)\nos._exit(3)\n")
    with pytest.raises(ConfigError, match="Alembic ended with 3\nbye"):
        source.apply(connection)
    env.write_text(text)
    assert source.apply(connection) == ("a1", "b2")


# --- what a schema is made of ---------------------------------------------------------------


def test_the_fingerprint_follows_all_that_is_read(tmp_path: Path, monkeypatch):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    root = tmp_path / "backend"
    root.mkdir()
    backend = Backend(root)
    sql = tmp_path / "sql/1.up.sql"
    sql.parent.mkdir()
    sql.write_text("CREATE TABLE a ();")
    (root / "models.py").write_text("N = 1\n")
    (tmp_path / "beside.py").write_text("N = 1\n")
    (root / "later.py").write_text("N = 1\n")
    read = f"op.get_bind().execute(sa.text(Path({str(sql)!r}).read_text()))"
    version = backend.add("a1", None, read, more="from pathlib import Path")
    backend.env("import sys, models; sys.path.insert(0, '..'); import beside")
    source = backend.source
    seen = [source.fingerprint(), backend.source.fingerprint()]
    assert seen[0] == seen[1]
    modules = (root / "models.py", root / "later.py", tmp_path / "beside.py")
    for path in (version, *modules, backend.ini, root / "migrations/env.py", sql):
        path.write_text(path.read_text() + ("\n-- x\n" if path == sql else "\n# x\n"))
        seen.append(source.fingerprint())
    assert len(set(seen)) == 8
    (tmp_path / "unread.sql").write_text("SELECT 1;")
    assert source.fingerprint() == seen[-1]


def test_what_is_read_is_known_without_offline_mode_and_beside_endless_loops(backend: Backend):
    for name in ("1.sql", "2.sql"):
        (backend.root / name).write_text("SELECT 1;\n")
    read = f"open({str(backend.root)!r} + '/{{}}.sql').read()"
    loop = "bind = op.get_bind()\nwhile True:\n    if bind.execute(sa.text('x')) is None: break"
    backend.add("a1", None, f"{read.format(1)}\n{loop}", read.format(2))
    assert [path.name for path in backend.source.files] == ["1.sql", "2.sql"]
    (backend.root / "migrations/env.py").write_text("raise RuntimeError('there is no DATABASE')")
    assert [path.name for path in backend.source.files] == ["1.sql", "2.sql"]


def test_linters_are_given_the_sql_that_is_read(two: Backend):
    assert two.source.files == ()
    assert lint_files(Config(schema=two.root), two.source) == []
    sql = two.root / "c.sql"
    sql.write_text("SELECT 1;\n")
    two.add("c3", "b2", f"op.execute(open({str(sql)!r}).read())")
    assert two.source.files == (sql,)


def test_nothing_runs_on_when_the_source_is_gone(two: Backend):
    source: Any = two.source
    _ = source.migrations
    pid = source._processes[0]._running.pid
    assert is_running(pid)
    del source
    gc.collect()
    assert not is_running(pid)


def test_nothing_runs_on_when_the_harness_is_killed(project: Project):
    started = project.root / "started"
    note = f"import os\nopen({str(started)!r}, 'w').write(str(os.getpid()))"
    Backend(project.root).add("a1", None, f"{note}\nwhile True: pass")
    running = subprocess.Popen(
        [BIN / "harness", "apply", "--schema", "."],
        cwd=project.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: started.exists() and started.read_text() != "")
    finally:
        running.kill()
        running.wait()
    wait_until(lambda: not is_running(int(started.read_text())))


def test_the_gate_passes_as_it_does_over_sql_files(project: Project):
    (project.root / "backend").mkdir()
    backend = Backend(project.root / "backend")
    folder = project.root / "sql/migrations"
    read = (
        "op.execute((Path(__file__).parents[3] / 'sql/migrations/0001_notes.{}.sql').read_text())"
    )
    backend.add("a1", None, read.format("up"), read.format("down"), "from pathlib import Path")
    done = project.run("gate", "--schema", "backend", DATABASE_URL=ELSEWHERE)
    assert done.returncode == 0, output(done)
    assert "✓ migrations  1 revision up, down, up" in done.stdout
    assert "alembic_version" not in done.stdout
    applied = [project.run("apply", "--schema", str(p)) for p in (folder, backend.root)]
    catalogs = [output(one).partition("applied")[2].rpartition("apply")[0] for one in applied]
    assert "public.notes.body" in catalogs[0]
    assert catalogs[0] == catalogs[1]


def test_lint_has_nothing_to_say_where_no_sql_is_read(project: Project):
    (project.root / "backend").mkdir()
    Backend(project.root / "backend").add("a1", None, A)
    for file in project.root.glob("pgtap_tests/*"):
        file.unlink()
    done = project.run("lint", "--schema", "backend")
    assert done.returncode == 0, output(done)
    assert "no SQL files" in output(done)


def test_what_runs_in_the_project_asks_for_nothing_that_sqlalchemy_1_4_lacks():
    """Airflow 2 and Superset are bound to it: `sqlalchemy.Engine` is of 2.0."""
    old = {"create_engine", "event", "text"}
    for path in (Path(alembic.__file__).parent / "alembic_child").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy":
                assert {alias.name for alias in node.names} <= old, path.name


def test_many_revisions_are_loaded_once_and_again_where_a_file_has_changed(
    two: Backend, connection, monkeypatch
):
    """Each request is answered by a fork of what has loaded them; a file tells of each loading."""
    monkeypatch.setattr("harness.sources.alembic.source._MANY", 1)
    loaded = two.root / "loaded"
    last = two.add(
        "c3",
        "b2",
        'op.execute("CREATE TABLE c (i int)")',
        'op.execute("DROP TABLE c")',
        f"open({str(loaded)!r}, 'a').write('x')",
    )
    source = two.source
    a, b, c = source.migrations
    before = len(loaded.read_text())
    for migration in (a, b, c):
        source.upgrade(connection, migration)
    source.downgrade(connection, c)
    assert tables(connection) == ["a", "alembic_version", "b"]
    assert len(loaded.read_text()) == before + 1
    last.write_text(last.read_text().replace("TABLE c", "TABLE d"))
    source.upgrade(connection, c)
    assert tables(connection) == ["a", "alembic_version", "b", "d"]
    source.downgrade(connection, c)
    source.downgrade(connection, b)
    source.downgrade(connection, a)
    assert tables(connection) == []


def test_many_revisions_that_look_at_the_address_are_loaded_each_time(
    two: Backend, connection, monkeypatch
):
    """A module of the project's reads DATABASE_URL where it is imported."""
    monkeypatch.setattr("harness.sources.alembic.source._MANY", 1)
    (two.root / "settings.py").write_text("import os\nURL = os.environ.get('DATABASE_URL', '')\n")
    two.add(
        "c3", "b2", f"assert {connection.info.dbname!r} in URL", more="from settings import URL"
    )
    source = two.source
    for migration in source.migrations:
        source.upgrade(connection, migration)
    assert tables(connection) == ["a", "alembic_version", "b"]


def test_what_ends_a_fork_of_many_revisions_ends_no_other(two: Backend, connection, monkeypatch):
    monkeypatch.setattr("harness.sources.alembic.source._MANY", 1)
    two.add("c3", "b2", "if not op.get_context().as_sql:\n    os._exit(7)", more="import os")
    source = two.source
    a, b, c = source.migrations
    source.upgrade(connection, a)
    source.upgrade(connection, b)
    with pytest.raises(ConfigError, match="ended with 7"):
        source.upgrade(connection, c)
    source.downgrade(connection, b)
    assert tables(connection) == ["a", "alembic_version"]
