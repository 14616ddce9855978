"""A named server and a role that may create databases and nothing more."""

from __future__ import annotations

from harness.postgres.cluster import Cluster
from tests.project import Project, output


def test_a_role_that_may_only_create_databases_is_enough(project: Project, cluster: Cluster):
    with cluster.connect() as maintenance:
        maintenance.execute("CREATE ROLE maker LOGIN CREATEDB")
    try:
        host, port = cluster.conninfo["host"], cluster.conninfo["port"]
        server = f"postgresql://maker@/postgres?host={host}&port={port}"
        for command in ("gate", "migrations"):
            done = project.run(command, "--server", server)
            assert done.returncode == 0, output(done)
        with cluster.connect() as maintenance:
            left = "SELECT datname FROM pg_database WHERE datdba = 'maker'::regrole"
            assert maintenance.execute(left).fetchall() == []
    finally:
        with cluster.connect() as maintenance:
            maintenance.execute("DROP OWNED BY maker; DROP ROLE maker")
