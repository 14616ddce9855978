"""Both passes over a source, side by side where they cannot disturb each other."""

from __future__ import annotations

import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from queue import SimpleQueue
from typing import Any

from harness.core.findings import Finding
from harness.instance import Instance
from harness.lint import Project
from harness.lint.squawk import Squawk
from harness.lint.statements import spans
from harness.migrations.allowed import Allowed
from harness.migrations.data_pass import DataPass
from harness.migrations.revision_result import Limits, Locked, Part, RevisionResult, finding
from harness.migrations.rules import Observed, judge
from harness.migrations.schema_pass import SchemaPass
from harness.migrations.scratch_database import ScratchDatabase
from harness.migrations.step import Step, steps_of
from harness.postgres.database.shared import touches_server
from harness.sources import SchemaSource, open_source, texts
from harness.sources.ordered import Ordered

_LOCKS = frozenset({"rewrite", "scan", "blocked"})
_STOPS = frozenset({"up", "half-applied"})
"""What an old revision may be to blame for after a new one was put before it."""
_SAME = {
    "up": {"up-on-rows"},
    "down": {"down-on-rows"},
    "down-leaves": {"up-again", "twice"},
    "up-again": {"up-again"},
}
"""What is found without rows -> what follows from it with them, and need not be said."""


@dataclass(frozen=True)
class Campaign:
    """The revisions of an instance's source, tried one after another."""

    instance: Instance
    source: SchemaSource
    limits: Limits
    allowed: Allowed
    old: frozenset[str] = frozenset()
    """Names of revisions that are run and not judged."""

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The revisions, oldest first."""
        return steps_of(self.source)

    def run(self) -> Generator[RevisionResult]:
        """Try them; one result each, in order. Of an old one only that it does not apply."""
        _ = self.instance.empty, self.instance.old  # once, before there are two threads
        scratch = ScratchDatabase(self.instance, self.source)
        data_pass = DataPass(scratch, self.steps, self.limits, self._first)
        tried = self.steps[self._first :]
        with closing(self._structure()) as first, closing(data_pass.run()) as second:
            started = time.perf_counter()
            for step, used, structure in zip(tried, second, first, strict=True):
                ended = time.perf_counter()
                result = self._trial(step, structure, used, ended - started)
                if step.name not in self.old:
                    yield result
                elif not result.ran or any(one.code in _STOPS for one in result.findings):
                    stops = tuple(one for one in result.findings if one.code in _STOPS)
                    yield replace(result, findings=stops)
                started = ended

    @property
    def _first(self) -> int:
        """The number of the first step that is judged."""
        new = (n for n, step in enumerate(self.steps) if step.name not in self.old)
        return next(new, len(self.steps))

    def _structure(self) -> Generator[Part]:
        """The first pass: done before the second where both would change the same server."""
        if isinstance(self.source, Ordered) and not touches_server(texts(self.source)):
            return self._beside_the_second()
        parts = list(self._first_pass(self.source))
        return (part for part in parts)

    def _beside_the_second(self) -> Generator[Part]:
        """The first pass, in a thread."""
        parts: SimpleQueue[Part | None] = SimpleQueue()
        ended: list[bool] = []

        def work() -> None:
            try:
                source = open_source(self.instance.config)
                with closing(self._first_pass(source or self.source)) as found:
                    for part in found:
                        parts.put(part)
                        if ended:
                            return
            finally:
                parts.put(None)

        with ThreadPoolExecutor(1, "harness-migrations") as pool:
            future = pool.submit(work)
            try:
                while (part := parts.get()) is not None:
                    yield part
                future.result()
            finally:
                ended.append(True)

    def _first_pass(self, source: SchemaSource) -> Generator[Part]:
        scratch = ScratchDatabase(self.instance, source)
        return SchemaPass(scratch, steps_of(source), self._first).run()

    def _trial(self, step: Step, first: Part, second: Part, seconds: float) -> RevisionResult:
        said = {code for one in first.findings for code in _SAME.get(one.code, ())}
        undoes = first.undoes and (second.undoes or not first.only_rows)
        findings = first.findings
        if not undoes:
            said.add("up-again")
            findings = tuple(map(_of_nothing_undone, findings))
        found = [*findings, *(one for one in second.findings if one.code not in said)]
        seen = Observed(
            step,
            self.limits,
            undoes,
            first.changes,
            second.locks,
            second.waits,
            second.losses,
        )
        found += judge(seen)
        found.sort(key=lambda one: one.severity != "error")  # what fails it comes first
        found = [self._with_squawk(one) for one in found]
        reasons = [(one, self.allowed.reason(step, one)) for one in found]
        return RevisionResult(
            step.name,
            step.path,
            step.down is not None,
            (*first.evidence, *second.evidence),
            tuple(one for one, why in reasons if not why),
            tuple((one, why) for one, why in reasons if why),
            tuple(self._beside(lock) for lock in second.locks),
            (*first.notes, *(note for note in second.notes if note not in first.notes)),
            max((wait.seconds for wait in second.waits), default=0.0),
            seconds,
            first.ran,
        )

    # --- squawk ------------------------------------------------------------------------

    @cached_property
    def _squawk(self) -> list[Finding]:
        new = (one for one in self.source.migrations if one.name not in self.old)
        judged = frozenset(one.up for one in new) if self.old else None
        files = self.source.files
        project = Project(self.instance.config, self.source, files, _no_server, judged)
        squawk = Squawk(project)
        units = squawk.units()
        return [one for several in squawk.lint(units) for one in several] if units else []

    @cached_property
    def _spans(self) -> dict[object, list[tuple[int, int]]]:
        paths = {one.path for one in self._squawk}
        return {path: spans(path.read_text("utf-8", "replace")) for path in paths}

    def _rules(self, path: object, line: int) -> tuple[str, ...]:
        """Squawk's rules with a finding in the statement that has this line."""
        here = [one for one in self._spans.get(path, ()) if one[0] <= line <= one[1]]
        first, last = here[0] if here else (line, line)
        rules = (o.code for o in self._squawk if o.path == path and first <= o.line <= last)
        return tuple(dict.fromkeys(rules))

    def _beside(self, lock: Locked) -> Locked:
        return replace(lock, squawk=self._rules(*lock.location)) if lock.location else lock

    def _with_squawk(self, one: Finding) -> Finding:
        rules = self._rules(one.path, one.line) if one.code in _LOCKS else ()
        return replace(one, message=f"{one.message}\nsquawk: {', '.join(rules)}") if rules else one


def _of_nothing_undone(one: Finding) -> Finding:
    """A second up is a second application where the down does nothing: no fault of the up."""
    if one.code != "up-again":
        return one
    said = f"the down migration undoes nothing, and {one.message}"
    return replace(finding(one.path, "down-differs", said, one.line), evidence=one.evidence)


def _no_server() -> Any:
    raise AssertionError("squawk asks no server")
