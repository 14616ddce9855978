"""The step ``mutate``: who notices when the schema is broken on purpose."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import groupby
from pathlib import Path

from harness.core.changes import changes_of
from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import NOWHERE, Group, Kind, Location, Outcome, Result
from harness.core.text import count, matching_nothing, nearest, relative
from harness.instance import Instance
from harness.mutation.declared import Declared
from harness.mutation.history import History, KnownChecks
from harness.mutation.judge import by_rule, without_twins
from harness.mutation.mutant import Mutant
from harness.mutation.mutation_campaign import MutationCampaign
from harness.mutation.operators import OPERATORS, mutants
from harness.mutation.results import group_of, located_in
from harness.mutation.sql_files import Kill
from harness.mutation.verdict import Score, Verdict
from harness.postgres.schema_model import Name
from harness.properties.base import Property
from harness.run.accepted_mutants import AcceptedMutants
from harness.run.mutation_campaign import Recording, mutation_campaign, take_tests
from harness.run.progress import Progress, failed, not_run, whole
from harness.run.shards import merged, shard_of, survivors
from harness.run.since import Before, before, declared_of
from harness.sources import texts_without_downs


@dataclass(frozen=True, slots=True)
class MutateOptions:
    """What is asked for beyond the configuration."""

    tables: Sequence[str] = ()
    kinds: Sequence[str] = ()
    """Kinds of objects; none is all."""
    min_score: float | None = None
    """Percent; below that the run fails."""
    write_tests: Path | None = None
    """The directory that tests for gaps are written to."""
    ids: frozenset[str] | None = None
    """Mutants that are wanted, by id; None is all."""
    compare: Path | None = None
    """The report of an earlier run: what it does not have as a survivor must not be one."""
    shard: tuple[int, int] | None = None
    """``(2, 3)``: the second of three parts of the mutants."""
    scheduler: str = ""
    """The address of dask.distributed's scheduler, whose workers try the mutants."""


