"""MutationCampaign: each mutant against everything that may notice it, in this order.

Rules, the replay of transcripts, rows that are looked for on purpose, and the project's tests.

One task for each mutant, on as many threads as there are jobs; what a thread needs, it makes once:
a database for transcripts, one for SQL files, one for the search of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import Lock, local
from typing import TypeVar

from harness.core.errors import ScriptError
from harness.instance import Instance
from harness.mutation import gaps
from harness.mutation.checks import PythonChecks, places
from harness.mutation.declared import Declared
from harness.mutation.distinguishing_rows import DistinguishingRows
from harness.mutation.history import History, KnownFile, digest_of
from harness.mutation.judge import by_rule
from harness.mutation.mutant import Mutant
from harness.mutation.replay import Replay
from harness.mutation.sql_files import How, Kill, Kills, SqlFiles, TestFile, chosen, with_own
from harness.mutation.transcripts import recorded
from harness.mutation.trial import Status, Trial
from harness.mutation.verdict import Verdict
from harness.properties.base import Property
from harness.properties.property_checker import PropertyChecker, Terms, open_checker
from harness.sqltests.files import AssertionFile

_BOTH = frozenset(How)
_ANY: frozenset[How] = frozenset()
"""Whichever comes first."""
Made = TypeVar("Made")


@dataclass
class MutationCampaign:
    """Everything that may notice a mutant. Use it in a ``with`` block."""

    instance: Instance
    declared: Declared
    replay: Replay
    terms: Terms
    everybody: str
    history: History
    tests: list[TestFile] = field(default_factory=list)
    others: Callable[[Sequence[Mutant]], Generator[Verdict]] | None = None
    """Who tries the mutants, where that is not this process."""
    further: Callable[[Mutant], None] | None = None
    """Records what a mutant may be seen from beside its own tables."""
    former: list[TestFile] = field(default_factory=list)
    """Files as they were before a change, as far as they pass on the schema as it is."""
    mutants: Sequence[Mutant] = ()
    """Those that are to be tried."""
    unfit: dict[Path, Kill] = field(default_factory=dict)
    """Files with Python checks that fail on the schema as it is, as far as any were run."""
    crashed: dict[Property, str] = field(default_factory=dict)
    """Properties and probes that could not do their work, with the traceback."""
    _mine: local = field(default_factory=local)
    _stack: ExitStack = field(default_factory=ExitStack)
    _lock: Lock = field(default_factory=Lock)
    _first_checks: PythonChecks | None = None

    def __enter__(self) -> MutationCampaign:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close and drop what the threads made."""
        self._stack.close()

    def baseline(self, files: Sequence[AssertionFile]) -> dict[AssertionFile, Kills]:
        """Run SQL files on the unbroken schema; what fails there already says nothing later."""
        with ThreadPoolExecutor(self.replay.jobs, "harness-mutate") as pool:
            found = list(pool.map(self._on_the_schema, files))
        self.tests = [test for test, failed in found if not failed]
        return {test.file: failed for test, failed in found if failed}

    def concerns(self, file: AssertionFile, mutants: Sequence[Mutant]) -> bool:
        """Whether a file is run for any of some mutants."""
        test = TestFile.of(file, 0.0)
        return any([*chosen([test], mutant, self._names(mutant))] for mutant in mutants)

    def take_former(self, files: Sequence[AssertionFile]) -> None:
        """Take files as they were before a change; those that fail by now say nothing."""
        tried = [self._on_the_schema(file) for file in files]
        self.former = [test for test, failed in tried if not failed]

    def noticed_formerly(self, mutants: Sequence[Mutant]) -> list[Mutant]:
        """Those that a file noticed before it was edited or removed."""
        with ThreadPoolExecutor(self.replay.jobs, "harness-mutate") as pool:
            found = pool.map(self.formerly, mutants)
            return [one for one, kill in zip(mutants, found, strict=True) if kill is not None]

    def formerly(self, mutant: Mutant) -> Kill | None:
        """What a file noticed before it was edited or removed."""
        for test in chosen(self.former, mutant, self._names(mutant)):
            for kill in self._noticed_by(test, mutant, _ANY).values():
                return kill
        return None

    def _on_the_schema(self, file: AssertionFile) -> tuple[TestFile, Kills]:
        digest = digest_of(file, self.instance.config.variables)
        if known := self.history.file(digest):
            return TestFile.of(file, known.seconds, digest), known.failed
        test, failed = self._sql_files().baseline(file)
        self.history.keep_file(digest, KnownFile(test.seconds, failed))
        return replace(test, digest=digest), failed

    def run(self, mutants: Sequence[Mutant]) -> Generator[Verdict]:
        """The verdict on each mutant, in their order."""
        if self.others is not None:
            yield from self._by_others(mutants)
            return
        pool = ThreadPoolExecutor(self.replay.jobs, "harness-mutate")
        try:
            yield from pool.map(self.verdict, mutants)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _by_others(self, mutants: Sequence[Mutant]) -> Generator[Verdict]:
        """The same from others, for all that no rule says anything of."""
        assert self.others is not None
        with closing(self.others([one for one in mutants if by_rule(one) is None])) as found:
            for mutant in mutants:
                if ruled := by_rule(mutant):
                    yield Verdict(ruled)
                    continue
                verdict = next(found)
                if verdict.trial.status is not Status.SURVIVED or not self._is_blind(mutant):
                    self.history.keep_trial(verdict.trial)
                yield verdict

    def verdict(self, mutant: Mutant) -> Verdict:
        """What becomes of one mutant, and who notices it."""
        trial = by_rule(mutant) or self.history.trial(mutant) or self._replayed(mutant)
        if not trial.status.counts:
            return Verdict(trial)
        return Verdict(trial, self._noticed(mutant))

    def _replayed(self, mutant: Mutant) -> Trial:
        transcripts = self.replay.transcripts
        trial = self.replay.trial(mutant)
        if trial.status is Status.SURVIVED and self.further is not None:
            self.further(mutant)
            # Another thread may have asked for the same.
            if self.replay.transcripts is not transcripts:
                trial = self.replay.trial(mutant)
        if trial.status is Status.SURVIVED and mutant.swap is not None:
            trial = self._told_apart_by_row(trial)
        if trial.status is not Status.SURVIVED or not self._is_blind(mutant):
            self.history.keep_trial(trial)
        return trial

    def _is_blind(self, mutant: Mutant) -> bool:
        """Whether something that might have noticed a mutant has crashed."""
        tables = {prop.table for prop in self.crashed}
        seen = (*mutant.tables, *mutant.functions)
        return bool(tables.intersection(seen) if mutant.tables else tables)

    def _told_apart_by_row(self, trial: Trial) -> Trial:
        """The same, or the trial with a row that was looked for on purpose."""
        mutant, checker = trial.mutant, self._checker()
        check = DistinguishingRows([mutant])
        props = list(check.properties(self.declared.schema))
        if not props:
            return trial
        checker.anew()
        checker.terms = replace(checker.terms, checks={check.id: check})
        decisions = [checker.decide(prop) for prop in props]
        checker.end()
        transcripts = recorded(self.declared, decisions, self.everybody)
        return self.replay.against(trial, transcripts)

    def _noticed(self, mutant: Mutant) -> Kills:
        """What the project's tests notice, until each kind of noticing is found or none is left."""
        found: Kills = {}
        for test in chosen(self.tests, mutant, self._names(mutant)):
            if test.is_costly and found:
                break
            missing = (_BOTH - found.keys()) & test.shows
            if not missing:
                continue
            found |= self._noticed_by(test, mutant, frozenset(missing))
        return found or self._noticed_by_checks(mutant)

    def _noticed_by(self, test: TestFile, mutant: Mutant, wanted: frozenset[How]) -> Kills:
        known = self.history.noticed(mutant, test.digest, wanted)
        if known is None:
            known = self._sql_files().kills(test, mutant.ddl, wanted)
            self.history.keep_noticed(mutant, test.digest, wanted, known)
        return known

    def _noticed_by_checks(self, mutant: Mutant) -> Kills:
        """What Python checks notice; they are collected when a mutant first comes so far."""
        if not self.has_checks:
            return {}
        known = self.history.noticed(mutant, self.history.checks, _BOTH)
        if known is None:
            checks = self._python_checks()
            known = checks.kills(mutant.ddl, with_own(mutant, self._names(mutant)))
            if not self.unfit:
                self.history.keep_noticed(mutant, self.history.checks, _BOTH, known)
        return known

    def _names(self, mutant: Mutant) -> list[str]:
        """What a file says that has to do with a mutant's tables: they, and views on them."""
        names = [name.name for name in mutant.tables]
        views = [view.name for name in mutant.tables for view in self.declared.views_on(name)]
        return [*dict.fromkeys([*names, *views])]

    @cached_property
    def has_checks(self) -> bool:
        """Whether the project has Python checks."""
        return bool(places(self.instance.config))

    # --- tests for gaps ----------------------------------------------------------------

    def with_tests(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts on gaps with a test each, tried on the schema and on the mutant."""
        return list(self._testers.map(self._with_test, verdicts))

    @cached_property
    def _testers(self) -> ThreadPoolExecutor:
        """Threads for that, each with its database, while others go on with the mutants."""
        pool = ThreadPoolExecutor(self.replay.jobs, "harness-mutate")
        return self._stack.enter_context(pool)

    def _with_test(self, verdict: Verdict) -> Verdict:
        if not (verdict.gap and verdict.counts):
            return verdict
        text = self.history.test(verdict.trial.mutant)
        if text is None:
            text = self._made_test(verdict.trial)
            self.history.keep_test(verdict.trial.mutant, text)
        return replace(verdict, test=text)

    def _made_test(self, trial: Trial) -> str:
        text = gaps.test(trial)
        text = text.replace(self.everybody, "harness_public")
        return text if text and self._tells(text, trial.mutant) else ""

    def _tells(self, text: str, mutant: Mutant) -> bool:
        """Whether a test passes on the schema and fails on the mutant."""
        try:
            file = AssertionFile.of(gaps.as_script(text))
        except ScriptError:  # a value that psql would read as its own command
            return False
        files = self._sql_files()
        files.begin_anew()
        test, failed = files.baseline(file, 1)  # its statements were replayed more often
        return not failed and bool(files.kills(test, mutant.ddl, _ANY))

    # --- what a thread has -------------------------------------------------------------

    def _sql_files(self) -> SqlFiles:
        return self._own("files", lambda: self._closed(SqlFiles(self.instance)))

    def _closed(self, files: SqlFiles) -> SqlFiles:
        self._stack.enter_context(closing(files))
        return files

    def _python_checks(self) -> PythonChecks:
        return self._own("checks", self._collected)

    def _collected(self) -> PythonChecks:
        checks = self._stack.enter_context(closing(PythonChecks(self.instance, self._first_checks)))
        if self._first_checks is None:
            self._first_checks = checks
            if not checks.unfit:
                self.history.keep_checks(places(self.instance.config), checks.files)
        self.unfit |= {kill.location.path: kill for kill in checks.unfit.values()}
        return checks

    def _checker(self) -> PropertyChecker:
        schema = self.declared.schema
        return self._own(
            "checker", lambda: self._stack.enter_context(open_checker(schema, self.terms))
        )

    def _own(self, name: str, make: Callable[[], Made]) -> Made:
        found: Made | None = getattr(self._mine, name, None)
        if found is None:
            with self._lock:
                found = make()
            setattr(self._mine, name, found)
        return found
