"""Tapes of one schema, recorded once for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.postgres.cluster import Cluster
from tests.mutation.support import SCHEMA, Tried, tried


@pytest.fixture(scope="session")
def every(cluster: Cluster) -> Iterator[Tried]:
    """A schema with something of every kind of object."""
    with tried(cluster, SCHEMA, ("mutation_reader",)) as found:
        yield found
