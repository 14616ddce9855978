"""Every form says the same of a run, and what the exit code says."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import struct
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from fcntl import ioctl
from functools import cache
from pathlib import Path
from termios import TIOCSWINSZ
from typing import NamedTuple

import pytest

from tests import forms
from tests.project import BIN, DOWN, PYPROJECT, PYTHON, TEST, UP, Project, output
from tests.support.asleep import wait_for_statement, wait_until

COMMANDS = ("lint", "apply", "migrations", "properties", "test", "gate")
FILES = {"junit": "out.xml", "tap": "out.tap", "json": "out.jsonl", "sarif": "out.sarif"}
WRITTEN = [part for form, name in FILES.items() for part in (f"--{form}", name)]
GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "summary.md"}
STEPS = frozenset(COMMANDS) - {"gate"}

# --- projects -------------------------------------------------------------------------------

TAGS = """CREATE TABLE tags (
    id bigint GENERATED ALWAYS AS IDENTITY (CYCLE) CONSTRAINT tags_pkey PRIMARY KEY,
    note_id bigint NOT NULL CONSTRAINT tags_note_id_key UNIQUE
        CONSTRAINT tags_note_id_fkey REFERENCES notes
);
"""
WRONG = TEST.replace("is(1, 1, 'one is one')", "is(1, 2, 'eins ist zwölf ✓')")
SLEEPS = "BEGIN;\nSELECT plan(1);\nSELECT pg_sleep(100);\nSELECT ok(true);\nROLLBACK;\n"
SLEEPING = """import pathlib, time

def test_later(database):
    pathlib.Path(__file__).with_name("began").touch()
    time.sleep(100)
