"""Fixtures of the harness' own tests: real servers, no mocks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.cluster import Cluster, open_cluster
from harness.config import Config


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The embedded PostgreSQL; it never skips."""
    with open_cluster(Config()) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def server_dsn(cluster: Cluster) -> str:
    """A superuser's DSN of the embedded server."""
    return cluster.dsn("postgres")
