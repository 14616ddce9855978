"""What a killed run has left on a named server goes; whatever else is there stays."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.cluster.ownership import LEAST, number_of, owning
from harness.postgres.database import build_template
from tests.project import BIN, Project, output

MARKED = """
    SELECT datname FROM pg_database
    WHERE shobj_description(oid, 'pg_database') LIKE 'made by pgtap-harness, run %'
"""
OTHERS = """
    SELECT datname FROM pg_database WHERE datname LIKE '%foreign%' UNION ALL
    SELECT rolname FROM pg_roles WHERE rolname LIKE 'foreign%' ORDER BY 1
"""
FOREIGN = {
    "CREATE DATABASE harness_foreign": "DROP DATABASE harness_foreign",
    "CREATE DATABASE harness_foreign_too": "DROP DATABASE harness_foreign_too",
    "COMMENT ON DATABASE harness_foreign_too IS 'made by hand, run 1'": "SELECT",
    "CREATE DATABASE harness_foreign_limit CONNECTION LIMIT 1000": (
        "DROP DATABASE harness_foreign_limit"
    ),
    "CREATE DATABASE foreign_limit CONNECTION LIMIT 1500000000": "DROP DATABASE foreign_limit",
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


def test_a_database_goes_that_a_run_was_killed_before_it_could_mark(
    project: Project, cluster: Cluster
) -> None:
    """CREATE DATABASE cannot be in a transaction with the comment: its limit has the number."""
    server = f"postgresql://postgres@/postgres?host={cluster.conninfo['host']}&port=5432"
    with cluster.connect() as connection, owning(cluster.connect) as mark:
        for number, name in ((number_of(mark), "harness_alive"), (LEAST, "harness_dead")):
            connection.execute(f"CREATE DATABASE {name} CONNECTION LIMIT {number}".encode())
        done = project.run("clean", "--server", server)
        assert done.stdout == "removed database harness_dead\n", output(done)
        made = build_template(replace(cluster, mark=mark), lambda _: None)
        limits = connection.execute("SELECT datconnlimit FROM pg_database ORDER BY 1").fetchall()
        assert limits == [*[(-1,)] * (len(limits) - 1), (number_of(mark),)]
        made.drop()
        connection.execute("DROP DATABASE harness_alive")


def test_clean_asks_for_a_server(project: Project) -> None:
    done = project.run("clean")
    assert done.returncode == 2
    assert "--server" in done.stderr
