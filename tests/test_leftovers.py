"""What a killed run has left on a named server goes; whatever else is there stays."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable

import pytest

from harness.postgres.cluster import Cluster
from tests.project import BIN, Project, output

MARKED = """
    SELECT datname FROM pg_database
    WHERE shobj_description(oid, 'pg_database') LIKE 'made by pgtap-harness, run %'
"""
OTHERS = """
    SELECT datname FROM pg_database WHERE datname LIKE 'harness_foreign%' UNION ALL
    SELECT rolname FROM pg_roles WHERE rolname LIKE 'foreign%' ORDER BY 1
"""
FOREIGN = {
    "CREATE DATABASE harness_foreign": "DROP DATABASE harness_foreign",
    "CREATE DATABASE harness_foreign_too": "DROP DATABASE harness_foreign_too",
    "COMMENT ON DATABASE harness_foreign_too IS 'made by hand, run 1'": "SELECT",
    "CREATE ROLE foreign_role": "DROP ROLE foreign_role",
    "COMMENT ON ROLE foreign_role IS 'made by pgtap-harness'": "SELECT",
}


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("by", ["clean", "apply"])
def test_what_a_killed_run_left_is_removed_and_nothing_else(
    project: Project, cluster: Cluster, by: str
) -> None:
    host, port = cluster.conninfo["host"], cluster.conninfo["port"]
    server = f"postgresql://postgres@/postgres?host={host}&port={port}"
    with cluster.connect() as connection:

        def marked() -> int:
            return len(connection.execute(MARKED).fetchall())

        for statement in FOREIGN:
            connection.execute(statement.encode())
        others = connection.execute(OTHERS).fetchall()
        command = [str(BIN / "harness"), "serve", "--server", server]
        run = subprocess.Popen(command, cwd=project.root, env=dict(os.environ))
        try:
            until(lambda: marked() > 0)
            alive = project.run("clean", "--server", server)
            assert (alive.returncode, alive.stdout) == (0, "nothing to remove\n"), output(alive)
        finally:
            run.kill()
            run.wait()
        assert marked() > 0
        # The server has to notice that the run is gone.
        until(lambda: not connection.execute(HELD).fetchall())
        done = project.run(by, "--server", server)
        assert done.returncode == 0, output(done)
        assert "removed" in output(done)
        assert marked() == 0
        assert connection.execute(OTHERS).fetchall() == others
        for statement in FOREIGN.values():
            connection.execute(statement.encode())


HELD = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 1885820001"


def test_clean_asks_for_a_server(project: Project) -> None:
    done = project.run("clean")
    assert done.returncode == 2
    assert "--server" in done.stderr
