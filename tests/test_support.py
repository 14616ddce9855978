"""What the tests stand on: commands in forks, and the versions of PostgreSQL."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from harness.core.errors import ConfigError
from harness.postgres.server import builds
from harness.postgres.server.cache import Cache
from harness.postgres.server.datadir import BASE
from tests.project import BIN, Project, output
from tests.support.commands import shared_fork_server
from tests.support.fork_server import TAKEN
from tests.support.lender import Lender
from tests.support.versions import MISSING, not_run_on


def python(code: str, cwd: Path, stdin: str = "", timeout: float = 30, **environ: str):
    command = [str(BIN / "python"), "-c", code, "word"]
    return shared_fork_server().run(command, cwd, environ, timeout, stdin)


def test_a_fork_has_its_own_streams_directory_environment_and_end(tmp_path: Path):
    code = (
        "import os, sys\n"
        "print(sys.argv[1:], sys.stdin.read(), os.getcwd(), dict(os.environ))\n"
        "print('wrong', file=sys.stderr)\n"
        "sys.exit(7)"
    )
    done = python(code, tmp_path, "given", LEFT="x")
    assert done.returncode == 7
    assert done.stdout == f"['word'] given {tmp_path} {{'LEFT': 'x'}}\n"
    assert done.stderr == "wrong\n"
    after = python("import os; print(dict(os.environ))", tmp_path)
    assert after.stdout == "{}\n"


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("import sys; sys.exit('why')", 1, "why"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9, ""),
        ("import atexit, sys; atexit.register(print, 'last', file=sys.stderr)", 0, "last"),
    ],
)
def test_a_fork_ends_as_python_does(tmp_path: Path, code: str, status: int, said: str):
    done = python(code, tmp_path)
    assert (done.returncode, (done.stderr.splitlines() or [""])[-1]) == (status, said)


def test_a_fork_that_does_not_end_is_ended(tmp_path: Path):
    with pytest.raises(subprocess.TimeoutExpired):
        python("import time; print('x', flush=True); time.sleep(60)", tmp_path, timeout=0.5)
    assert python("print(1)", tmp_path).stdout == "1\n"


def test_forks_run_beside_each_other(tmp_path: Path):
    os.mkfifo(tmp_path / "meet")
    codes = ("open('meet', 'w').write('hello')", "print(open('meet').read())")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda code: python(code, tmp_path), codes)
    assert (first.returncode, second.stdout) == (0, "hello\n")


def test_a_command_says_the_same_in_a_fork_as_in_a_process(project: Project):
    for arguments in (("--help",), ("test", "--nonsense"), ("test", "--schema", "missing")):
        fork, process = project.run(*arguments), project.process(*arguments)
        said = [(one.returncode, one.stdout, one.stderr) for one in (fork, process)]
        assert said[0] == said[1]


@pytest.fixture(scope="module")
def lender() -> Iterator[Lender]:
    made = Lender()
    yield made
    made.close()


def lent(lender: Lender, *statements: str, database: str = "postgres") -> tuple[str, bool]:
    """The server's directory for a command that sends these, and whether it is lent again."""
    with lender.lend() as terms:
        folder = Path(terms["folder"])
        (folder / TAKEN).touch()
        with psycopg.connect(
            host=terms["folder"], user="postgres", dbname=database, autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode())
    return terms["folder"], folder.is_dir()


def test_databases_are_removed_from_a_lent_server(lender: Lender):
    closed = "ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"
    first = lent(lender, "CREATE DATABASE one", closed.format("one"), closed.format(BASE))
    assert first[1]
    names = "SELECT 1 / (count(*) - 5) FROM pg_database WHERE NOT datistemplate OR datallowconn"
    assert lent(lender, names, "CREATE DATABASE one", database=BASE) == first


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE somebody",
        "ALTER ROLE postgres SET work_mem = '8MB'",
        "ALTER DATABASE postgres SET work_mem = '8MB'",
        "ALTER SYSTEM SET work_mem = '8MB'",
        "COMMENT ON DATABASE postgres IS 'odd'",
        "CREATE TABLE odd (i integer)",
        "CREATE FUNCTION odd() RETURNS integer LANGUAGE sql RETURN 1",
        "DROP DATABASE template1",
    ],
)
def test_a_lent_server_that_has_changed_is_stopped(lender: Lender, statement: str):
    before = ["UPDATE pg_database SET datistemplate = false WHERE datname = 'template1'"]
    assert not lent(lender, *before * statement.startswith("DROP"), statement)[1]


def test_a_lent_server_that_has_ended_is_not_lent_again(lender: Lender):
    with lender.lend() as terms:
        pid = (Path(terms["folder"]) / "data/postmaster.pid").read_text().split()[0]
        (Path(terms["folder"]) / TAKEN).touch()
        os.kill(int(pid), signal.SIGKILL)
    assert lent(lender, "SELECT 1")[0] != terms["folder"]


def test_commands_take_the_server_that_they_are_lent_where_any_will_do(project: Project, tmp: Path):
    show = "def test_it(database):\n    print('SERVER', database.info.host)\n    assert False\n"
    project.write("pgtap_tests/test_notes.py", show)

    def server(*arguments: str, **environ: str) -> str:
        said = output(project.run("test", "-k", "test_it", *arguments, **environ))
        return re.findall(r"SERVER (\S+)", said)[0]

    assert server() == server()
    assert Path(server()).is_dir()
    own = [server(HARNESS_TEMP_DIR=str(tmp)), server("--keep-failed")]
    assert server() not in own
    assert own[0] != own[1]
    assert project.run("psql", "--drop").returncode == 0
    assert [Path(one).exists() for one in own] == [False, False]


def test_an_archive_that_is_not_what_was_pinned_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    archive = tmp_path / "archive.tgz"
    archive.write_bytes(b"something else")
    monkeypatch.setattr(builds, "_packed", lambda *_: archive)
    release = replace(builds.RELEASES[0], digest="not its digest")
    with pytest.raises(ConfigError, match="does not match its pinned digest"):
        builds.fetch(release, Cache())
    assert not (Cache().root / release.entry).exists()


def test_what_tests_did_not_run_on_is_counted_at_the_end():
    reasons = [f"Skipped: {MISSING} 16: fetch it"] * 2 + ["Skipped: no network"]
    skipped = [("file", 1, reason) for reason in reasons]
    assert not_run_on(skipped) == [f"NOT RUN: 2 tests, {MISSING} 16: fetch it"]
