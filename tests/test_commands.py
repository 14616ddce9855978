"""The commands as a user runs them, in a directory of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import psycopg
import pytest

from tests.project import BIN, DOWN, ONLY_TESTS, PYPROJECT, TEST, UP, Project, output
from tests.support.asleep import wait_for_statement


def test_gate_passes_and_sums_up(project: Project, tmp: Path):
    done = project.run("gate", HARNESS_TEMP_DIR=str(tmp))
    assert done.returncode == 0, output(done)
    table = done.stdout.splitlines()[-5:]
    steps = ("lint", "apply", "migrations", "properties", "test")
    assert [line.split()[:2] for line in table] == [["✓", step] for step in steps]
    assert list(tmp.iterdir()) == []


def test_invoke_runs_the_same_tasks_from_a_tasks_file(project: Project):
    project.write("tasks.py", "from harness.tasks import namespace\n")
    done = project.run("test", program="invoke")
    assert done.returncode == 0, output(done)
    assert "2 assertions in 1 SQL file" in done.stdout


def test_apply_lists_what_was_created(project: Project):
    done = project.run("apply")
    assert done.returncode == 0, output(done)
    for name in ("notes", "notes_pkey", "notes_id_seq"):
        assert name in done.stdout


def test_a_failing_assertion_is_shown_with_its_line_and_the_exit_code_is_1(project: Project):
    project.write("pgtap_tests/notes.sql", TEST.replace("is(1, 1,", "is(1, 2,"))
    done = project.run("test")
    assert done.returncode == 1
    assert "pgtap_tests/notes.sql:4: one is one" in done.stdout
    assert "> SELECT is(1, 2, 'one is one');" in done.stdout
    assert "have: 1" in done.stdout
    assert "want: 2" in done.stdout


def test_a_failing_python_check_fails_the_run(project: Project):
    project.write("pgtap_tests/test_notes.py", "def test_it(database):\n    assert False\n")
    assert project.run("test").returncode == 1


def test_an_sql_error_in_one_file_leaves_the_others_running(project: Project):
    project.write("pgtap_tests/broken.sql", "SELECT plan(1);\nSELECT nonsense;\n")
    done = project.run("test")
    assert done.returncode == 1
    assert 'pgtap_tests/broken.sql:2: 42703: column "nonsense" does not exist' in done.stdout
    assert re.search(r"✗ pgtap_tests/broken.sql .* 0 assertions .* stopped", done.stdout)
    assert re.search(r"✓ pgtap_tests/notes.sql .* 2 assertions", done.stdout)
    assert re.search(r"✓ pgtap_tests/test_notes.py .* 1 check ", done.stdout)


def test_a_migration_that_fails_reports_everything_and_ends_with_1(project: Project):
    project.write(
        "sql/migrations/0002_bad.up.sql",
        "CREATE TABLE a (i int PRIMARY KEY);\nINSERT INTO a VALUES (1), (1);\n",
    )
    project.write("sql/migrations/0002_bad.down.sql", "DROP TABLE a;\n")
    for command in ("apply", "test", "gate"):
        done = project.run(command)
        assert done.returncode == 1, (command, output(done))
        for part in ("0002_bad.up.sql:2", "23505", "a_pkey", "Key (i)=(1) already exists."):
            assert part in output(done), (command, part)
        assert "Traceback" not in output(done)


def test_a_down_migration_that_leaves_something_fails_the_gate(project: Project):
    project.write("sql/migrations/0001_notes.up.sql", UP + "CREATE TABLE forgotten (i int);\n")
    done = project.run("gate")
    assert done.returncode == 1
    assert "✗ migrations" in done.stdout
    assert "forgotten" in done.stdout


def test_a_finding_of_the_linter_fails_the_gate_and_fix_repairs_it(project: Project):
    project.write("sql/migrations/0001_notes.down.sql", "drop TABLE notes;\n")
    done = project.run("lint")
    assert done.returncode == 1
    assert "0001_notes.down.sql:1:1: sqlfluff:CP01" in done.stdout
    assert project.run("gate").returncode == 1
    assert project.run("lint", "--fix").returncode == 0
    assert (project.root / "sql/migrations/0001_notes.down.sql").read_text() == DOWN


def test_fixing_leaves_psql_commands_as_they_are(project: Project):
    project.write(
        "pgtap_tests/notes.sql", "\\set ON_ERROR_STOP 1\n\\unset ECHO\nselect 1;\nSELECT 2;\n"
    )
    project.run("lint", "--fix")
    text = (project.root / "pgtap_tests/notes.sql").read_text()
    assert text.startswith("\\set ON_ERROR_STOP 1\n\\unset ECHO\n")


def test_junit_has_one_case_for_each_assertion(project: Project):
    project.write("pgtap_tests/notes.sql", TEST.replace("is(1, 1,", "is(1, 2,"))
    project.run("test", "--tests", "pgtap_tests", "--junit", "report.xml")
    root = ET.parse(project.root / "report.xml").getroot()
    assert root.attrib["tests"] == "3"
    assert root.attrib["failures"] == "1"
    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    assert set(cases) == {"no notes yet", "one is one", "test_ids_start_at_one"}
    assert cases["one is one"].attrib["line"] == "4"
    assert "have: 1" in (cases["one is one"].find("failure").text or "")


def test_k_selects_by_name(project: Project):
    done = project.run("test", "-k", "test_ids")
    assert done.returncode == 0
    assert "1 check in 1 Python file: all passed" in done.stdout
    assert "notes.sql" not in done.stdout
    assert project.run("test", "-k", "nothing_of_the_kind").returncode == 1


def test_plain_pytest_takes_part_where_the_project_says_so(project: Project):
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    done = project.run("-q", program="pytest")
    assert done.returncode == 0, output(done)
    assert "2 passed" in done.stdout
    project.write("pyproject.toml", PYPROJECT)
    assert "1 passed" in project.run("-q", program="pytest").stdout


def test_pytest_postgresql_works_on_the_same_instance(project: Project):
    project.write(
        "pgtap_tests/test_notes.py",
        "def test_it(postgresql, database):\n"
        "    assert postgresql.execute('SELECT count(*) FROM notes').fetchone() == (0,)\n"
        "    assert postgresql.info.host == database.info.host\n",
    )
    done = project.run("test")
    assert done.returncode == 0, output(done)


def test_the_server_can_be_a_named_one_and_is_left_as_it_was(project: Project, cluster):
    def databases():
        with cluster.connect() as connection:
            return connection.execute("SELECT datname FROM pg_database").fetchall()

    before = databases()
    for command in ("apply", "test", "gate"):
        done = project.run(command, "--server", cluster.dsn("postgres"))
        assert done.returncode == 0, output(done)
    assert databases() == before


# --- what is under test is wrong: 1 -------------------------------------------------------


def test_roles_of_the_schema_are_gone_from_a_named_server_afterwards(project, cluster):
    up = project.root / "sql/migrations/0001_notes.up.sql"
    up.write_text("CREATE ROLE reads_notes;\n" + up.read_text())
    for _ in "12":
        done = project.run("test", "--server", cluster.dsn("postgres"))
        assert done.returncode == 0, output(done)
    down = project.root / "sql/migrations/0001_notes.down.sql"
    down.write_text(down.read_text() + "DROP ROLE reads_notes;\n")
    gated = project.run("gate", "--server", cluster.dsn("postgres"))
    assert gated.returncode == 0, output(gated)
    assert "– migrations  not run: the named server already has the schema's roles" in gated.stdout
    alone = project.run("migrations", "--server", cluster.dsn("postgres"))
    assert alone.returncode == 0, output(alone)
    up.write_text(up.read_text() + "CREATE TABLE (;\n")
    assert project.run("test", "--server", cluster.dsn("postgres")).returncode == 1
    with cluster.connect() as connection:
        roles = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'reads_notes'")
        assert roles.fetchone() is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("no plan at all", "SELECT 1;\n"),
        ("a plan that does not match", "SELECT plan(5);\nSELECT ok(true);\n"),
        ("nothing in it", ""),
        ("everything skipped", "SELECT plan(1);\nSELECT skip('why', 1);\n"),
    ],
)
def test_a_file_that_asserts_nothing_is_not_a_pass(project: Project, name: str, text: str):
    (project.root / "pgtap_tests/test_notes.py").unlink()
    project.write("pgtap_tests/notes.sql", text)
    done = project.run("test")
    assert done.returncode == 1, output(done)


def test_a_statement_that_never_returns_fails_its_file(project: Project):
    project.write("pgtap_tests/notes.sql", "SELECT plan(1);\nSELECT pg_sleep(100);\n")
    done = project.run("test", "--timeout", "0.3")
    assert done.returncode == 1
    assert "notes.sql:2: the statement did not return within 0.3 s" in done.stdout


def test_no_tests_is_not_a_pass(project: Project):
    (project.root / "pgtap_tests/test_notes.py").unlink()
    (project.root / "pgtap_tests/notes.sql").unlink()
    assert project.run("test").returncode == 1
    (project.root / "pgtap_tests").rmdir()
    done = project.run("test")
    assert done.returncode == 1
    assert "no tests" in output(done)


def test_without_a_schema_the_gate_runs_what_there_is(project: Project):
    project.write("pgtap_tests/notes.sql", "SELECT plan(1);\nSELECT ok(true, 'x');\n")
    (project.root / "pgtap_tests/test_notes.py").unlink()
    done = project.run("gate", "--schema", "none")
    assert done.returncode == 0, output(done)
    assert "– apply       not run: --schema none" in done.stdout


# --- the harness cannot do its work: 2 ----------------------------------------------------


@pytest.mark.parametrize("program", ["harness", "invoke"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["test", "--shcema", "x"], "did you mean --schema"),
        (["gate", "--nonsense"], "unknown option --nonsense"),
        (["test", "--schema", "missing"], "missing does not exist"),
        (["test", "--tests", "missing"], "missing does not exist"),
        (["test", "--bindir", "."], "no PostgreSQL server binaries"),
        (["test", "--jobs", "none"], "jobs"),
        (["test", "--pgtap", "other"], "'builtin' or 'extension'"),
        (["apply", "--server", "postgresql://me:s3cret@127.0.0.1:1/x"], "127.0.0.1"),
        (["apply", "--schema", "none"], "no schema"),
    ],
)
def test_bad_input_gets_one_message_and_2(
    project: Project, program: str, arguments: list[str], message: str
):
    project.write("tasks.py", "from harness.tasks import namespace\n")
    done = project.run(*arguments, program=program)
    assert done.returncode == 2, output(done)
    assert message in output(done)
    assert "Traceback" not in output(done)
    assert "s3cret" not in output(done)


def test_a_wrong_key_is_named_with_the_right_one(project: Project):
    project.write("pyproject.toml", '[tool.harness]\nshema = "sql"\n')
    for arguments in (["test"], ["lint"], ["gate"]):
        done = project.run(*arguments)
        assert done.returncode == 2
        assert "unknown key 'shema'; did you mean 'schema'?" in output(done)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"SELECT plan(1);\n\\! touch executed\n", "notes.sql:2: "),
        (b"SELECT plan(1);\nSELECT 'caf\xe9';\n", "notes.sql:2: "),
    ],
)
def test_a_script_that_cannot_be_served_is_2_and_nothing_of_it_runs(
    project: Project, text: bytes, message: str
):
    project.write("pgtap_tests/notes.sql", text)
    done = project.run("test")
    assert done.returncode == 2, output(done)
    assert message in output(done)
    assert "Traceback" not in output(done)
    assert not (project.root / "executed").exists()


def test_settings_that_the_server_refuses_show_its_log(project: Project):
    project.write(
        "pyproject.toml", PYPROJECT + "[tool.harness]\nsettings = { shared_buffers = 'x' }\n"
    )
    done = project.run("test")
    assert done.returncode == 2, output(done)
    assert "shared_buffers" in output(done)


def test_extension_where_there_is_none_says_so(project: Project):
    done = project.run("test", "--pgtap", "extension")
    assert done.returncode == 2, output(done)
    assert "--pgtap builtin" in output(done)


def test_help_shows_examples(project: Project):
    for command in ("lint", "apply", "test", "gate"):
        done = project.run(command, "--help")
        assert done.returncode == 0
        assert "Examples:" in done.stdout


def test_collecting_only_is_not_a_failure(project: Project):
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    done = project.run("--collect-only", "-q", program="pytest")
    assert done.returncode == 0, output(done)
    assert "pgtap_tests/notes.sql::notes" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serve_has_the_schema_until_it_is_interrupted(
    project: Project, tmp: Path, number: signal.Signals
):
    running = subprocess.Popen(
        [str(BIN / "harness"), "serve"],
        cwd=project.root,
        env=os.environ | {"HARNESS_TEMP_DIR": str(tmp)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    with psycopg.connect(running.stdout.readline().strip()) as connection:
        connection.execute("INSERT INTO notes (body) VALUES ('x')")
    running.send_signal(number)
    assert running.wait(30) == 0
    running.stdout.close()
    assert list(tmp.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_a_named_server_as_it_was(
    project: Project, cluster, number: signal.Signals
):
    def databases() -> list[object]:
        with cluster.connect() as connection:
            return connection.execute("SELECT datname FROM pg_database ORDER BY 1").fetchall()

    before = databases()
    project.write("pgtap_tests/notes.sql", "SELECT plan(1);\nSELECT pg_sleep(600);\n")
    running = subprocess.Popen(
        [str(BIN / "harness"), "test", "--server", cluster.dsn("postgres")],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    while len(databases()) < len(before) + 2:
        time.sleep(0.05)
    running.send_signal(number)
    said, _ = running.communicate(timeout=30)
    assert running.returncode == 2
    assert b"! interrupted" in said
    assert databases() == before


def test_an_interrupt_ends_the_run_at_once_and_leaves_nothing(project: Project, tmp: Path):
    project.write("pgtap_tests/notes.sql", "SELECT plan(1);\nSELECT pg_sleep(600);\n")
    running = subprocess.Popen(
        [str(BIN / "harness"), "test"],
        cwd=project.root,
        env=os.environ | {"HARNESS_TEMP_DIR": str(tmp)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert running.stdout is not None
    wait_for_statement(running.pid)
    running.send_signal(signal.SIGINT)
    text = running.stdout.read()
    assert running.wait(30) == 2, text
    running.stdout.close()
    assert list(tmp.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named(project: Project):
    """Root can write to what others may not, so it is a name that no file can have."""
    (project.root / "pgtap_tests/notes.sql").unlink()
    gaps = "g" * 300
    done = project.run("mutate", "notes", "--kind", "check", "--write-tests", gaps)
    assert done.returncode == 2, output(done)
    assert f"{gaps}: File name too long" in output(done).replace("\n", "")
    assert "Traceback" not in output(done)


def test_output_that_cannot_be_written_ends_in_one_message_and_2(project: Project):
    message = "harness: cannot write the output: No space left on device\n"
    for arguments in (["test"], ["--version"]):
        with Path("/dev/full").open("w") as full:
            assert printing_to(full.fileno(), project, *arguments) == (2, message)


def test_a_reader_that_has_had_enough_hears_no_complaint(project: Project):
    reading, writing = os.pipe()
    os.close(reading)
    assert printing_to(writing, project, "test") == (2, "")
    os.close(writing)


def test_closed_streams_are_no_reason_to_fail(project: Project):
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        command = ["bash", "-c", f'"$0" test --junit out.xml {closed}', str(BIN / "harness")]
        assert subprocess.run(command, cwd=project.root, check=False).returncode == 0, closed
        assert "one is one" in (project.root / "out.xml").read_text()
        (project.root / "out.xml").unlink()


def printing_to(output: int, project: Project, *arguments: str) -> tuple[int, str]:
    """Exit code and standard error of a command whose output goes there."""
    command = [str(BIN / "harness"), *arguments]
    done = subprocess.run(
        command, cwd=project.root, stdout=output, stderr=subprocess.PIPE, text=True, check=False
    )
    return done.returncode, done.stderr


def test_what_is_registered_for_the_end_runs(project: Project):
    script = (
        "import atexit\nfrom harness.cli.main import program\n"
        "atexit.register(print, 'at the end')\n"
    )
    project.write("run.py", f"{script}program()\n")
    command = [sys.executable, "run.py", "--version"]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[1:] == ["at the end"]
