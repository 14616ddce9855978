"""Function bodies are looked at whatever keeps the schema: the catalog says which there are."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from harness.core.config import Config
from harness.core.findings import Finding
from harness.postgres.cluster import Cluster
from tests.project import Project, output
from tests.test_lint_bodies import findings

BODY = "\nBEGIN\n    RETURN (SELECT count(*) FROM {});\nEND "
FUNCTION = "CREATE FUNCTION total() RETURNS bigint LANGUAGE plpgsql AS $${}$$;"
TABLE = "CREATE TABLE example (id int PRIMARY KEY);\n"
ENV = """
from alembic import context
from sqlalchemy import create_engine
with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
APPLY = """
import os, pathlib, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    exec(pathlib.Path("{}").read_text())
"""


def by_command(cluster: Cluster, root: Path, program: str) -> list[Finding]:
    """What is found where a program in ``schema/make.py`` makes it on a connection."""
    schema = root / "schema"
    schema.mkdir()
    (schema / "make.py").write_text(program)
    command = (sys.executable, "-c", APPLY.format(schema / "make.py"))
    config = Config(root=root, schema=schema, source="command", command=command)
    return findings(cluster, root / "none", config=config)


def by_alembic(cluster: Cluster, root: Path, *upgrades: str) -> list[Finding]:
    """What is found where revisions run these."""
    pytest.importorskip("alembic", reason="pip install alembic")
    (root / "alembic" / "versions").mkdir(parents=True)
    (root / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = postgresql+psycopg://\n"
    )
    (root / "alembic/env.py").write_text(ENV)
    for number, upgrade in enumerate(upgrades):
        before = f"r{number - 1}" if number else None
        (root / f"alembic/versions/r{number}.py").write_text(
            f"from alembic import op\nrevision = 'r{number}'\ndown_revision = {before!r}\n"
            f"def upgrade():\n    {upgrade}\ndef downgrade():\n    pass\n"
        )
    return findings(cluster, root / "none", config=Config(root=root, schema=root))


def told(found: list[Finding]) -> list[tuple[str, int, str]]:
    return [(one.path.name, one.line, one.code) for one in found]


NAMED = "{body}"
EXECUTE = 'op.execute("""{}""")'
CREATE = EXECUTE.format(TABLE)


@pytest.mark.parametrize(
    ("upgrades", "place"),
    [
        ((CREATE, EXECUTE.format(FUNCTION.format(BODY))), ("r1.py", 7)),
        ((CREATE, f'body = """{BODY}"""; op.execute(f"{FUNCTION.format(NAMED)}")'), ("r1.py", 7)),
        ((CREATE.replace("TABLE", "VIEW").replace("(id int PRIMARY KEY)", "AS SELECT 1"),
          EXECUTE.format(FUNCTION.format(BODY))), ("r1.py", 7)),
    ],
)  # fmt: skip
def test_revisions_of_alembic(
    cluster: Cluster, tmp_path: Path, upgrades: tuple[str, ...], place: tuple[str, int]
):
    wrong = [one.replace("FROM {}", "FROM exampel") for one in upgrades]
    right = [one.replace("FROM {}", "FROM example") for one in upgrades]
    (tmp_path / "wrong").mkdir()
    (tmp_path / "right").mkdir()
    assert told(by_alembic(cluster, tmp_path / "wrong", *wrong)) == [(*place, "HB01")]
    assert told(by_alembic(cluster, tmp_path / "right", *right)) == []


@pytest.mark.parametrize("then", ["DROP TABLE example", "ALTER TABLE example RENAME TO examples"])
def test_a_revision_that_takes_away_what_a_function_reads(
    cluster: Cluster, tmp_path: Path, then: str
):
    made = (CREATE, EXECUTE.format(FUNCTION.format(BODY.format("example"))))
    (tmp_path / "wrong").mkdir()
    (tmp_path / "right").mkdir()
    assert told(by_alembic(cluster, tmp_path / "right", *made)) == []
    wrong = by_alembic(cluster, tmp_path / "wrong", *made, EXECUTE.format(then))
    assert told(wrong) == [("r1.py", 7, "HB01")]


