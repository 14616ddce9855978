"""Which tests run, in what order, and what is said of them: whole processes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.project import ONLY_TESTS, PYPROJECT, Project, output

ALPHA = """-- harness: tags=slow,rls
BEGIN;
SELECT plan(3);
SELECT ok(true, 'first of alpha');
SELECT
    ok(true, 'second of alpha');
SELECT ok(true, 'shared name');
SELECT * FROM finish();
ROLLBACK;
"""
BETA = """BEGIN;
SELECT plan(2);
SELECT ok(true, 'shared name');
SELECT ok(false, 'wrong of beta');
SELECT * FROM finish();
ROLLBACK;
"""
GAMMA = "SELECT plan(2);\nSELECT ok(true, 'early');\nSELECT nonsense;\nSELECT ok(true, 'late');\n"
PYTHON = """
import pytest

@pytest.mark.slow
def test_slow():
    pass

def test_quick():
    pass
"""


@pytest.fixture
def suite(project: Project) -> Project:
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    project.write("pgtap_tests/alpha.sql", ALPHA)
    project.write("pgtap_tests/beta.sql", BETA)
    project.write("pgtap_tests/test_notes.py", PYTHON)
    project.write("pytest.ini", "[pytest]\nmarkers = slow\n")
    (project.root / "pgtap_tests/notes.sql").unlink()
    return project


def ran(project: Project, *arguments: str, code: int | None = None) -> list[str]:
    """The descriptions of what a run reports, files in order."""
    report = project.root / "report.json"
    report.unlink(missing_ok=True)
    done = project.run("test", *arguments, "--json", str(report))
    assert code in (None, done.returncode), output(done)
    return [json.loads(line)["title"] for line in report.read_text().splitlines()]


ALL = [
    *("first of alpha", "second of alpha", "shared name", "shared name", "wrong of beta"),
    *("test_slow", "test_quick"),
]


def test_everything_runs_where_nothing_is_asked_for(suite: Project):
    assert ran(suite, code=1) == ALL


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("alpha", ["first of alpha", "second of alpha", "shared name"]),
        ("second", ["second of alpha"]),
        ("SHARED and not alpha.sql", ["shared name"]),
        ("wrong or quick", ["wrong of beta", "test_quick"]),
        ("not alpha and not beta", ["test_slow", "test_quick"]),
    ],
)
def test_k_is_for_files_descriptions_and_checks(
    suite: Project, expression: str, expected: list[str]
):
    assert ran(suite, "-k", expression) == expected


def test_what_a_file_did_not_come_to_may_be_what_was_asked_for(suite: Project):
    suite.write("pgtap_tests/gamma.sql", GAMMA)
    assert ran(suite, "-k", "late", code=1) == ['42703: column "nonsense" does not exist']
    assert ran(suite, "-k", "early", code=0) == ["early"]


@pytest.mark.parametrize("line", [5, 6])
def test_a_line_stands_for_the_assertion_on_it(suite: Project, line: int):
    path = f"pgtap_tests/alpha.sql:{line}"
    assert ran(suite, "--tests", path, code=0) == ["second of alpha"]
    assert ran(suite, path, code=0) == ["second of alpha"]


def test_tags_are_for_files_and_marks_for_checks(suite: Project):
    assert ran(suite, "--tag", "slow", code=0) == [*ALL[:3], "test_slow"]
    assert ran(suite, "--not-tag", "slow", code=1) == [*ALL[3:5], "test_quick"]
    assert ran(suite, "--tag", "rls", "--tag", "slow", code=0) == [*ALL[:3], "test_slow"]


def test_last_failed_runs_what_failed_and_forgets_what_was_repaired(suite: Project):
    ran(suite, code=1)
    assert ran(suite, "--last-failed", code=1) == ["shared name", "wrong of beta"]
    suite.write("pgtap_tests/beta.sql", BETA.replace("false", "true"))
    assert ran(suite, "--last-failed", code=0) == ["shared name", "wrong of beta"]
    assert ran(suite, "--last-failed", code=0) == ALL


def test_a_python_check_that_failed_is_run_again_alone(suite: Project):
    suite.write("pgtap_tests/beta.sql", BETA.replace("false", "true"))
    broken = PYTHON.replace("def test_quick():\n    pass", "def test_quick():\n    assert 0")
    suite.write("pgtap_tests/test_notes.py", broken)
    ran(suite, code=1)
    assert ran(suite, "--last-failed", code=1) == ["test_quick"]
    below = suite.root / "sql"
    done = Project(below).run("test", "--last-failed")
    assert "1 check in 1 Python file: 1 failed" in done.stdout, output(done)


def test_x_ends_the_run_at_the_first_failure(suite: Project):
    found = ran(suite, "-x", "--failed-first", "--jobs", "1", code=1)
    assert "test_quick" not in found
    assert ran(suite, "-x", "--failed-first", "--jobs", "1", code=1) == [
        "shared name",
        "wrong of beta",
    ]


def test_shuffling_names_its_seed_and_the_seed_repeats_it(suite: Project):
    for number in range(5):
        suite.write(f"pgtap_tests/more_{number}.sql", ALPHA)

    def order(*arguments: str) -> tuple[list[str], str]:
        done = suite.run("test", "--shuffle", "--jobs", "1", *arguments)
        files = re.findall(r"pgtap_tests/(\w+)\.sql  ", done.stdout)
        seed = re.search(r"--seed (\d+)", done.stdout)
        assert seed is not None
        return files, seed[1]

    first, seed = order()
    assert order("--seed", seed) == (first, seed)
    assert len({tuple(order("--seed", str(n))[0]) for n in range(4)}) > 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["-k", "nothing_is_called_this"],
        ["--tests", "pgtap_tests/alpha.sql:1"],
    ],
)
def test_nothing_selected_is_not_a_pass(suite: Project, arguments: list[str]):
    done = suite.run("test", *arguments)
    assert done.returncode == 1, output(done)
    assert "nothing was selected" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-k", "a b"], "-k 'a b'"),
        (["--seed", "x"], "seed: a number is expected"),
        (["--durations", "many"], "durations: a number is expected"),
        (["--junit", "/proc/nowhere/x.xml"], "junit: cannot write"),
        (["pgtap_tests/missing.sql"], "missing.sql does not exist"),
    ],
)
def test_what_cannot_be_selected_is_named(suite: Project, arguments: list[str], message: str):
    done = suite.run("test", *arguments)
    assert done.returncode == 2, output(done)
    assert message in output(done)
    assert "Traceback" not in output(done)


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        ("isolation=clones", "alpha.sql:2: isolation=clones: did you mean 'clone'?"),
        ("tag=slow", "alpha.sql:2: unknown directive 'tag'; did you mean 'tags'?"),
        ("tags=", "alpha.sql:2: tags=: words with commas"),
    ],
)
def test_a_directive_that_is_none_fails_its_file_alone(
    suite: Project, directive: str, message: str
):
    suite.write("pgtap_tests/alpha.sql", f"BEGIN;\n-- harness: {directive}\nROLLBACK;\n")
    done = suite.run("test")
    assert done.returncode == 2
    assert message in done.stdout
    assert "beta.sql" in done.stdout


def test_a_link_that_leads_nowhere_fails_alone_and_is_not_passed_over(suite: Project):
    (suite.root / "pgtap_tests/alpha.sql").unlink()
    (suite.root / "pgtap_tests/alpha.sql").symlink_to("nowhere.sql")
    done = suite.run("test")
    assert done.returncode == 2
    assert "pgtap_tests/alpha.sql:1: cannot be read: No such file or directory" in done.stdout
    assert "beta.sql" in done.stdout
    assert "Traceback" not in output(done)


# --- what is said -----------------------------------------------------------------------------


def test_tap_on_standard_output_is_all_there_is_on_it(suite: Project):
    done = suite.run("test", "--tap", "-")
    assert done.stdout.startswith("TAP version 13\n1..7\n")
    assert "5 assertions in 2 SQL files" in done.stderr


def test_verbose_names_every_assertion_and_durations_the_slowest(suite: Project):
    slow = "SELECT plan(1);\nSELECT pg_sleep(0.2);\nSELECT ok(true);\n"
    suite.write("pgtap_tests/slow.sql", slow)
    done = suite.run("test", "-v", "--durations", "1")
    assert re.search(r"not ok +4  wrong of beta", done.stdout)
    slowest = done.stdout.split("slowest:\n")[1].splitlines()[0]
    assert re.fullmatch(r" +2\d\d\.\d ms  pgtap_tests/slow.sql:2  SELECT pg_sleep.*", slowest)


def test_github_reads_along(suite: Project, tmp_path: Path):
    summary = tmp_path / "summary.md"
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = suite.run("test", **environ)
    assert "::error file=pgtap_tests/beta.sql,line=4,title=wrong of beta::" in done.stdout
    assert "| ❌ pgtap_tests/beta.sql | 1 | 1 |" in summary.read_text()


def test_the_functions_of_a_schema_are_tests(suite: Project):
    suite.write(
        "sql/migrations/0002_tests.up.sql",
        "CREATE SCHEMA checks;\n"
        "CREATE FUNCTION checks.test_good() RETURNS SETOF text LANGUAGE plpgsql AS $$\n"
        "BEGIN RETURN NEXT tap.ok(true, 'fine'); END $$;\n\n"
        "CREATE FUNCTION checks.test_bad() RETURNS SETOF text LANGUAGE plpgsql AS $$\n"
        "BEGIN RETURN NEXT tap.is(1, 2, 'one is two'); END $$;\n"
        "CREATE FUNCTION checks.helper() RETURNS SETOF text LANGUAGE sql AS 'SELECT NULL::text';\n",
    )
    suite.write("sql/migrations/0002_tests.down.sql", "DROP SCHEMA checks CASCADE;\n")
    done = suite.run("test", "--xunit", "checks", "--durations", "2")
    assert done.returncode == 1, output(done)
    assert "2 assertions in 1 SQL file" in done.stdout
    assert "sql/migrations/0002_tests.up.sql:5: checks.test_bad" in done.stdout
    assert "want: 2" in done.stdout
    assert suite.run("test", "--xunit", "checks", "--match", "good").returncode == 0
    assert suite.run("test", "--xunit", "nowhere").returncode == 1


def test_a_failed_file_is_kept_and_psql_opens_it(suite: Project, tmp: Path):
    suite.write(
        "pgtap_tests/beta.sql",
        "SELECT plan(1);\nINSERT INTO notes (body) VALUES ('evidence');\nSELECT ok(false);\n",
    )
    environ = {"HARNESS_TEMP_DIR": str(tmp)}
    done = suite.run("test", "--keep-failed", **environ)
    assert "harness psql --kept beta" in done.stdout, output(done)
    opened = subprocess.run(
        [str(Path(done.args[0])), "psql", "--kept", "beta"],
        cwd=suite.root,
        input="SELECT body FROM notes;",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "evidence" in opened.stdout
    dropped = suite.run("psql", "--drop", **environ)
    assert dropped.stdout == "dropped 1 kept database\n"
    assert list(tmp.iterdir()) == []


FUNCTION = """CREATE FUNCTION checks.test_made() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT {};
END $$;
"""


@pytest.mark.parametrize(("assertion", "code"), [("pass('a')", 0), ("fail('a')", 1)])
def test_xunit_runs_what_a_setup_of_the_suite_makes(suite: Project, assertion: str, code: int):
    """A suite keeps its functions in the file that is loaded first."""
    suite.write("checked/000-setup.sql", "CREATE SCHEMA checks;\n" + FUNCTION.format(assertion))
    suite.write("checked/run.sql", "BEGIN;\nSELECT * FROM runtests('checks');\nROLLBACK;\n")
    done = suite.run("test", "--xunit", "checks", "checked")
    assert done.returncode == code
    assert "1 assertion in 1 SQL file" in done.stdout
    if code:
        assert "checked/000-setup.sql:2" in done.stdout


@pytest.mark.parametrize("name", ["made.sql", "zz-setup.sql"])
def test_xunit_without_a_function_is_no_pass(suite: Project, name: str):
    """A file that is no setup is not run for it."""
    suite.write(f"checked/{name}", "CREATE SCHEMA checks;\n" + FUNCTION.format("pass('a')"))
    assert suite.run("test", "--xunit", "checks", "checked").returncode == 1
