"""Verdicts do not hang on words: not on ours, nor on PostgreSQL's, which speaks other languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

import harness
from harness.core.config import Config
from harness.core.config_reader import load
from harness.core.results import Outcome, Result
from harness.instance import Instance, preload
from harness.postgres.cluster import Cluster, open_cluster
from harness.postgres.schema_model import Schema
from harness.properties.base import Undecided
from harness.properties.checks.not_null import NotNull
from harness.properties.checks.trigger import Triggers
from harness.rowgen import SWALLOWED, Rows, Unsatisfiable
from harness.rowgen.draft import Refusal
from harness.sources import MigrationError
from harness.sources.sql_dir import SqlDir
from harness.sqltests.files import AssertionFile
from harness.sqltests.runner import runner_of
from harness.sqltests.suite import hinted
from tests.properties.support import decide
from tests.support import postgresql
from tests.test_lint_bodies import findings

HARNESS = Path(harness.__file__).parent
FINISHED = """
CREATE TABLE jobs (
    id int PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('new', 'done')),
    done_at timestamptz,
    CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;
CREATE TRIGGER gone AFTER DELETE ON jobs FOR EACH ROW
    WHEN (OLD.state = 'done') EXECUTE FUNCTION note();
"""
PARTED = """
CREATE TABLE days (day date NOT NULL, n int NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');
CREATE TABLE partitions (n int NOT NULL);
"""
ELSEWHERE = """
CREATE TABLE log (n int) PARTITION BY LIST (n);
CREATE TABLE log_1 PARTITION OF log FOR VALUES IN (1);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.n IS NULL THEN INSERT INTO log VALUES (2); END IF; RETURN NEW; END $$;
CREATE TABLE t (n int NOT NULL);
CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION note();
"""


@pytest.fixture(scope="module")
def german() -> Iterator[Cluster]:
    """A PostgreSQL of the machine that speaks German; skips where none does."""
    bindirs = postgresql.system()
    if not bindirs:
        pytest.skip("no system PostgreSQL 14 to 17; see CONTRIBUTING.md for how to install one")
    # gettext heeds LANGUAGE where the locale is not C itself, and C.UTF-8 is everywhere.
    config = Config(bindir=bindirs[0], settings={"lc_messages": "C.UTF-8"})
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LANGUAGE", "de")
        with open_cluster(config, preload(Config())) as cluster, cluster.connect() as connection:
            with pytest.raises(psycopg.Error) as refused:
                connection.execute("SELECT FROM absent")
            if "existiert nicht" not in str(refused.value):
                pytest.skip("the system's PostgreSQL has no German messages")
            yield cluster


@pytest.fixture(params=["cluster", "german"])
def speaking(request: pytest.FixtureRequest) -> Cluster:
    """The embedded server, and one whose messages are in another language."""
    return request.getfixturevalue(request.param)


def test_a_row_that_cannot_be_prepared_is_known_by_its_kind(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Undecided, "__str__", lambda self: "in other words")
    decided = decide(cluster, FINISHED, Triggers)["jobs::gone::when"]
    assert (decided.outcome, decided.reason) == (Outcome.PASSED, "seen true, false")


def test_null_that_fits_no_partition_is_known_in_any_language(speaking: Cluster):
    found = decide(speaking, PARTED, NotNull)
    assert {one.outcome for one in found.values()} == {Outcome.PASSED}
    assert {name: one.reason for name, one in found.items() if one.reason} == {
        "days::day::not_null": "NULL fits no partition, which is seen first"
    }


def test_a_partition_of_what_a_trigger_writes_to_is_another_s(speaking: Cluster):
    found = decide(speaking, ELSEWHERE, NotNull)["t::n::not_null"]
    assert (found.outcome, found.reason) == (Outcome.PASSED, "shown without the triggers x")


# --- hints ---------------------------------------------------------------------------------

MAKES = """
CREATE TABLE people ();
CREATE SCHEMA IF NOT EXISTS helpers;
CREATE OR REPLACE FUNCTION helpers.greet(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE TYPE "Mood" AS ENUM ('fine');
"""
CALLS = """CREATE FUNCTION pg_temp.f() RETURNS bigint LANGUAGE plpgsql AS
    $$ BEGIN RETURN (SELECT count(*) FROM people); END $$;
SELECT pg_temp.f()"""


def stopped(cluster: Cluster, folder: Path, statement: str) -> Result:
    """The problem that a statement stops a file with, beside a file with MAKES."""
    (folder / "makes.sql").write_text(MAKES)
    (folder / "uses.sql").write_text(f"{statement};\n")
    makes, uses = (AssertionFile.read(folder / f"{name}.sql") for name in ("makes", "uses"))
    with closing(Instance(load(folder), cluster, None)) as instance:
        run = hinted(runner_of(instance).run(uses), [makes, uses])
    return run.problems[0]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'people', (SELECT count(*) FROM public.people)",
        "SELECT 'people'::regclass",
        "SELECT upper(greet('you'))",
        "SELECT helpers.greet('you')",
        """SELECT 'fine'::public."Mood\"""",
        "ALTER TABLE people ADD i int",
        CALLS,
    ],
)
def test_what_another_file_creates_is_hinted_at_in_any_language(
    speaking: Cluster, tmp_path: Path, statement: str
):
    hint = stopped(speaking, tmp_path, statement).message
    assert hint.startswith("makes.sql creates it")


