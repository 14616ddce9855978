"""Decide the properties of a schema that a test writes down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from harness.core.results import Outcome
from harness.postgres.cluster import Cluster
from harness.postgres.database import build_template
from harness.postgres.schema_model import Schema
from harness.properties.base import Decision, PropertyCheck
from harness.properties.campaign import Campaign
from harness.properties.check_context import Tools
from harness.properties.property_checker import Terms

PASSED, FAILED, UNDECIDED = Outcome.PASSED, Outcome.FAILED, Outcome.UNDECIDED
ADVICE = Outcome.ADVICE


@contextmanager
def campaign(
    cluster: Cluster, schema: str, *checks: type[PropertyCheck] | PropertyCheck
) -> Iterator[Campaign]:
    """The properties of a schema, given as SQL."""
    read: list[Schema] = []

    def build(connection: psycopg.Connection[Any]) -> None:
        connection.execute(schema.encode())
        read.append(Schema.read(connection, ignore=["tap"]))

    template = build_template(cluster, build)
    try:
        made = [check() if isinstance(check, type) else check for check in checks]
        yield Campaign(read[0], Terms({one.id: one for one in made}, Tools(template.cloned)))
    finally:
        template.close()
        template.drop()


def decide(
    cluster: Cluster, schema: str, *checks: type[PropertyCheck] | PropertyCheck
) -> dict[str, Decision]:
    """What becomes of each property, by id; a crash of a check fails the test."""
    with campaign(cluster, schema, *checks) as made:
        properties = made.properties()
        runs = made.run(properties, 1) if properties else ()
        decided = [one for some in runs for one in some]
    crashes = [one.crash for one in decided if one.crash]
    assert not crashes, crashes[0]
    return {one.prop.id: one for one in decided}


def answers(decision: Decision) -> str:
    """Everything that the server said."""
    return "\n".join(step.answer for step in decision.evidence)


def outcomes(decisions: dict[str, Decision]) -> dict[str, str]:
    """Outcomes by id, to be compared with a whole."""
    return {name: one.outcome.value for name, one in decisions.items()}
