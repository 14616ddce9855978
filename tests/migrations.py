"""Migrations of a few lines, tried on the tests' server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from harness.core.config_reader import load
from harness.instance import Instance
from harness.migrations import Campaign, Limits, RevisionResult
from harness.migrations.allowed import Allowed
from harness.postgres.cluster import Cluster
from harness.sources import open_source

Try = Callable[..., list[RevisionResult]]
Case = tuple[str, str | None]
"""An up and a down migration, or None for the latter."""
Together = Callable[..., dict[Case, tuple[str, RevisionResult]]]


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


@pytest.fixture(scope="module")
def together(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Together:
    """``together(base, cases)``: the schema and the trial of each case, by case.

    Each is a revision of one history, which is tried once for all tests of a module. ``base`` is
    there before, in a schema for each case, which its migrations find first.
    """

    @cache
    def attempt(
        base: str, cases: tuple[Case, ...], **limits: Any
    ) -> dict[Case, tuple[str, RevisionResult]]:
        root = tmp_path_factory.mktemp("together")
        schemas = {f"case_{number:02}": case for number, case in enumerate(dict.fromkeys(cases))}
        made = (f"CREATE SCHEMA {one};\n{_within(one)}{base}" for one in schemas)
        (root / "1_base.up.sql").write_text("".join(made))
        for schema, (up, down) in schemas.items():
            (root / f"2_{schema}.up.sql").write_text(_within(schema) + up)
            if down is not None:
                (root / f"2_{schema}.down.sql").write_text(_within(schema) + down)
        (root / "3_end.up.sql").write_text("SELECT 1;\n")  # what all at once gives is held to it
        _, *found, _ = run(cluster, root, {}, Limits(**limits))
        tried = zip(schemas, found, strict=True)
        return {schemas[schema]: (schema, revision) for schema, revision in tried}

    return attempt


def _within(schema: str) -> str:
    """What stands before a migration, in its first line."""
    return f"SET search_path = {schema}; "


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
