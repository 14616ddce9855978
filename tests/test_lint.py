"""harness lint as a user runs it: linters, comments, what is remembered."""

from __future__ import annotations

import json
import multiprocessing
import re
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from harness import lint
from harness.core.config import load
from harness.lint import sqlfluff
from harness.lint._file_rules import no_plan, planned_twice, wrong_number
from harness.lint._history_rules import duplicate_version, one_way
from harness.lint.allow import allowances
from harness.lint.sqlfluff import SqlFluff
from harness.lint.statements import plain, spans
from harness.sources import Migration
from tests.project import PYPROJECT, TEST, UP, Project, output

DROP = "ALTER TABLE notes DROP COLUMN body;\n"


@pytest.fixture
def linted(project: Project, tmp: Path) -> Project:
    """A project whose lint has a cache of its own."""
    run = project.run
    cache = str(tmp / "cache")
    project.run = lambda *a, **k: run(*a, **{"HARNESS_CACHE_DIR": cache} | k)  # type: ignore[method-assign]
    return project


def add(project: Project, up: str, down: str = "SELECT 1;\n", name: str = "0002_next") -> None:
    project.write(f"sql/migrations/{name}.up.sql", up)
    project.write(f"sql/migrations/{name}.down.sql", down)


def codes(project: Project, *arguments: str) -> list[tuple[str, int, str]]:
    """File, line and code of each finding, squawk's advice included."""
    done = project.run("lint", "--json", "-", *arguments)
    assert done.returncode in (0, 1), output(done)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    failed = [one for one in found if one["outcome"] == "failed"]
    assert bool(failed) == bool(done.returncode)
    advised = [one for one in found if one["outcome"] == "advice" and "squawk" in one["id"]]
    both = [one for one in found if one in failed or one in advised]
    return [(Path(one["file"]).name, one["line"], one["facts"]["code"]) for one in both]


def test_a_project_without_findings_passes(linted: Project):
    done = linted.run("lint")
    assert done.returncode == 0, output(done)
    assert "3 files, 0 findings" in done.stdout


def test_without_any_configuration_the_dialect_is_postgres_and_layout_is_free(linted: Project):
    (linted.root / "pyproject.toml").unlink()
    sql = "CREATE TABLE t (j jsonb DEFAULT '{{ }}'::jsonb,\n  a    int, b text)   ;\n"
    add(linted, sql + "SELECT a FROM t WHERE b = NULL;\n")
    assert codes(linted) == [("0002_next.up.sql", 3, "CV05")]


def test_what_is_only_beyond_sqlfluff_is_a_note(linted: Project):
    key = "CREATE TABLE rates (id int, at daterange, PRIMARY KEY (id, at WITHOUT OVERLAPS));\n"
    add(linted, key, "DROP TABLE rates;\n")
    done = linted.run("lint")
    assert done.returncode == 0, output(done)
    assert (
        "sql/migrations/0002_next.up.sql:1:1: sqlfluff:PRS: sqlfluff does not understand line 1"
        in done.stdout
    )
    add(linted, key + "CREATE TABEL x (id int);\n", "DROP TABLE rates;\n")
    assert {"PRS", "syntax-error"} <= {code for _, _, code in codes(linted)}


BEYOND = [
    "SET LOCAL request.jwt.claims TO 'x';",
    "SET SESSION a.b.c = '1';",
    "CREATE TEMP TABLE w (id int4range, PRIMARY KEY (id WITHOUT OVERLAPS));",
]


def test_what_is_only_beyond_sqlfluff_in_a_test_or_a_seed_is_a_note(linted: Project):
    for number, statement in enumerate(BEYOND):
        body = f"\\set x 1\nBEGIN;\nSELECT plan(1);\n{statement}\nSELECT pass('a');\nROLLBACK;\n"
        linted.write(f"pgtap_tests/beyond_{number}.sql", body)
        linted.write("sql/seed.sql", "\n".join(BEYOND) + "\n")
    done = linted.run("lint")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("which PostgreSQL does") == len(BEYOND) + 1


def test_a_variable_of_psql_in_the_place_of_a_name_is_a_note(linted: Project):
    body = "\\set kind int4range\nBEGIN;\nSELECT plan(1);\nINSERT INTO w VALUES (:kind(1, 2));\n"
    body += "SELECT pass('a');\n"
    linted.write("pgtap_tests/variable.sql", f"{body}ROLLBACK;\n")
    done = linted.run("lint")
    assert done.returncode == 0, done.stdout
    assert "line 4, which has variables of psql" in done.stdout
    linted.write("pgtap_tests/variable.sql", f"{body}SELEC '{{\"a\":true}}';\nROLLBACK;\n")
    assert linted.run("lint").returncode == 1