PROGRAMS = {
    "a raw string": ('connection.execute(r"""{}""")', 3),
    "a name beside the body": (
        'body = """{body}"""\nconnection.execute("CREATE FUNCTION total() RETURNS bigint"\n'
        '    " LANGUAGE plpgsql AS $$" + body + "$$")',
        3,
    ),
    "twice the per cent sign": ('connection.execute("""{}""" % ())', 3),
    "a body that is put together": (
        'name = "{table}"\nconnection.execute("CREATE FUNCTION total() RETURNS bigint LANGUAGE"\n'
        '    f" plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM {{name}}); END $$")',
        2,
    ),
    "a file beside it": ('connection.execute(pathlib.Path(FILE).read_text())', 3),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(cluster: Cluster, tmp_path: Path, name: str):
    program, line = PROGRAMS[name]
    for table, found in (("exampel", [line]), ("example", [])):
        body = BODY.format(table)
        if "%" in program:
            body = body.replace("BEGIN", "BEGIN PERFORM 'a' LIKE 'b%%';")
        root = tmp_path / table
        (root / "sql").mkdir(parents=True)
        (root / "sql" / "total.txt").write_text(FUNCTION.format(body).replace("%%", "%"))
        text = program.replace("{}", FUNCTION.format(body)).replace("{body}", body)
        text = text.replace("{table}", table).replace("{{", "{").replace("}}", "}")
        text = text.replace("FILE", repr(str(root / "sql" / "total.txt")))
        made = by_command(cluster, root, f"connection.execute('{TABLE.strip()}');{text}")
        if name == "a file beside it":  # which is not below the schema
            assert [(one.path, one.line) for one in made] == ([(Path(), 0)] if found else [])
        else:
            assert [one.line for one in made] == found
        assert all("public.total" in one.message for one in made)


@pytest.mark.parametrize(
    "made",
    [
        "DO $do$ BEGIN EXECUTE 'CREATE FUNC' || 'TION total() RETURNS bigint LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN (SELECT count(*) FROM {}); END $$'; END $do$;",
        "SELECT 'CREATE FUNC' || 'TION total() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN"
        " RETURN (SELECT count(*) FROM {}); END $$' \\gexec\n",
        "\\set kind FUNC 'TION'\nCREATE :kind total() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN"
        " RETURN (SELECT count(*) FROM {}); END $$;",
    ],
)
def test_sql_that_says_function_nowhere(cluster: Cluster, tmp_path: Path, made: str):
    wrong = findings(cluster, tmp_path / "wrong", TABLE, made.format("exampel"))
    assert [one.code for one in wrong] == ["HB01"]
    assert findings(cluster, tmp_path / "right", TABLE, made.format("example")) == []


@pytest.mark.parametrize(
    ("query", "then"),
    [
        ("SELECT gone.f()", "DROP SCHEMA gone CASCADE"),
        ("SELECT 'old'::state::text", "ALTER TYPE state RENAME VALUE 'old' TO 'new'"),
        ("SELECT NULL::gone.t::text", "DROP SCHEMA gone CASCADE"),
    ],
)
def test_functions_in_sql_that_a_later_migration_breaks(
    cluster: Cluster, tmp_path: Path, query: str, then: str
):
    made = (
        "CREATE SCHEMA gone; CREATE TYPE gone.t AS ENUM ('a'); CREATE TYPE state AS ENUM ('old');"
        "CREATE FUNCTION gone.f() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;"
        f"CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ {query} $f$;\n"
    )
    assert findings(cluster, tmp_path / "right", made) == []
    (one,) = findings(cluster, tmp_path / "wrong", made, f"{then};\n")
    assert (one.path.name, one.code) == ("1.sql", "HB02")


def test_what_is_not_looked_into_is_undecided_and_said(cluster: Cluster, tmp_path: Path):
    made = """
        CREATE TABLE t (id int);
        CREATE FUNCTION moves() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN PERFORM set_config('search_path', 'app', true); PERFORM absent(); END $$;
        CREATE FUNCTION unused() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.x := 1; RETURN NEW; END $$;
        CREATE FUNCTION used() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RETURN NEW; END $$;
        CREATE TRIGGER used BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION used();
        CREATE FUNCTION silent() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RETURN NULL; END $$;
    """
    found = findings(cluster, tmp_path / "sql", dedent(made))
    assert {(one.code, one.severity) for one in found} == {("HB04", "undecided")}
    assert [one.message.partition(":")[0] for one in found] == ["public.moves", "public.unused"]


# --- the command ---------------------------------------------------------------------------


def commanded(project: Project, program: str) -> None:
    project.write("schema/make.py", program)
    project.write("make.py", APPLY.format("schema/make.py"))
    project.write(
        "pyproject.toml",
        f'[tool.harness]\nsource = "command"\nschema = "schema"\n'
        f'command = ["{sys.executable}", "make.py"]\n',
    )


def test_a_program_without_any_sql_file(project: Project):
    for path in (project.root / "pgtap_tests").iterdir():
        path.unlink()
    right = f"connection.execute('''{TABLE}{FUNCTION.format(BODY.format('example'))}''')\n"
    commanded(project, right)
    done = project.run("lint")
    assert done.returncode == 0, output(done)
    assert "function bodies, 0 findings" in done.stdout
    assert "sqlfluff not run: no SQL files" in done.stdout
    assert "squawk not run: no migration" in done.stdout
    commanded(project, right.replace("FROM example", "FROM exampel"))
    done = project.run("lint")
    assert done.returncode == 1, output(done)
    assert "schema/make.py:4:" in done.stdout


def test_a_program_that_fails_leaves_what_else_there_is_to_say(project: Project):
    commanded(project, "raise SystemExit('no such module')\n")
    project.write("pgtap_tests/more.pg", "SELECT ok(true);\n")
    project.write("pgtap_tests/node_modules/x/y.sql", "select Nonsense FROM;\n")
    done = project.run("lint")
    assert done.returncode == 1, output(done)
    assert "function bodies are not checked" in done.stdout
    assert "no such module" in done.stdout
    assert "more.pg:1" in done.stdout
    assert "HL04" in done.stdout
    assert "node_modules" not in done.stdout
