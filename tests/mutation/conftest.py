"""Transcripts of one schema, recorded once for all, and a project that is always in one place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from harness.postgres.cluster import Cluster
from tests.mutation.support import SCHEMA, Tried, tried
from tests.project import Project, notes


@pytest.fixture(scope="session")
def every(cluster: Cluster) -> Iterator[Tried]:
    """A schema with something of every kind of object."""
    with tried(cluster, SCHEMA, ("mutation_reader",)) as found:
        yield found


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutants") / "project"


def apart(project: Project) -> Project:
    """A copy in a place of its own, of which nothing is remembered."""
    root = project.root.with_name(uuid4().hex)
    shutil.copytree(project.root, root)
    return Project(root)


@pytest.fixture
def project(place: Path) -> Project:
    """What replay made of a mutant is remembered by place and schema: it is tried for one test."""
    shutil.rmtree(place, ignore_errors=True)
    return notes(place)
