"""What a campaign of mutants needs of an instance: terms, a role, tests; and its transcripts.

The same on the machine of who asks and on a worker of `harness.run.distributed`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock

from harness import sqltests
from harness.instance import Instance
from harness.mutation import probes
from harness.mutation.declared import Declared
from harness.mutation.history import History
from harness.mutation.mutant import Mutant
from harness.mutation.mutation_campaign import MutationCampaign
from harness.mutation.replay import Replay, everybody, seen_from
from harness.mutation.sql_files import Kills
from harness.mutation.transcripts import Transcript, recorded
from harness.postgres.schema_model import Name
from harness.properties.base import Property
from harness.properties.campaign import Campaign as Properties
from harness.properties.property_checker import Terms
from harness.run.properties import PropertyRun
from harness.sqltests.files import AssertionFile
from harness.sqltests.suite import set_up


@contextmanager
def mutation_campaign(
    instance: Instance, declared: Declared, history: History, jobs: int, role: str = ""
) -> Iterator[MutationCampaign]:
    """A campaign without transcripts and tests; ``role``: the name of the role with PUBLIC's."""
    with ExitStack() as stack:
        name = stack.enter_context(everybody(instance.cluster, role))
        replay = stack.enter_context(Replay(instance.template, [], jobs))
        prepared = set_up(instance, [file for file in _files(instance) if file.sets_up])
        terms = terms_of(instance, declared)
        yield stack.enter_context(
            MutationCampaign(prepared, declared, replay, terms, name, history)
        )


def terms_of(instance: Instance, declared: Declared) -> Terms:
    """Those of properties, with probes among the checks."""
    terms = PropertyRun(instance).campaign.terms
    return replace(terms, checks={**terms.checks, **probes.made(declared)})


def take_tests(
    campaign: MutationCampaign, mutants: Sequence[Mutant] | None = None
) -> dict[AssertionFile, Kills]:
    """Take the project's SQL files, or those that may notice some mutants.

    What fails of them on the schema as it is.
    """
    files = [file for file in _files(campaign.instance) if not file.sets_up]
    if mutants is not None:
        files = [file for file in files if campaign.concerns(file, mutants)]
    return campaign.baseline(files)


def _files(instance: Instance) -> list[AssertionFile]:
    config = instance.config
    paths = sqltests.find(config.tests) if config.tests else []
    return sqltests.read(paths, config.variables)


def _is_anywhere(mutant: Mutant) -> bool:
    """Whether nobody knows where a mutant may be seen."""
    return not (mutant.tables or mutant.functions)


@dataclass(frozen=True, slots=True)
class Recording:
    """The properties and probes whose statements are replayed on some mutants."""

    campaign: MutationCampaign
    _tables: set[Name] = field(default_factory=set)
    """Those that are recorded on this machine."""
    _lock: Lock = field(default_factory=Lock)

    def properties(self, mutants: Sequence[Mutant]) -> list[Property]:
        """Those of all tables that the mutants may be seen from."""
        schema = self.campaign.declared.schema
        tables = {name for one in mutants for name in seen_from(one, schema)}
        return self._of(None if any(map(_is_anywhere, mutants)) else tables)

    def begin(self, mutants: Sequence[Mutant]) -> None:
        """Record the tables that the mutants are about; further ones when a mutant survives."""
        every = any(map(_is_anywhere, mutants))
        own = {name for one in mutants for name in (*one.tables, *one.functions)}
        properties = self._of(None if every else own)
        self._tables.update(own, (prop.table for prop in properties))
        self.campaign.replay.transcripts = self.transcripts(properties)
        self.campaign.further = self._further

    def _further(self, mutant: Mutant) -> None:
        """Record what else a mutant may be seen from."""
        campaign = self.campaign
        with self._lock:
            wanted = seen_from(mutant, campaign.declared.schema) - self._tables
            self._tables.update(wanted)
            if properties := self._of(wanted):
                transcripts = campaign.replay.steady_here(self._recorded(properties, 1))
                campaign.replay.transcripts = [*campaign.replay.transcripts, *transcripts]

    def _of(self, tables: Collection[Name] | None) -> list[Property]:
        """The properties of some tables, or of all."""
        declared = self.campaign.declared
        return [
            prop
            for prop in Properties(declared.schema, self.campaign.terms).properties()
            if prop.table.schema not in declared.foreign
            and (tables is None or prop.table in tables)
        ]

    def transcripts(self, properties: Sequence[Property]) -> list[Transcript]:
        """What they do, recorded, and replayed until it is known what is always answered alike."""
        replay = self.campaign.replay
        return replay.steady(self._recorded(properties, replay.jobs))

    def _recorded(self, properties: Sequence[Property], jobs: int) -> list[Transcript]:
        schema = self.campaign.declared.schema
        found = Properties(schema, self.campaign.terms).run(properties, jobs)
        decisions = [one for some in found for one in some]
        self.campaign.crashed |= {one.prop: one.crash for one in decisions if one.crash}
        return recorded(self.campaign.declared, decisions, self.campaign.everybody)