@dataclass
class MutateRun:
    """Mutants of an instance's schema. Raises ConfigError for names that nothing has."""

    instance: Instance
    options: MutateOptions = MutateOptions()
    verdicts: list[Verdict] = field(default_factory=list)
    """What is known so far, in the order of the mutants."""
    total: int = 0
    """How many mutants there are in all shards, once they were made."""
    is_unfit: bool = False
    """SQL files fail on the schema as it is, so that no mutant was tried."""
    checks: KnownChecks | None = None
    """The Python checks that verdicts hang on, once the run is over."""
    _numbers: dict[str, int] = field(default_factory=dict)

    def declared(self) -> Declared:
        """The unbroken schema."""
        return declared_of(self.instance)

    @property
    def _config(self) -> Config:
        return self.instance.config

    def mutants(self, declared: Declared) -> list[Mutant]:
        """Those that are wanted, table by table."""
        tables = [declared.schema.table(name).name for name in self.options.tables]
        kinds = set(self.options.kinds)
        known = KINDS
        for kind in kinds:
            if kind not in known:
                raise ConfigError(f"kind: there is none called {kind!r}{nearest(kind, known)}")
        every = mutants(declared)
        found = [one for one in every if _wanted(one, tables, kinds, self.options.ids)]
        self._refuse_unknown(every)
        if self.before is not None:
            found = [one for one in found if self.before.is_touched(one)]
        found.sort(key=_table)
        self._count(found)
        if self.options.shard is None:
            return found
        part, parts = self.options.shard
        return found[part - 1 :: parts]

    def _count(self, mutants: Sequence[Mutant]) -> None:
        self.total = len(mutants)
        self._numbers = {one.id: number for number, one in enumerate(mutants)}

    def _worse(self, mutants: Sequence[Mutant], campaign: MutationCampaign) -> Sequence[Mutant]:
        """The mutants that a change may have made worse: new ones, and those that were noticed.

        Shards have to agree on all of them, so each has its part of all that is touched.
        """
        if self.before is None:
            return mutants
        campaign.take_former(self.before.files)
        if self.options.shard is not None:
            return mutants
        old = [one for one in mutants if not self.before.is_unknown(one)]
        left_out = {one.id for one in old} - {one.id for one in campaign.noticed_formerly(old)}
        found = [one for one in mutants if one.id not in left_out]
        self._count(found)
        return found

    @cached_property
    def before(self) -> Before | None:
        """The schema and its tests before the change that the run is about."""
        changes = changes_of(self._config)
        return before(self.instance, changes) if changes is not None else None

    @cached_property
    def _known_survivors(self) -> frozenset[str] | None:
        """The ids of those that an earlier report has."""
        path = self.options.compare
        return survivors(path) if path is not None else None

    def _refuse_unknown(self, every: Sequence[Mutant]) -> None:
        allowed = self._config.mutation.get("allow", {})
        names = {name for one in every for name in (one.id, f"mutant:{one.id}")}
        if allowed and not self._config.elsewhere and (u := matching_nothing(allowed, names)):
            raise ConfigError(f"allow: {u}")

    def run(self, progress: Progress) -> Generator[list[Verdict]]:
        """The verdicts, table by table."""
        declared = self.declared()
        wanted = self.mutants(declared)
        with (
            self.campaign(declared, wanted, progress) as campaign,
            closing(campaign.run(() if self.is_unfit else campaign.mutants)) as found,
        ):
            for _, some in groupby(_told(found, progress), lambda one: _table(one.trial.mutant)):
                yield self._judged(list(some), campaign)
                campaign.history.save_now_and_then()
            for path, kill in campaign.unfit.items():
                progress.take(_unfit(path, kill))
            for prop, crash in campaign.crashed.items():
                progress.take(_crashed(prop, crash))
            self.checks = campaign.history.known_checks
        if not self.is_unfit and (self.options.shard is None or self.options.shard[0] == 1):
            tested = bool(self._config.tests)
            for group in self._accepted.idle(mutants(declared), self.verdicts, tested):
                progress.take(group)

    def _judged(self, verdicts: list[Verdict], campaign: MutationCampaign) -> list[Verdict]:
        """The verdicts on one table's mutants with twins, places, tests and what is accepted."""
        trials = without_twins(one.trial for one in verdicts)
        found = [replace(one, trial=t) for one, t in zip(verdicts, trials, strict=True)]
        sources, accepted = self._sources, self._accepted
        found = [replace(one, place=located_in(one.trial.mutant, sources)) for one in found]
        found = [replace(v, allowed=accepted.reason(v.trial.mutant, v.place)) for v in found]
        numbers = self._numbers
        found = [replace(one, number=numbers[one.trial.mutant.id]) for one in found]
        found = [replace(one, new=self._why_new(one, campaign)) for one in found]
        few = self._config.tests and len(found) < _MANY
        if campaign.others is None and (self.options.write_tests or few):
            found = campaign.with_tests(found)
        self.verdicts += found
        return found

    def _why_new(self, verdict: Verdict, campaign: MutationCampaign) -> str:
        """Why a survivor is the change's doing; empty where it is not, or there is none."""
        mutant = verdict.trial.mutant
        noticed = verdict.pinned if self._config.tests else not verdict.perhaps_equivalent
        if noticed or not verdict.counts:
            return ""
        if self.before is not None and self.before.is_new(mutant):
            return f"new since {self._config.since}: {_REMEDY}"
        if self.before is not None and (kill := campaign.formerly(mutant)):
            return f"{kill.location} noticed it before: {kill.title}"
        known = self._known_survivors
        if known is not None and f"mutant:{mutant.id}" not in known:
            return f"no survivor in {self.options.compare}: {_REMEDY}"
        return ""

    @cached_property
    def _accepted(self) -> AcceptedMutants:
        return AcceptedMutants.of(self._config.mutation.get("allow", {}), self._sources)

    @cached_property
    def _sources(self) -> dict[Path, str]:
        return texts_without_downs(self.instance.source)

    # --- what notices ------------------------------------------------------------------

    @contextmanager
    def campaign(
        self, declared: Declared, wanted: Sequence[Mutant], progress: Progress
    ) -> Iterator[MutationCampaign]:
        """Transcripts recorded, tests tried; a test that fails without a mutant is a result."""
        history = History.of(self.instance)
        with ExitStack() as stack:
            stack.callback(history.save)
            jobs = self._config.jobs
            campaign = stack.enter_context(
                mutation_campaign(self.instance, declared, history, jobs)
            )
            campaign.mutants = wanted = self._worse(wanted, campaign)
            progress.expect("mutate", len(wanted), "mutant")
            for file, kills in take_tests(campaign, wanted if self.before else None).items():
                progress.take(_unfit(file.path, next(iter(kills.values()))))
                self.is_unfit = True
            if self.is_unfit:
                yield campaign
                return
            fresh = [one for one in wanted if by_rule(one) is None and history.trial(one) is None]
            recording = Recording(campaign)
            if self.options.scheduler:
                from harness.run.distributed import workers

                writes = bool(self.options.write_tests or self._config.tests)
                others = stack.enter_context(workers(self.options.scheduler, self._config, writes))
                transcripts, campaign.crashed = others.record(recording.properties(fresh))
                campaign.others = partial(others.verdicts, transcripts)
            else:
                recording.begin(fresh)
            yield campaign


_REMEDY = "add a test, or accept it with -- harness: allow mutant:NAME reason"
KINDS = frozenset({*(one.kind for one in OPERATORS), "unique", "primary key"} - {"key"})
"""What ``--kind`` takes."""
_MANY = 60
"""Mutants of one table, from which on tests for gaps are made only where they are written.

So they are where there are no tests at all, since everything is a gap then.
"""