@pytest.mark.parametrize(
    "statement", ["SET LOCAL a.b 'x';", "CREATE TEMP TABEL w (id int);", "SELECT FROM WHERE x;"]
)
def test_what_postgres_cannot_read_in_a_test_stays_a_finding(linted: Project, statement: str):
    body = f"BEGIN;\nSELECT plan(1);\n{statement}\nSELECT pass('a');\nROLLBACK;\n"
    linted.write("pgtap_tests/wrong.sql", body)
    assert linted.run("lint").returncode == 1


@pytest.mark.parametrize(
    ("up", "settings", "outcome"),
    [
        (DROP, "", "advice"),
        ("DROP TABLE notes;\n", "", "advice"),
        (DROP, "excluded_rules = []\n", "advice"),
        (DROP, 'included_rules = ["ban-drop-column"]\n', "failed"),
        ("ALTER TABLE notes ADD COLUMN n int NOT NULL;\n", "", "failed"),
        ("CREATE INDEX i ON notes (body);\n", "", "failed"),
        ("ALTER TABLE notes RENAME COLUMN body TO text;\n", "", "failed"),
    ],
)
def test_taking_something_away_is_advice_unless_the_project_says_otherwise(
    linted: Project, up: str, settings: str, outcome: str
):
    add(linted, up)
    if settings:
        linted.write(".squawk.toml", settings)
    done = linted.run("lint", "--json", "-")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert outcome in {one["outcome"] for one in found if one["id"].startswith("squawk:")}
    assert done.returncode == (outcome == "failed"), output(done)
    linted.write("pyproject.toml", '[tool.harness]\nfail_on = ["squawk:*"]\n')
    assert linted.run("lint").returncode == 1


def test_squawk_looks_at_the_way_up_only(linted: Project):
    add(linted, DROP, DROP)
    assert codes(linted) == [("0002_next.up.sql", 1, "ban-drop-column")]


def test_squawk_reads_past_what_is_psqls(linted: Project):
    add(
        linted, f"\\set x 1\nCOPY notes (body) FROM STDIN;\nnot ' SQL\n\\.\nSELECT 1 \\gset\n{DROP}"
    )
    assert codes(linted) == [("0002_next.up.sql", 6, "ban-drop-column")]


def test_fixing_gives_back_what_is_psqls(linted: Project):
    text = "select 1 \\gset\nCOPY notes (body) FROM STDIN;\n  a  \n\n\\.\nSAVEPOINT s;\n"
    text += "select 2; \\echo x\n"
    linted.write("pgtap_tests/notes.sql", text)
    linted.run("lint", "--fix")
    assert (linted.root / "pgtap_tests/notes.sql").read_text() == text.replace("select", "SELECT")


def test_fixing_keeps_the_ends_of_lines(linted: Project):
    linted.write("pgtap_tests/notes.sql", "select 1;\r\n\\echo x\r\n")
    assert linted.run("lint", "--fix").returncode == 0
    assert (linted.root / "pgtap_tests/notes.sql").read_bytes() == b"SELECT 1;\r\n\\echo x\r\n"


def test_squawk_has_its_own_configuration(linted: Project):
    add(linted, DROP)
    linted.write(".squawk.toml", 'excluded_paths = ["sql/migrations/0002*"]\n')
    assert ("0002_next.up.sql", 1, "ban-drop-column") not in codes(linted)
    linted.write(".squawk.toml", 'excluded_rules = ["ban-drop-column"]\n')
    found = [code for name, _, code in codes(linted) if name == "0002_next.up.sql"]
    assert "ban-drop-column" not in found
    assert "require-lock-timeout" not in found  # it says nothing of that one


def test_a_wrong_configuration_of_squawk_is_2(linted: Project):
    linted.write(".squawk.toml", 'excluded_rules = ["no-such-rule"]\n')
    done = linted.run("lint")
    assert done.returncode == 2
    assert "no-such-rule" in output(done)


def test_squawk_ignore_works_and_is_no_concern_of_ours(linted: Project):
    add(linted, f"-- squawk-ignore ban-drop-column\n{DROP}")
    assert codes(linted) == []


