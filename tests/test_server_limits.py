"""A server without room to start, or lost: one message with a remedy, exit 2, nothing left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.config import Config
from harness.postgres.cluster import open_cluster
from tests.project import BIN, ONLY_TESTS, TEST, Project, output
from tests.support.places import short_directory


@pytest.fixture
def short() -> Iterator[Path]:
    with short_directory() as folder:
        yield folder


def limited(project: Project, limit: str, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "-c", f"{limit}; exec {BIN / 'harness'} {command}"],
        cwd=project.root,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("limit", "remedy"),
    [("ulimit -f 200", "ulimit -f unlimited"), ("ulimit -n 24", "ulimit -n 1024")],
)
def test_a_limit_is_named(project: Project, limit: str, remedy: str) -> None:
    done = limited(project, limit, "apply")
    assert done.returncode == 2, output(done)
    assert remedy in output(done)
    assert "Traceback" not in output(done)
    assert "internal error" not in output(done)


@pytest.mark.parametrize(
    ("whom", "said"),
    [("$(head -1 postmaster.pid)", "has ended"), ("$PPID", "was terminated by signal 9: Killed")],
)
def test_a_server_that_is_lost_is_no_verdict(project: Project, short: Path, whom: str, said: str):
    """The memory killer takes the server, or one session, whose end takes all others along."""
    project.write("pyproject.toml", ONLY_TESTS)
    project.write("pgtap_tests/z.sql", f"COPY (SELECT) TO PROGRAM 'kill -9 {whom}';\n{TEST}")
    done = project.run("test", "--tests", "pgtap_tests/z.sql", HARNESS_TEMP_DIR=str(short))
    assert done.returncode == 2, output(done)
    assert said in output(done)
    assert "Traceback" not in output(done)
    assert list(short.iterdir()) == []


def test_what_the_server_has_no_room_for_fails_no_test(project: Project):
    """The statement is refused, which says nothing of it: the server's log tells why."""
    project.write("pyproject.toml", ONLY_TESTS)
    grows = (
        "INSERT INTO notes (body) SELECT repeat(md5(n::text), 60) FROM generate_series(1, 6000) n"
    )
    project.write("pgtap_tests/z.sql", f"BEGIN;\nSELECT plan(1);\n{grows};\nROLLBACK;\n")
    done = limited(project, "ulimit -f 4096", "test --tests pgtap_tests/z.sql")
    assert done.returncode == 2, output(done)
    assert "ulimit -f unlimited" in output(done)


def test_the_log_is_searched_once_and_what_it_said_is_kept():
    """A log of megabytes is asked twice in each run: only what is new in it is read."""
    serious = "2026-01-01 00:00:00 UTC [1] PANIC:  could not write to log file"
    refused = '2026-01-01 00:00:00 UTC [1] ERROR:  could not create unique index "i"\n' * 100
    with open_cluster(Config()) as cluster:
        server = cluster.server
        assert server is not None
        server.wait()
        assert server.trouble() == ""
        with server.log.open("a") as log:
            log.write(refused + serious[:40])
            log.flush()
            server.trouble()
            log.write(serious[40:] + "\n" + refused)
            log.flush()
            assert server.trouble().splitlines()[-1] == serious
        with server.log.open("r+") as log:
            log.write("PANIC:  not read any more\n")
        assert server.trouble().splitlines()[-1] == serious
