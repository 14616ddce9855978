"""What the tests stand on: commands in forks, and the versions of PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from harness.postgres.server.cache import Cache
from tests.project import BIN, Project
from tests.support import postgresql
from tests.support.commands import shared_fork_server
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


def test_an_archive_that_is_not_what_was_pinned_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    archive = tmp_path / "archive.tgz"
    archive.write_bytes(b"something else")
    monkeypatch.setattr(postgresql, "_packed", lambda *_: archive)
    release = replace(postgresql.RELEASES[0], digest="not its digest")
    with pytest.raises(postgresql.UnavailableError, match="is not what it was"):
        postgresql.fetch(release)
    assert not (Cache().root / release.entry).exists()


def test_what_tests_did_not_run_on_is_counted_at_the_end():
    reasons = [f"Skipped: {MISSING} 16: fetch it"] * 2 + ["Skipped: no network"]
    skipped = [("file", 1, reason) for reason in reasons]
    assert not_run_on(skipped) == [f"NOT RUN: 2 tests, {MISSING} 16: fetch it"]