def test_sections_of_a_tool_are_told_apart(linted: Project):
    goose = f"-- +goose Up\n{DROP}\n-- +goose Down\n{DROP}"
    linted.write("goose/00001_a.sql", goose)
    found = codes(linted, "--schema", "goose")
    assert [one for one in found if one[2] == "ban-drop-column"] == [
        ("00001_a.sql", 2, "ban-drop-column")
    ]


# --- comments that accept -------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        f"-- harness: allow ban-drop-column nobody reads it\n{DROP}",
        f"-- harness: allow squawk:ban-drop-column nobody reads it\n\n-- more\n{DROP}",
        "ALTER TABLE notes DROP COLUMN body; -- harness: allow ban-drop-column unused\n",
        "-- harness: allow ban-drop-column unused\nALTER TABLE notes\n    DROP COLUMN body;\n",
    ],
)
def test_an_allow_accepts_a_finding(linted: Project, sql: str):
    add(linted, sql)
    assert codes(linted) == []


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("-- harness: allow ban-drop-column", "HL01"),
        ("-- harness: allow", "HL01"),
        ("-- harness: allow ban-drop-table wrong rule", "HL02"),
        ("-- harness: allow sqlfluff:ban-drop-column wrong linter", "HL02"),
    ],
)
def test_an_allow_that_is_none_is_a_finding(linted: Project, comment: str, expected: str):
    add(linted, f"{comment}\n{DROP}")
    file = "0002_next.up.sql"
    assert codes(linted) == [(file, 1, expected), (file, 2, "ban-drop-column")]


@pytest.mark.parametrize("rule", ["migrations:up-on-rows", "mutant:not_null_dropped"])
def test_an_allow_for_another_command_is_no_finding(linted: Project, rule: str):
    """Only `harness migrations` and `harness mutate` know whether it accepts anything."""
    add(linted, f"ALTER TABLE notes ADD COLUMN n text; -- harness: allow {rule} as it is\n")
    assert codes(linted) == []


def test_an_allow_is_about_no_other_statement():
    path = Path("a.sql")
    text = "-- harness: allow X it is so\nSELECT\n  1;\nSELECT 2;\n"
    (one,) = allowances(path, text)
    assert (one.first, one.last) == (1, 3)


def test_an_assertion_file_may_say_allow_and_still_runs(linted: Project):
    linted.write(
        "pgtap_tests/notes.sql",
        TEST.replace("SELECT is(1", "-- harness: allow CP01 as it is\nselect is(1"),
    )
    assert linted.run("lint").returncode == 0
    assert linted.run("test", "--tests", "pgtap_tests/notes.sql").returncode == 0


# --- our own checks -------------------------------------------------------------------------


def test_a_migration_that_passes_over_errors_is_found(linted: Project):
    add(
        linted,
        "\\set ON_ERROR_STOP on\nSELECT 1;\n\\set ON_ERROR_STOP off\n\\unset ON_ERROR_STOP\n",
    )
    found = [one for one in codes(linted) if one[2] == "HL03"]
    assert found == [("0002_next.up.sql", 3, "HL03"), ("0002_next.up.sql", 4, "HL03")]


PLANNED = "BEGIN;\nSELECT plan({});\nSELECT ok(f('), ('), 'a');\nSELECT is(1, 1);\n{}ROLLBACK;\n"


@pytest.mark.parametrize(
    ("number", "more", "wrong"),
    [
        (2, "SELECT * FROM finish();\n", False),
        (3, "SELECT * FROM finish();\n", True),
        (1, "", True),
        (1, "SELECT is(a, 1) FROM t;\n", True),  # at least two are sure
        (9, "SELECT is(a, 1) FROM t;\n", False),  # a line for each row
        (9, "SELECT my_assertions();\n", False),
        (9, "\\ir more.sql\n", False),
        (3, "INSERT INTO t VALUES (1) RETURNING ok(true);\n", False),
        (3, "INSERT INTO t VALUES (1);\n", True),
    ],
)
def test_a_planned_number_that_cannot_be_met_is_found(number: int, more: str, wrong: bool):
    assert bool(list(wrong_number(PLANNED.format(number, more)))) is wrong


