"""Mutants of a schema that a test writes down, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from harness.mutation import probes
from harness.mutation.declared import Declared
from harness.mutation.judge import by_rule, without_twins
from harness.mutation.mutant import Mutant
from harness.mutation.operators import mutants
from harness.mutation.replay import Replay, everybody
from harness.mutation.transcripts import recorded
from harness.mutation.trial import Trial
from harness.postgres.cluster import Cluster
from harness.postgres.database import Template, build_template
from harness.properties import campaign as properties
from harness.properties.check_context import Tools
from harness.properties.checks import made
from harness.properties.property_checker import Terms

SCHEMA = Path(__file__).with_name("every_kind.sql").read_text("utf-8")
"""Something of every kind of object."""


@dataclass
class Tried:
    """A schema with its mutants and transcripts."""

    template: Template
    declared: Declared
    mutants: list[Mutant]
    replay: Replay

    def trials(self, *objects: str, **about: Any) -> dict[str, Trial]:
        """What becomes of the mutants of objects, or of all, by id."""
        chosen = [one for one in self.mutants if not objects or one.object in objects]
        chosen = [one for one in chosen if all(getattr(one, k) == v for k, v in about.items())]
        ruled = {one.id: by_rule(one) for one in chosen}
        tried = self.replay.run([one for one in chosen if ruled[one.id] is None])
        found = {trial.mutant.id: trial for trial in tried}
        every = without_twins(found.get(one.id) or ruled[one.id] for one in chosen)
        return {trial.mutant.id: trial for trial in every}

    def statuses(self, *objects: str, **about: Any) -> dict[str, str]:
        """The same in a word each."""
        return {name: one.status.value for name, one in self.trials(*objects, **about).items()}


@contextmanager
def template_of(cluster: Cluster, schema: str) -> Iterator[tuple[Template, Declared]]:
    """A schema, given as SQL, and what it declares."""
    read: list[Declared] = []

    def build(connection: psycopg.Connection[Any]) -> None:
        connection.execute(schema.encode())
        read.append(Declared.read(connection, ["tap"]))

    template = build_template(cluster, build)
    try:
        yield template, read[0]
    finally:
        template.close()
        template.drop()


@contextmanager
def tried(cluster: Cluster, schema: str, roles: tuple[str, ...] = ()) -> Iterator[Tried]:
    """The same with transcripts; ``roles`` are made for it, and dropped."""
    with cluster.connect() as connection:
        for role in roles:
            connection.execute(f"CREATE ROLE {role}".encode())
    try:
        with template_of(cluster, schema) as (template, declared), everybody(cluster) as role:
            checks = {**made(), **probes.made(declared)}
            terms = Terms(checks, Tools(template.cloned))
            campaign = properties.Campaign(declared.schema, terms)
            decided = [one for some in campaign.run(campaign.properties(), 1) for one in some]
            assert [one.crash for one in decided if one.crash] == []
            with Replay(template, [], 1) as replayed:
                replayed.transcripts = replayed.steady(recorded(declared, decided, role))
                yield Tried(template, declared, mutants(declared), replayed)
    finally:
        with cluster.connect() as connection:
            for role in roles:
                connection.execute(f"DROP ROLE {role}".encode())


def changing_nothing(mutant: Mutant, *ddl: str) -> Mutant:
    """A mutant of the same object and tables that changes nothing."""
    return replace(mutant, kind="function", operator="nothing", ddl=ddl, swap=None)
