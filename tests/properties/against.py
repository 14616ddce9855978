"""Hold the properties of one schema against a database that has been changed behind its back."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import psycopg
import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.database import build_template
from harness.postgres.schema_model import Schema
from harness.properties.base import Decision, PropertyCheck
from harness.properties.campaign import Campaign
from harness.properties.check_context import Tools
from harness.properties.property_checker import Terms
from tests.properties.support import run_once

Cases = tuple[tuple[str, str], ...]
"""Changes, and the end of the id of what each is held against."""
Broken = Callable[[str, Cases, tuple[type[PropertyCheck], ...]], dict[str, Decision]]


@pytest.fixture(scope="module")
def broken(cluster: Cluster) -> Broken:
    """``broken(schema, cases, checks)``: the decision on each case's property, by its end.

    The changes do not meet each other: all of them are made in one database, and that is
    decided once for the tests of a module.
    """

    @cache
    def decided(
        schema: str, cases: Cases, checks: tuple[type[PropertyCheck], ...]
    ) -> dict[str, Decision]:
        ends = tuple(end for _, end in cases)
        changes = ";\n".join(change for change, _ in cases)
        found = against(cluster, schema, changes, *checks, only=ends)
        by_end = {end: [one for key, one in found.items() if key.endswith(end)] for end in ends}
        assert all(len(some) == 1 for some in by_end.values()), found.keys()
        return {end: one for end, (one,) in by_end.items()}

    return decided


def against(
    cluster: Cluster,
    schema: str,
    change: str,
    *checks: type[PropertyCheck],
    only: str | tuple[str, ...] = "",
) -> dict[str, Decision]:
    """The properties that ``schema`` declares, decided where ``change`` has been run, too.

    ``only`` those whose ids end like that. A crash of a check fails the test.
    """
    declared: list[Schema] = []

    def build(connection: psycopg.Connection[tuple[object, ...]]) -> None:
        connection.execute(schema.encode())
        declared.append(Schema.read(connection))
        connection.execute(change.encode())

    template = build_template(cluster, build)
    try:
        terms = Terms({check.id: check() for check in checks}, Tools(template.cloned))
        made = Campaign(declared[0], terms)
        wanted = [prop for prop in made.properties() if prop.id.endswith(only)]
        decided = run_once(made, template, wanted)
    finally:
        template.close()
        template.drop()
    crashes = [one.crash for one in decided if one.crash]
    assert not crashes, crashes[0]
    return {one.prop.id: one for one in decided}