def test_assertions_without_a_plan_are_found():
    assert [one[:2] for one in no_plan("BEGIN;\nSELECT ok(true);\n")] == [(2, "HL04")]
    for planned in (
        "SELECT plan(1);",
        "SELECT * FROM no_plan();",
        "\\i setup.sql",
        "SELECT runtests();",
    ):
        assert not list(no_plan(f"{planned}\nSELECT ok(true);\n")), planned
    assert not list(no_plan("INSERT INTO t VALUES (1);\n"))


def test_a_second_plan_is_found():
    assert [one[:2] for one in planned_twice("SELECT plan(1);\nSELECT plan(2);\n")] == [(2, "HL05")]
    assert not list(planned_twice("SELECT plan(1);\nSELECT * FROM finish();\nSELECT plan(2);\n"))


def migration(name: str, down: bool = True) -> Migration:
    return Migration(name, Path(f"{name}.up.sql"), Path(f"{name}.down.sql") if down else None)


def test_two_migrations_with_one_version_are_found():
    names = ["0001_a", "0002_b", "2_c", "3.1_d", "3.2_e"]
    found = list(duplicate_version([migration(name) for name in names]))
    assert [told[0].name for told in found] == ["2_c.up.sql"]


def test_a_migration_without_a_way_down_is_found_where_others_have_one():
    several = [migration("1"), migration("2", down=False), migration("3")]
    assert [told[0].name for told in one_way(several)] == ["2.up.sql"]
    assert not list(one_way([migration("1", down=False), migration("2", down=False)]))


def test_statements_and_what_is_none():
    text = "\\set x 1\nSELECT '\n;', $$;$$;\nSELECT 1 \\gset\nCOPY t FROM stdin;\n1;\n\\.\nSELECT 2"
    assert spans(text) == [(2, 3), (4, 4), (5, 5), (8, 8)]
    shown = plain(text).split("\n")
    assert shown[3] == "SELECT 1 ; -- \\gset"
    assert shown[5:7] == ["-- 1;", "-- \\."]
    assert len(shown) == text.count("\n") + 1


# --- what is remembered ---------------------------------------------------------------------


def test_what_is_remembered_is_said_again_and_a_change_is_seen(linted: Project):
    add(linted, DROP)
    first, second = linted.run("lint"), linted.run("lint")
    without_time = [re.sub(r" +[\d.]+ s", "", done.stdout) for done in (first, second)]
    assert without_time[0] == without_time[1]
    assert "ban-drop-column" in second.stdout
    add(linted, "SELECT 1;\n")
    assert codes(linted) == []


@pytest.mark.parametrize(
    "name", ["pyproject.toml", ".sqlfluff", "sql/migrations/.sqlfluff", "setup.cfg"]
)
def test_a_changed_configuration_is_seen(linted: Project, name: str):
    linted.write("sql/migrations/0001_notes.up.sql", UP.replace("CREATE TABLE", "create TABLE"))
    linted.write("sql/migrations/0001_notes.down.sql", "drop TABLE notes;\n")
    assert {code for _, _, code in codes(linted)} == {"CP01"}
    if name == "pyproject.toml":
        linted.write(name, '[tool.sqlfluff.core]\ndialect = "postgres"\nrules = "LT01"\n')
    else:
        (linted.root / "pyproject.toml").unlink()
        linted.write(name, "[sqlfluff]\ndialect = postgres\nrules = LT01\n")
    assert codes(linted) == []


def test_what_is_remembered_holds_for_a_checkout_at_another_place(linted: Project):
    def loads_a_linter() -> bool:
        return "sqlfluff.core" in linted.run("lint", PYTHONPROFILEIMPORTTIME="1").stderr

    root, looked = linted.root, []
    for place in ("one/project", "two/project"):
        linted.root = root / place
        linted.write("pyproject.toml", PYPROJECT)
        add(linted, UP, "DROP TABLE notes;\n")
        looked.append(loads_a_linter())
    assert looked == [True, False]
    linted.write("../.sqlfluff", "[sqlfluff]\ndialect = postgres\n")
    assert loads_a_linter()


def test_what_is_remembered_wrongly_is_looked_at_again(linted: Project, tmp: Path):
    add(linted, DROP)
    before = codes(linted)
    for path in (tmp / "cache" / "harness-findings").iterdir():
        path.write_text('[{"path": 7}]')
    assert codes(linted) == before


def test_an_unchanged_project_loads_no_linter_and_starts_no_server(linted: Project):
    add(linted, "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;\n")
    first, second = (linted.run("lint", PYTHONPROFILEIMPORTTIME="1") for _ in range(2))
    assert first.returncode == second.returncode == 0, output(second)
    for module in ("sqlfluff.core", "harness.postgres.cluster"):
        assert module in first.stderr
        assert module not in second.stderr