@pytest.mark.parametrize(
    "statement",
    ["SELECT 'people', 1::absent", "SELECT absent(people) FROM notes", "SELECT people FROM 1"],
)
def test_what_nobody_creates_is_not_hinted_at(cluster: Cluster, tmp_path: Path, statement: str):
    assert stopped(cluster, tmp_path, statement).message == ""


def test_a_variable_that_is_not_set_is_hinted_at_in_any_language(speaking: Cluster, tmp_path: Path):
    hint = stopped(speaking, tmp_path, "SELECT 1, :absent").message
    assert hint.startswith("a variable that is not set?")


def test_an_extension_that_is_missing_comes_with_a_remedy_in_any_language(
    speaking: Cluster, tmp_path: Path
):
    (tmp_path / "1.sql").write_text("CREATE EXTENSION absent;\n")
    source = SqlDir.open(tmp_path, Config())
    with speaking.connect() as connection, pytest.raises(MigrationError) as failed:
        source.apply(connection)
    assert "--bindir names" in failed.value.failure.hint
    assert failed.value.failure.sqlstate == "0A000"


def test_a_rule_that_keeps_a_row_from_being_returned_is_known_without_its_words(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    of = Refusal.of
    monkeypatch.setattr(Refusal, "of", lambda error: replace(of(error), message="in other words"))
    with cluster.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(
            "CREATE TABLE t (i int); CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING"
        )
        with pytest.raises(Unsatisfiable) as raised:
            Rows(connection, Schema.read(connection)).insert("t", 1)
    assert raised.value.refusal is SWALLOWED


# --- linters -------------------------------------------------------------------------------

BODY = """CREATE FUNCTION f7(p int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    x absent%ROWTYPE;
BEGIN
    RETURN 1;
END;
$$;
"""


def test_the_line_of_what_does_not_compile_is_known_in_any_language(
    speaking: Cluster, tmp_path: Path
):
    found = findings(speaking, tmp_path / "sql", f"SET check_function_bodies = off;\n{BODY}")
    assert [(one.line, one.code) for one in found] == [(4, "HB02")]


# --- the source ----------------------------------------------------------------------------

SAYS = {"message", "message_primary", "message_detail", "message_hint", "detail", "context"} | {
    *("description", "reason", "remark"),
}
"""Attributes that hold what somebody says, the server or we."""
SHOWN = {
    "pytest_plugin/checks.py: str(skipped[2]).removeprefix('Skipped: ')",
    r"sqltests/runner.py: '\\x' in result.message",
    "migrations/fitting_rows.py: _quoted(value).search(failure.message)",
    "properties/checks/usable/same_error.py: '\"\"' not in answers[0].message",
    "properties/checks/usable/null_record.py: _OLD.search(_OTHER_TEXT.sub('', answer.context))",
    "postgres/standins/__init__.py: '$libdir' in (error.diag.message_primary or '')",
    "sources/unset_settings.py: _SAYS.search(str(error))",
    "sources/unset_settings.py: re.search('field \"(\\\\w+)\"', str(error))",
}
"""What only decides how something is shown, since pytest gives a reason in no other way; the form
of a value; a file's name and the schema's own statement, which no translation changes and no field
of an error has; the setting that a Python library misses, which it names in its message alone."""
LOOKS = {"startswith", "endswith", "removeprefix", "removesuffix", "match", "search", "fullmatch"}


def says(node: ast.AST) -> bool:
    """Whether an expression is a message, or ``str(error)``."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "str":
        return True
    return any(isinstance(n, ast.Attribute) and n.attr in SAYS for n in ast.walk(node))


def asks_words(node: ast.AST) -> bool:
    """Whether an expression looks for words in a message."""
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        return isinstance(node.left, ast.Constant) and says(node.comparators[0])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in LOOKS and any(map(says, [node.func.value, *node.args]))
    return False


def test_no_message_is_searched_for_words():
    found = {
        f"{path.relative_to(HARNESS)}: {ast.unparse(node)}"
        for path in HARNESS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if asks_words(node)
    }
    assert found <= SHOWN
