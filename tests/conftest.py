"""Fixtures of the harness' own tests: real servers, no mocks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cluster import Cluster, open_cluster
from harness.config import Config
from harness.instance import preload
from harness.server import binaries
from tests.project import DOWN, PYPROJECT, PYTHON, TEST, UP, Project


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The embedded PostgreSQL with the library in its base database; it never skips."""
    with open_cluster(Config(), preload(Config())) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def server_dsn(cluster: Cluster) -> str:
    """A superuser's DSN of the embedded server."""
    return cluster.dsn("postgres")


def system_bindirs() -> list[Path]:
    """Directories of the PostgreSQL 14 to 17 that the machine has, newest first."""
    found = [path for pattern in binaries.DISTRIBUTIONS for path in Path("/").glob(pattern[1:])]
    complete = sorted(filter(binaries._complete, found), key=binaries._numbers, reverse=True)
    return [path for path in complete if 14 <= binaries._numbers(path)[0] <= 17]


@pytest.fixture(scope="session")
def system_cluster() -> Iterator[Cluster]:
    """A PostgreSQL 14 to 17 of the machine, started by the harness; skips where there is none."""
    bindirs = system_bindirs()
    if not bindirs:
        pytest.skip("no system PostgreSQL 14 to 17; see CONTRIBUTING.md for how to install one")
    with open_cluster(Config(bindir=bindirs[0]), preload(Config())) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def oracle() -> Iterator[Cluster]:
    """A system's PostgreSQL with the real pgTAP and nothing of ours; skips where there is none."""
    for bindir in system_bindirs():
        with open_cluster(Config(bindir=bindir)) as cluster:
            if has_pgtap(cluster):
                yield cluster
                return
    pytest.skip("no system PostgreSQL with the pgTAP extension; see CONTRIBUTING.md")


def has_pgtap(cluster: Cluster) -> bool:
    query = "SELECT FROM pg_available_extensions WHERE name = 'pgtap'"
    with cluster.connect() as connection:
        return connection.execute(query).fetchone() is not None


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("pyproject.toml", PYPROJECT)
    made.write("sql/migrations/0001_notes.up.sql", UP)
    made.write("sql/migrations/0001_notes.down.sql", DOWN)
    made.write("pgtap_tests/notes.sql", TEST)
    made.write("pgtap_tests/test_notes.py", PYTHON)
    return made


@pytest.fixture
def tmp() -> Iterator[Path]:
    """A temporary directory with a short path that a server's account can enter."""
    with tempfile.TemporaryDirectory(prefix="h-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
