"""The plugin in runs of plain pytest, alone and with workers of pytest-xdist."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.project import BIN, ONLY_TESTS, Project, output
from tests.support.asleep import wait_for_statement

ALPHA = """-- harness: tags=slow
BEGIN;
SELECT plan(2);
SELECT ok(true, 'first of alpha');
SELECT is((SELECT count(*) FROM notes), 0::bigint, 'nothing there');
SELECT * FROM finish();
ROLLBACK;
"""
COMMITS = """SELECT plan(1);
INSERT INTO notes (body) VALUES ('left behind');
SELECT is((SELECT min(id) FROM notes), 1::bigint, 'the first id');
"""
PIDS = """
def test_server(database):
    row = database.execute("SELECT pg_postmaster_start_time()::text, pg_backend_pid()").fetchone()
    print("SERVER", row[0])
"""


@pytest.fixture
def plain(project: Project) -> Project:
    text = (project.root / "pyproject.toml").read_text()
    text += '\n[tool.harness]\ntests = ["pgtap_tests"]\n' + ONLY_TESTS
    project.write("pyproject.toml", text)
    project.write("pgtap_tests/alpha.sql", ALPHA)
    for number in range(4):
        project.write(f"pgtap_tests/commits_{number}.sql", COMMITS)
        project.write(f"pgtap_tests/test_server_{number}.py", PIDS)
    return project


def run(project: Project, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return project.run(*arguments, program="pytest", **environ)


def test_workers_share_one_server_and_leave_nothing(plain: Project, tmp: Path):
    done = run(plain, "-n", "3", "-rP", "--harness-junit", "out.xml", HARNESS_TEMP_DIR=str(tmp))
    assert done.returncode == 0, output(done)
    assert "11 passed" in done.stdout
    assert "8 assertions in 6 SQL files" in done.stdout
    assert len(set(re.findall(r"SERVER (.*)", done.stdout))) == 1
    assert list(tmp.iterdir()) == []
    root = ET.parse(plain.root / "out.xml").getroot()
    assert root.get("tests") == "13"


def test_harness_test_with_workers_for_the_checks_runs_sql_files_once(plain: Project):
    plain.write("pytest.ini", "[pytest]\naddopts = -n 2\n")
    done = plain.run("test")
    assert done.returncode == 0, output(done)
    assert "8 assertions in 6 SQL files, 5 checks in 5 Python files: all passed" in done.stdout


def test_a_worker_that_dies_leaves_nothing(plain: Project, tmp: Path):
    plain.write("pgtap_tests/test_dies.py", "import os\n\ndef test_it(database): os._exit(1)\n")
    done = run(plain, "-n", "2", HARNESS_TEMP_DIR=str(tmp))
    assert done.returncode == 1, output(done)
    assert "crashed" in done.stdout
    assert list(tmp.iterdir()) == []


def test_workers_on_a_named_server_leave_it_as_it_was(plain: Project, cluster):
    def databases() -> list[object]:
        with cluster.connect() as connection:
            return connection.execute("SELECT datname FROM pg_database ORDER BY 1").fetchall()

    before = databases()
    plain.write("pgtap_tests/test_dies.py", "import os\n\ndef test_it(database): os._exit(1)\n")
    done = run(plain, "-n", "2", "--harness-server", cluster.dsn("postgres"))
    assert "crashed" in done.stdout, output(done)
    assert databases() == before


KILLS_SOON = """from xdist.workermanage import NodeManager

NodeManager.EXIT_TIMEOUT = 1  # seconds that a worker has to end by itself, instead of 10
"""


def test_an_interrupted_run_with_workers_leaves_nothing(plain: Project, tmp: Path):
    plain.write("pgtap_tests/sleeps.sql", "SELECT plan(1);\nSELECT pg_sleep(600);\n")
    plain.write("conftest.py", KILLS_SOON)
    running = subprocess.Popen(
        [str(BIN / "pytest"), "-n", "2"],
        cwd=plain.root,
        env=os.environ | {"HARNESS_TEMP_DIR": str(tmp)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for_statement(running.pid)
    running.send_signal(signal.SIGINT)
    running.wait(30)
    deadline = time.monotonic() + 10
    while list(tmp.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(tmp.iterdir()) == []


def test_workers_say_why_there_is_no_server(plain: Project):
    done = run(plain, "-n", "2", "--harness-bindir", "pgtap_tests")
    assert done.returncode == 2, output(done)
    assert "harness: no PostgreSQL server binaries" in output(done)


def test_k_finds_assertions_by_their_description(plain: Project):
    done = run(plain, "-k", "first")
    assert done.returncode == 0, output(done)
    assert "5 assertions in 5 SQL files" in done.stdout  # alpha's, and that of the four others
    assert run(plain, "-k", "nothing_is_called_this").returncode == 1


def test_a_line_is_the_assertion_on_it(plain: Project):
    done = run(plain, "pgtap_tests/alpha.sql:4")
    assert done.returncode == 0, output(done)
    assert "1 assertion in 1 SQL file" in done.stdout
    assert run(plain, "pgtap_tests/alpha.sql:1").returncode == 1


def test_tags_are_markers(plain: Project):
    done = run(plain, "-m", "slow")
    assert "2 assertions in 1 SQL file" in done.stdout, output(done)


def test_last_failed_is_pytests_own(plain: Project):
    plain.write("pgtap_tests/alpha.sql", ALPHA.replace("true", "false"))
    assert run(plain).returncode == 1
    done = run(plain, "--last-failed")
    assert done.returncode == 1
    assert "2 assertions in 1 SQL file" in done.stdout


FIXTURES = """
import pytest

def test_an_assertion_that_holds(tap):
    tap.has_table("notes")
    tap.is_(1, 1)
    tap.is_("a", "a", "as text")
    tap.results_eq("SELECT 1", "VALUES (1)", "rows")

def test_an_assertion_that_fails(tap):
    with pytest.raises(AssertionError, match="have: 1\\n.*want: 2"):
        tap.is_(1, 2, "one is two")
    tap.has_table("elsewhere", "there is a table")

def test_the_assertions_see_what_the_test_did(tap, database):
    database.execute("CREATE TABLE made (x int)")
    tap.has_column("made", "x", "made.x")

def test_the_catalog(catalog):
    assert "public.notes" in catalog.objects["table"]
    assert not any(name.startswith("tap.") for name in catalog.objects["function"])

def test_a_role_that_is_left(database):
    database.execute("CREATE ROLE left_over")

def test_a_role_is_not_there_any_more(tap):
    tap.hasnt_role("left_over")
"""


def test_the_fixtures_of_a_project_that_only_installed_us(project: Project):
    """No configuration: the conventional places are enough for Python checks."""
    (project.root / "pyproject.toml").unlink()
    project.write("pgtap_tests/test_notes.py", FIXTURES)
    done = run(project, "pgtap_tests/test_notes.py")
    assert "1 failed, 5 passed" in done.stdout, output(done)
    assert "AssertionError: there is a table" in done.stdout


def test_what_was_asserted_is_not_denied_where_a_file_cannot_be_read(plain: Project):
    plain.write("pgtap_tests/unread.sql", "\\nonsense\n")
    done = plain.run("-q", "--continue-on-collection-errors", "pgtap_tests", program="pytest")
    assert done.returncode == 1, output(done)
    assert "8 assertions in 6 SQL files" in done.stdout
    assert "nothing was asserted" not in done.stdout
