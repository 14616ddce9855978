"""A named server and a role that may create databases and nothing more."""

from __future__ import annotations

from harness.postgres.cluster import Cluster
from tests.project import TEST, Project, output


def test_a_role_that_may_only_create_databases_is_enough(project: Project, cluster: Cluster):
    with cluster.connect() as maintenance:
        maintenance.execute("CREATE ROLE maker LOGIN CREATEDB")
    try:
        host, port = cluster.conninfo["host"], cluster.conninfo["port"]
        server = f"postgresql://maker@/postgres?host={host}&port={port}"
        # What is in its database before it begins has to be counted, as far as the role may read.
        project.write("pgtap_tests/extension.sql", f"CREATE EXTENSION IF NOT EXISTS pgtap;\n{TEST}")
        for command in ("gate", "migrations"):
            done = project.run(command, "--server", server)
            assert done.returncode == 0, output(done)
        done = project.run("mutate", "--kind", "column", "--server", server)
        assert done.returncode == 2, output(done)
        assert "CREATEROLE" in output(done)
        assert "Traceback" not in output(done)
        with cluster.connect() as maintenance:
            left = "SELECT datname FROM pg_database WHERE datdba = 'maker'::regrole"
            assert maintenance.execute(left).fetchall() == []
    finally:
        with cluster.connect() as maintenance:
            maintenance.execute("DROP OWNED BY maker; DROP ROLE maker")