def _wanted(
    mutant: Mutant, tables: Sequence[Name], kinds: set[str], ids: frozenset[str] | None
) -> bool:
    here = not tables or bool({*mutant.tables} & {*tables})
    return here and (not kinds or mutant.kind in kinds) and (ids is None or mutant.id in ids)


def _table(mutant: Mutant) -> Name:
    """Whose group it is in."""
    return mutant.tables[0] if mutant.tables else Name("", "schema")


def _told(verdicts: Iterator[Verdict], progress: Progress) -> Iterator[Verdict]:
    for verdict in verdicts:
        progress.advance("mutate", doing=verdict.trial.mutant.object)
        yield verdict


def _unfit(path: Path, first: Kill) -> Group:
    """A test file that fails without any mutant: what it says of one is worth nothing."""
    title = f"it fails on the schema as it is: {first.title}"
    result = Result(Outcome.ERROR, title, first.location, id="harness:mutate")
    return Group(path, problems=(result,), kind=Kind.STEP, step="mutate", name=str(path))


def _crashed(prop: Property, traceback: str) -> Group:
    """A property or probe with a bug of ours: mutants that it would notice survive."""
    title = f"{prop.id} crashed, and so notices no mutant"
    reason = f"what survives of {prop.table} might be noticed by it"
    result = Result(
        Outcome.UNDECIDED, title, NOWHERE, traceback, reason=reason, id="harness:mutate"
    )
    return Group(Path(prop.id), problems=(result,), kind=Kind.STEP, step="mutate", name=prop.id)


def mutate(instance: Instance, progress: Progress, options: MutateOptions) -> MutateRun:
    """Try every mutant; the run, which is over.

    A schema without any, or of which none counts, fails: nothing was tested.
    """
    mutate_run = MutateRun(instance, options)
    with closing(mutate_run.run(progress)) as tables:
        for verdicts in tables:
            progress.take(group_of(verdicts, instance.config.root, bool(instance.config.tests)))
    score = Score.of(mutate_run.verdicts)
    if mutate_run.is_unfit:
        progress.take(not_run("mutate", "the tests have to pass before anybody can judge them"))
    elif mutate_run.before is not None and not mutate_run.total:
        why = (
            f"no mutant is new since {instance.config.since}, and no test that changed noticed one"
        )
        progress.take(not_run("mutate", why))
    elif options.shard is not None:
        progress.take(shard_of(options.shard, mutate_run.total))
    elif not score.counted:
        progress.take(failed("mutate", NOTHING_TRIED))
    elif (told := _below(score, options.min_score, instance.config)) is not None:
        progress.take(failed("mutate", told))
    if options.write_tests is not None:
        progress.take(_written(mutate_run.verdicts, options.write_tests, instance.config.root))
    return mutate_run


def merge(
    paths: Sequence[Path], config: Config, progress: Progress, least: float | None = None
) -> None:
    """Put the reports of shards together. Raises ConfigError where one is missing."""
    groups = merged(paths, config.root)
    for group in groups:
        progress.take(group)
    of_mutants = [group for group in groups if group.kind is Kind.MUTANT]
    score = Score.of_facts(result.facts for group in of_mutants for result in group.results)
    if not score.counted:
        progress.take(failed("mutate", NOTHING_TRIED))
    elif (told := _below(score, least, config)) is not None:
        progress.take(failed("mutate", told))


NOTHING_TRIED = "no mutant was tried, and that is not a pass"


def _below(score: Score, least: float | None, config: Config) -> str | None:
    """What is said of a score that is under the least one."""
    if least is None:
        return None
    part = score.tests if config.tests else score.anybody
    percent = score.percent(part)
    who = "by the tests" if config.tests else "by the properties: there are no tests"
    if percent >= least:
        return None
    return f"{percent:.1f} % of {count(score.counted, 'mutant')} noticed {who}, under {least:g} %"


def _written(verdicts: Sequence[Verdict], folder: Path, root: Path) -> Group:
    """Write the tests for gaps; how many there are."""
    from harness.mutation.gaps import file_name, together

    folder.mkdir(parents=True, exist_ok=True)
    tests = [one.test for one in verdicts if one.test]
    files: dict[str, str] = {}
    for text in together(tests):
        name = file_name(text)
        while name in files:  # long names that begin alike
            name = f"{name.removesuffix('.sql')}_.sql"
        files[name] = text
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    gaps = count(sum(one.gap and one.counts for one in verdicts), "gap")
    where = relative(folder, root)
    title = f"{count(len(files), 'test')} written to {where}, for {len(tests)} of {gaps}"
    return whole("mutate", Result(Outcome.PASSED, title, Location(Path(), 0), id="harness:tests"))