"""

UNKNOWN = """CREATE TABLE codes (
    code text NOT NULL CONSTRAINT codes_code_check CHECK (md5(code) = 'no digest')
);
CREATE TABLE ages (a int4range, b daterange, PRIMARY KEY (a, b WITHOUT OVERLAPS));
"""
"""No row can be found for the first table, and sqlfluff cannot read the second one."""


def passing(project: Project) -> None:
    project.write("pyproject.toml", PYPROJECT + "[tool.harness]\n")
    project.write("sql/migrations/0001_notes.up.sql", UP)
    project.write("sql/migrations/0001_notes.down.sql", DOWN)
    project.write("pgtap_tests/notes.sql", TEST)
    project.write("pgtap_tests/test_notes.py", PYTHON)


def failing(project: Project) -> None:
    """Each step fails once."""
    passing(project)
    project.write("sql/migrations/0002_tags.up.sql", TAGS)
    project.write("sql/migrations/0002_tags.down.sql", "drop TABLE labels;\n")
    project.write("pgtap_tests/notes.sql", WRONG)
    project.write("pgtap_tests/test_notes.py", PYTHON.replace("(1,)", "(2,)"))


def unapplied(project: Project) -> None:
    passing(project)
    project.write("sql/migrations/0002_tags.up.sql", UP)
    project.write("sql/migrations/0002_tags.down.sql", DOWN)


def serverless(project: Project) -> None:
    passing(project)
    (project.root / "nothing").mkdir()
    project.write("pyproject.toml", PYPROJECT + '[tool.harness]\nbindir = "nothing"\n')


LINT, DOWN_FAILS = "sql/migrations/0002_tags.down.sql:1", "sql/migrations/0002_tags.down.sql:1"
CYCLES, APPLIES = "sql/migrations/0002_tags.up.sql:2", "sql/migrations/0002_tags.up.sql:1"
SQL, PYTHON_CHECK = "pgtap_tests/notes.sql:4", "pgtap_tests/test_notes.py:2"

EXPECTED: dict[Callable[[Project], None], dict[str, tuple[int, list[str]]]] = {
    passing: dict.fromkeys(COMMANDS, (0, [])),
    failing: {
        "lint": (1, [LINT]),
        "apply": (0, []),
        "migrations": (1, [DOWN_FAILS]),
        "properties": (1, [CYCLES]),
        "test": (1, [CYCLES, SQL, PYTHON_CHECK]),
        "gate": (1, [LINT, DOWN_FAILS, CYCLES, SQL, PYTHON_CHECK]),
    },
    unapplied: dict.fromkeys(COMMANDS, (1, [APPLIES])) | {"lint": (0, [])},
    serverless: dict.fromkeys(COMMANDS, (2, [""])) | {"lint": (0, [])},
}
CASES = [
    pytest.param(make, command, id=f"{make.__name__}-{command}")
    for make in EXPECTED
    for command in COMMANDS
]


class Ran(NamedTuple):
    """A command that has run, with every report."""

    root: Path
    code: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ran]:
    """``ran(failing, "gate")``, once for all tests."""

    @cache
    def run(make: Callable[[Project], None], command: str) -> Ran:
        project = Project(tmp_path_factory.mktemp(f"{make.__name__}-{command}"))
        make(project)
        done = project.run(command, *WRITTEN, **GITHUB)
        return Ran(project.root, done.returncode, done.stdout, done.stderr)

    return run


# --- agreement ------------------------------------------------------------------------------


def every_form(root: Path, stdout: str) -> dict[str, forms.Said]:
    """What each form says of the run that has ended here."""
    return {
        "junit": forms.junit(root / "out.xml"),
        "tap": forms.tap(root / "out.tap"),
        "json": forms.json_lines((root / "out.jsonl").read_text()),
        "sarif": forms.sarif((root / "out.sarif").read_text()),
        "annotations": forms.annotations(stdout),
        "terminal": forms.terminal(stdout, STEPS),
        "summary": forms.summary((root / "summary.md").read_text()),
    }


def agree(root: Path, code: int, stdout: str, failed: list[str]) -> None:
    """Assert that the forms say that just this failed."""
    for form, said in every_form(root, stdout).items():
        wanted = Counter(failed)
        if form == "summary":
            wanted.pop("", None)  # it shows what has no place, but without any to be told by
        assert Counter(said.failed) == wanted, (form, stdout)
        assert said.passed == (code == 0), form
    objects = [json.loads(line) for line in (root / "out.jsonl").read_text().splitlines()]
    outcomes = {one["outcome"] for one in objects}
    assert code == (2 if "error" in outcomes else int("failed" in outcomes))
    if forms.has_prove():
        assert forms.prove(root / "out.tap") == (code == 0, len(failed))


@pytest.mark.parametrize(("make", "command"), CASES)
def test_every_form_says_what_the_exit_code_says(ran, make, command: str):
    done = ran(make, command)
    code, failed = EXPECTED[make][command]
    assert done.code == code, done.stdout + done.stderr
    assert done.stderr == ""
    agree(done.root, done.code, done.stdout, failed)


@pytest.mark.parametrize("make", EXPECTED)
def test_the_table_of_a_gate_has_every_step_with_its_mark(ran, make):
    done = ran(make, "gate")
    marks = {
        passing: "✓✓✓✓✓", failing: "✗✓✗✗✗", unapplied: "✓✗–––", serverless: "✓!–––",
    }[make]  # fmt: skip
    rows = [line for line in done.stdout.splitlines() if re.match(rf". ({'|'.join(STEPS)}) ", line)]
    assert [(row[0], row.split()[1]) for row in rows] == [
        *zip(marks, ("lint", "apply", "migrations", "properties", "test"), strict=True)
    ]
    cells = [
        line.split(" | ")
        for line in (done.root / "summary.md").read_text().splitlines()
        if re.search(rf"\| ({'|'.join(STEPS)}) \|", line)
    ]
    pictures = {"✅": "✓", "❌": "✗", "⚠️": "!", "➖": "–"}
    assert [pictures[one[0].strip("| ")] for one in cells] == [*marks]
    if done.code:
        last = done.stdout.splitlines()
        assert not any("all passed" in line for line in last) or make is unapplied


def test_no_result_holds_another_and_each_has_an_id_and_a_place(ran):
    text = (ran(failing, "gate").root / "out.jsonl").read_text()
    objects = [json.loads(line) for line in text.splitlines()]
    names = Counter((one["id"], one["file"], one["line"], one["column"]) for one in objects)
    assert names.most_common(1)[0][1] == 1
    bad = [one for one in objects if one["outcome"] == "failed"]
    assert len(bad) == 5
    for one in bad:
        others = [other["title"] for other in bad if other is not one]
        assert not any(other in one["message"] + one["evidence"] for other in others)
    assert {one["step"] for one in objects} == STEPS


def test_a_title_is_the_same_in_every_form(ran):
    done = ran(failing, "gate")
    for name in (*FILES.values(), "summary.md"):
        text = (done.root / name).read_text()
        text = json.dumps(json.loads(text), ensure_ascii=False) if name == "out.sarif" else text
        assert "eins ist zwölf ✓" in text, name
    assert done.stdout.count("eins ist zwölf ✓") >= 2  # for people and for GitHub


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("command", ["gate", "lint"])
def test_nothing_but_a_report_is_on_standard_output(tmp_path: Path, form: str, command: str):
    project = Project(tmp_path)
    serverless(project)
    done = project.run(command, f"--{form}", "-", **GITHUB)
    file = tmp_path / "file"
    file.write_text(done.stdout)
    read = {
        "junit": forms.junit,
        "tap": forms.tap,
        "json": lambda path: forms.json_lines(path.read_text()),
        "sarif": lambda path: forms.sarif(path.read_text()),
    }[form](file)
    assert read.passed == (done.returncode == 0)
    assert "lint " in done.stderr
    assert ("::error " in done.stderr) == (command == "gate")


# --- strictness -----------------------------------------------------------------------------


BEYOND, UNDECIDED = "sql/migrations/0002_codes.up.sql:4", "sql/migrations/0002_codes.up.sql:2"


@pytest.mark.parametrize(
    ("settings", "arguments", "failed"),
    [
        ("", [], []),
        ("", ["--strict"], [BEYOND, UNDECIDED, UNDECIDED]),
        ("strict = true", [], [BEYOND, UNDECIDED, UNDECIDED]),
        ('fail-on = ["refused"]', [], [UNDECIDED]),
        ('fail-on = ["sqlfluff:*"]', [], [BEYOND]),
    ],
    ids=["not", "flag", "setting", "id", "pattern"],
)
def test_advice_and_undecided_fail_what_asks_for_it(
    tmp_path: Path, settings: str, arguments: list[str], failed: list[str]
):
    project = Project(tmp_path)
    passing(project)
    allowed = '[tool.harness.properties.allow]\n"ages::*" = "not what this is about"\n'
    # What is strict is no other for migrations: they are tried, at some cost, with the flag.
    tried = f"[tool.harness.migrations]\nenabled = {str('--strict' in arguments).lower()}\n"
    project.write("pyproject.toml", f"{PYPROJECT}[tool.harness]\n{settings}\n{allowed}{tried}")
    project.write("sql/migrations/0002_codes.up.sql", UNKNOWN)
    project.write("sql/migrations/0002_codes.down.sql", "DROP TABLE ages;\nDROP TABLE codes;\n")
    done = project.run("gate", *arguments, *WRITTEN, **GITHUB)
    assert done.returncode == int(bool(failed)), output(done)
    agree(tmp_path, done.returncode, done.stdout, failed)


# --- what ends a run ------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["test", "gate"])
@pytest.mark.parametrize(
    ("where", "how"),
    [("sql", "SIGINT to all"), ("sql", "SIGTERM"), ("python", "SIGINT"), ("python", "SIGTERM")],
)
def test_an_interrupted_run_says_what_it_found_and_that_it_was(
    tmp_path: Path, command: str, where: str, how: str
):
    project = Project(tmp_path)
    passing(project)
    project.write("pyproject.toml", PYPROJECT + "[tool.harness.properties]\nenabled = false\n")
    project.write("pgtap_tests/notes.sql", WRONG)
    name, text = ("z.sql", SLEEPS) if where == "sql" else ("test_notes.py", SLEEPING)
    project.write(f"pgtap_tests/{name}", text)
    code, stdout, stderr = interrupted(project, command, how)
    assert code == 2, stdout + stderr
    assert stderr == "harness: interrupted\n"
    objects = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    errors = [(one["step"], one["title"]) for one in objects if one["outcome"] == "error"]
    assert ("test", "interrupted") in errors
    assert {title for _, title in errors} == {"interrupted"}  # whatever it came in the way of
    agree(tmp_path, 2, stdout, ["" for _ in errors] + [SQL])


def interrupted(project: Project, command: str, how: str) -> tuple[int, str, str]:
    """Run a command until its first file has ended, and end it in the midst of the next."""
    running = subprocess.Popen(
        ["env", "--default-signal=INT", str(BIN / "harness"), command, *WRITTEN],
        cwd=project.root,
        env={k: v for k, v in os.environ.items() if k != "COLUMNS"} | GITHUB,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    before = ""
    while "notes.sql" not in before:
        before += running.stdout.readline()
    if command == "gate":
        time.sleep(2)  # until the process that tries migrations has loaded what it needs, too
    elif (project.root / "pgtap_tests/z.sql").exists():
        wait_for_statement(running.pid)
    else:
        wait_until((project.root / "pgtap_tests/began").exists)
    number = signal.Signals[how.split()[0]]
    (os.killpg if "all" in how else os.kill)(running.pid, number)
    rest, stderr = running.communicate(timeout=60)
    return running.returncode, before + rest, stderr


def test_a_gate_that_is_interrupted_early_tells_what_never_began(tmp_path: Path):
    project = Project(tmp_path)
    passing(project)
    project.write("sql/migrations/0001_notes.up.sql", UP + "SELECT pg_sleep(100);\n")
    running = subprocess.Popen(
        [str(BIN / "harness"), "gate", *WRITTEN],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_statement(running.pid)
    running.send_signal(signal.SIGTERM)
    stdout, stderr = running.communicate(timeout=60)
    assert (running.returncode, stderr) == (2, "harness: interrupted\n")
    rows = re.findall(r"^(.) (apply|migrations|properties|test) ", stdout, re.MULTILINE)
    assert rows == [("!", "apply"), *(("–", one) for one in ("migrations", "properties", "test"))]


def test_a_disk_that_is_full_is_said_once_and_the_other_reports_are_written(tmp_path: Path):
    project = Project(tmp_path)
    passing(project)
    full = ["--junit", "/dev/full", "--json", "out.jsonl", "--tap", "out.tap"]
    done = project.run("test", *full)
    assert done.returncode == 2
    assert done.stderr == "harness: junit: cannot write /dev/full: No space left on device\n"
    assert "all passed" in done.stdout
    assert forms.tap(tmp_path / "out.tap").passed
    assert forms.json_lines((tmp_path / "out.jsonl").read_text()).passed


def test_output_that_cannot_be_written_is_in_the_reports(tmp_path: Path):
    project = Project(tmp_path)
    passing(project)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [str(BIN / "harness"), "test", "--json", "out.jsonl"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    message = "harness: cannot write the output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, message)
    assert forms.json_lines((tmp_path / "out.jsonl").read_text()).failed == ("",)


@pytest.mark.parametrize(
    ("encoding", "command"), [("latin-1", "gate"), ("ascii", "test"), ("utf-8", "test")]
)
def test_every_encoding_gets_what_it_can_show(tmp_path: Path, encoding: str, command: str):
    project = Project(tmp_path)
    failing(project)
    done = subprocess.run(
        [str(BIN / "harness"), command, *WRITTEN],
        cwd=tmp_path,
        env=os.environ | GITHUB | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    code, failed = EXPECTED[failing][command]
    lines = done.stdout.split(b"\n")
    for_people = b"\n".join(one for one in lines if not one.startswith(b"::"))
    for_github = b"\n".join(one for one in lines if one.startswith(b"::")).decode()
    shown = for_people.decode(encoding)
    assert ("FAIL " in shown, "✗" in shown) == (encoding != "utf-8", encoding == "utf-8")
    assert "zwölf ✓" in for_github
    agree(tmp_path, code, f"{shown}\n{for_github}", failed)


def test_a_terminal_beside_a_report_has_its_own_width(tmp_path: Path):
    """Standard output is a file then, and has none."""
    project = Project(tmp_path)
    serverless(project)
    controller, terminal = pty.openpty()
    ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    with (tmp_path / "out.jsonl").open("w") as report:
        running = subprocess.Popen(
            [str(BIN / "harness"), "gate", "--json", "-"],
            cwd=tmp_path,
            env={k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")},
            stdout=report,
            stderr=terminal,
        )
    os.close(terminal)
    text = b""
    with suppress(OSError):  # which is how a terminal says that nobody is there any more
        while chunk := os.read(controller, 4096):
            text += chunk
    os.close(controller)
    assert running.wait(60) == 2
    assert "\033[31m" not in (tmp_path / "out.jsonl").read_text()
    assert b"\033[33m!\033[0m apply" in text
    shown = re.sub(r"\033\[[\dKm;]*", "", text.decode()).replace("\r\n", "\n")
    lines = [line for line in re.split(r"[\r\n]", shown) if not line.startswith(("    ", "! no"))]
    assert max(map(len, lines)) == 60
    assert "── apply " + "─" * 51 in lines
    assert any(re.match(r"lint .* \d+ s", line) for line in lines)
