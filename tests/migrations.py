"""Migrations of a few lines, tried on the tests' server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from harness.core.config import load
from harness.instance import Instance
from harness.migrations import Campaign, Limits, RevisionResult
from harness.migrations.allowed import Allowed
from harness.postgres.cluster import Cluster
from harness.sources import open_source

Try = Callable[..., list[RevisionResult]]


@pytest.fixture
def tried(cluster: Cluster, tmp_path: Path) -> Iterator[Try]:
    """``tried(("1_a", up, down), ...)``: the trials of these; a down of None is none."""

    def attempt(
        *migrations: tuple[str, str, str | None],
        allow: Mapping[str, str] | None = None,
        **limits: Any,
    ) -> list[RevisionResult]:
        for name, up, down in migrations:
            (tmp_path / f"{name}.up.sql").write_text(up)
            if down is not None:
                (tmp_path / f"{name}.down.sql").write_text(down)
        return run(cluster, tmp_path, allow or {}, Limits(**limits))

    return attempt


def run(
    cluster: Cluster, root: Path, allow: Mapping[str, str], limits: Limits, **flags: Any
) -> list[RevisionResult]:
    """The trials of the source in a directory."""
    config = load(root, **{"schema": str(root), **flags})
    source = open_source(config)
    assert source is not None
    with closing(Instance(config, cluster, source)) as instance:
        return list(Campaign(instance, source, limits, Allowed(allow)).run())


def rules(revision: RevisionResult) -> list[str]:
    """The rules that something was found of."""
    return [one.code for one in revision.findings]