def test_without_a_server_bodies_are_not_looked_at_and_that_is_said(linted: Project):
    add(linted, "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;\n")
    done = linted.run("lint", "--bindir", "pgtap_tests")
    assert done.returncode == 2, output(done)
    assert "! function bodies are not checked: " in done.stdout
    assert "no PostgreSQL server binaries" in done.stdout


def test_without_configuration_nothing_fails_for_taste(linted: Project):
    (linted.root / "pyproject.toml").unlink()
    add(linted, "CREATE table t (id int, c char(3), at timestamp);\n", "DROP TABLE t;\n")
    done = linted.run("lint", "--json", "-")
    assert done.returncode == 0, output(done)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    advised = {one["id"] for one in found if one["outcome"] == "advice"}
    assert {"sqlfluff:CP01", "squawk:ban-char-field", "squawk:prefer-timestamp-tz"} <= advised


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        (".sqlfluffignore", "migrations/*_next*\n"),
        (".sqlfluff", "[sqlfluff]\nignore_paths = nowhere, migrations/0002*\n"),
        ("migrations/.sqlfluffignore", "*_next.up.sql\n"),
    ],
)
def test_what_sqlfluff_is_told_to_ignore_it_does_not_see(linted: Project, file: str, settings: str):
    (linted.root / "pyproject.toml").unlink()
    add(linted, "SELECT 1 WHERE 1 = NULL;\n")
    add(linted, "SELECT 1 WHERE 1 = NULL;\n", name="0003_more")
    assert {name for name, _, _ in codes(linted)} == {"0002_next.up.sql", "0003_more.up.sql"}
    linted.write(f"sql/{file}", settings)
    assert codes(linted) == [("0003_more.up.sql", 1, "CV05")]


def test_settings_of_squawk_change_only_what_they_say(linted: Project):
    add(linted, "ALTER TABLE notes ADD COLUMN n int, ADD COLUMN c char(3);\n")
    linted.write(".squawk.toml", 'excluded_paths = ["sql/migrations/0001*"]\n')
    assert codes(linted) == [("0002_next.up.sql", 1, "ban-char-field")]  # which is advice
    linted.write(".squawk.toml", 'included_rules = ["ban-char-field", "prefer-bigint-over-int"]\n')
    assert linted.run("lint").returncode == 1
    found = {code for _, _, code in codes(linted)}
    assert found == {"ban-char-field", "prefer-bigint-over-int"}


def test_files_that_are_named_are_linted_and_no_others(linted: Project):
    add(linted, "CREATE INDEX i ON notes (body);\n", "DROP INDEX i;\n")
    add(linted, "CREATE INDEX j ON notes (body);\n", "DROP INDEX j;\n", "0003_more")
    named = codes(linted, "sql/migrations/0003_more.up.sql")
    assert {name for name, _, _ in named} == {"0003_more.up.sql"}
    assert {name for name, _, _ in codes(linted, "sql/migrations")} == {
        "0002_next.up.sql",
        "0003_more.up.sql",
    }
    done = linted.run("lint", "sql/migrations/0004.sql")
    assert done.returncode == 2
    assert "sql/migrations/0004.sql: there is no such file" in done.stderr


def test_files_are_looked_at_in_processes_while_others_look(tmp_path: Path, monkeypatch):
    """The findings are the same and stand with their files; with the block the processes end."""
    monkeypatch.setattr(sqlfluff, "WORTH_A_PROCESS", 1)
    paths = [tmp_path / f"{number}.sql" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_text("\n" * number + "SELECT a FROM t WHERE b = NULL;\n")
    config = replace(load(tmp_path), jobs=2)
    project = lint.Project(config, None, tuple(paths), nullcontext)  # type: ignore[arg-type]
    here, beside = SqlFluff(project), SqlFluff(project)
    units = here.units()
    with beside.begun(units):
        assert len(multiprocessing.active_children()) == 2
        found = beside.lint(units)
    assert not multiprocessing.active_children()
    assert [[(one.path, one.line) for one in several] for several in found] == [
        [(path, number)] for number, path in enumerate(paths, 1)
    ]
    monkeypatch.setattr(sqlfluff, "WORTH_A_PROCESS", 10**6)
    assert found == here.lint(units)
