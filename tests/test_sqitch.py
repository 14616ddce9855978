from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.config import Config
from harness.core.errors import ConfigError, ScriptError
from harness.sources import MigrationError, open_source
from tests import sources
from tests.sources import STAMP, TOOLS, at, public, write

connection = sources.connection
SQITCH = TOOLS["sqitch"]
PLAN = "%syntax-version=1.0.0\n%project=p\n%uri=https://example.org/\n\n"
A = {
    "deploy/a.sql": "BEGIN;\nCREATE TABLE a (i int);\nCOMMIT;\n",
    "revert/a.sql": "DROP TABLE a;\n",
}
B = {"deploy/b.sql": "CREATE TABLE b ();\n", "revert/b.sql": "DROP TABLE b;\n"}


def plan(*lines: str) -> dict[str, str]:
    """A plan; ``NOW`` stands for a time and a planner."""
    return {"sqitch.plan": PLAN + "".join(line.replace("NOW", STAMP) + "\n" for line in lines)}


@pytest.mark.parametrize("where", [".", "sqitch.plan", "sqitch.conf", "db", "db/sqitch.plan"])
def test_the_project_and_its_files_are_known(where: str, tmp_path: Path, connection):
    top = "db/" if where != "sqitch.plan" else ""
    files = {top + name: text for name, text in {**A, **plan("a NOW")}.items()}
    if top:
        files["sqitch.conf"] = '; ours\n[core]\n\tengine = pg\n\ttop_dir = db\n[engine "pg"]\n'
    write(tmp_path, files)
    found = open_source(Config(tmp_path, (tmp_path / where).resolve()))
    assert found is not None
    assert found.name == "sqitch"
    assert found.apply(connection) == ("a",)
    assert found.fingerprint() == at(tmp_path, SQITCH).fingerprint()


def test_the_plan_is_the_order(tmp_path: Path):
    changes = (
        "z NOW # first",
        "",
        "# a comment",
        "a [z] NOW # needs it",
        "@v1 NOW # a tag",
        "+ x/y [a@v1 p:z !last] NOW",
        "last NOW",
    )
    write(tmp_path, {f"deploy/{n}.sql": "SELECT 1;" for n in ("z", "a", "x/y", "last")})
    write(tmp_path, plan(*changes))
    assert [m.name for m in at(tmp_path, SQITCH).migrations] == ["z", "a", "x/y", "last"]


def test_a_reworked_change_has_its_old_script_at_the_tag(tmp_path: Path, connection):
    write(
        tmp_path,
        {
            **plan("f NOW", "@v1 NOW", "other NOW", "@v2 NOW", "f [f@v1] NOW"),
            "deploy/f@v2.sql": "CREATE FUNCTION f() RETURNS int RETURN 1;",
            "deploy/other.sql": "SELECT f();",
            "deploy/f.sql": "CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 2;",
            "revert/f.sql": "CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 1;",
            "revert/f@v2.sql": "DROP FUNCTION f();",
            "revert/other.sql": "SELECT 1;",
        },
    )
    source = at(tmp_path, SQITCH)
    assert [m.up.name for m in source.migrations] == ["f@v2.sql", "other.sql", "f.sql"]
    source.apply(connection)
    assert connection.execute("SELECT f()").fetchone() == (2,)
    source.downgrade(connection, source.migrations[-1])
    assert connection.execute("SELECT f()").fetchone() == (1,)
    source.downgrade(connection, source.migrations[0])
    assert public(connection) == []


def test_a_verification_that_fails_is_reported_and_leaves_no_rows(tmp_path: Path, connection):
    write(
        tmp_path,
        {
            **A,
            **B,
            **plan("a NOW", "b NOW"),
            "verify/a.sql": "INSERT INTO a VALUES (1);\n",
            "verify/b.sql": "BEGIN;\nSELECT nothing\n  FROM b;\nROLLBACK;\n",
        },
    )
    with pytest.raises(MigrationError, match=r"verify/b\.sql:2: 42703"):
        at(tmp_path, SQITCH).apply(connection)
    assert connection.execute("SELECT count(*) FROM a").fetchone() == (0,)


def test_each_script_has_a_session_of_its_own(tmp_path: Path, connection):
    write(
        tmp_path,
        {
            **plan("a NOW", "b NOW"),
            "deploy/a.sql": "CREATE SCHEMA s;\nSET search_path TO s;\nCREATE TEMP TABLE b ();\n",
            "deploy/b.sql": "CREATE TABLE b ();\n",
        },
    )
    at(tmp_path, SQITCH).apply(connection)
    assert public(connection) == ["b"]


def test_variables_and_includes_are_psql_s(tmp_path: Path, connection):
    write(
        tmp_path,
        {
            **plan("a NOW"),
            "sqitch.conf": "[Core]\n  Engine = pg ; ours\n"
            '[deploy "variables"]\n  Table = "things" # x\n',
            "deploy/a.sql": '\\ir ../common.psql\nCREATE TABLE :"Table" ();\n',
            "common.psql": "CREATE TABLE common ();\n",
        },
    )
    source = at(tmp_path, SQITCH)
    source.apply(connection)
    assert public(connection) == ["common", "things"]
    first = source.fingerprint()
    write(tmp_path, {"common.psql": "CREATE TABLE common (i int);\n"})
    assert source.fingerprint() != first


def test_a_transaction_left_open_is_a_failure(tmp_path: Path, connection):
    write(tmp_path, {**plan("a NOW"), "deploy/a.sql": "BEGIN;\nCREATE TABLE a ();\n"})
    with pytest.raises(MigrationError, match=r"a\.sql:2: a transaction is left open"):
        at(tmp_path, SQITCH).apply(connection)
    assert public(connection) == []


def test_a_plan_without_a_project_is_refused(tmp_path: Path):
    write(tmp_path, {**A, "sqitch.plan": f"%syntax-version=1.0.0\na {STAMP}\n"})
    with pytest.raises(ScriptError, match=r"sqitch\.plan:1: no %project"):
        at(tmp_path, SQITCH)


def test_without_a_revert_script_it_is_not_reversible(tmp_path: Path):
    write(tmp_path, {**plan("a NOW"), "deploy/a.sql": "SELECT 1;"})
    assert not at(tmp_path, SQITCH).reversible


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("b NOW", "a [c] NOW"), r":6: requires c,"),
        (("a [b] NOW", "b NOW"), r":5: requires b,"),
        (("a NOW", "b [!a] NOW"), r":6: conflicts with a,"),
        (("a [!c] NOW",), r":5: conflicts with c, which is not in the plan"),
        (("a NOW", "b [a,a] NOW"), r":6: requires a,a,"),
        (("a [other:x] NOW",), r":5: other:x: another project"),
        (("a [b@v9] NOW",), r":5: requires b@v9"),
        (("a NOW", "a NOW"), r":6: a is planned again without a tag"),
        (("a NOW", "-a NOW"), r":6: .*not supported"),
        (("@v1 NOW", "a NOW"), r":5: @v1 stands above"),
        (("a NOW", "@v1 NOW", "b NOW", "@v1 NOW"), r":8: @v1 is there already"),
        (("a. NOW",), r":5: the name of a change"),
        (("a",), r":5: neither a change nor a tag"),
        (("nowhere NOW",), r":5: .*nowhere\.sql does not exist"),
    ],
)
def test_a_plan_that_cannot_be_deployed_is_refused(
    lines: tuple[str, ...], message: str, tmp_path: Path
):
    write(tmp_path, {**A, **B, **plan(*lines)})
    with pytest.raises(ScriptError, match=rf"sqitch\.plan{message}"):
        at(tmp_path, SQITCH)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"sqitch.conf": "[core]\nengine = mysql\n"}, "engine = mysql: only pg is supported"),
        ({"sqitch.conf": "[core]\ntop_dir = x\n"}, r"x/sqitch\.plan: no such plan"),
        ({"sqitch.conf": "core]\n"}, r"sqitch\.conf"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(
    files: dict[str, str], message: str, tmp_path: Path
):
    write(tmp_path, {**A, **plan("a NOW"), **files})
    with pytest.raises(ConfigError, match=message):
        at(tmp_path, SQITCH)
