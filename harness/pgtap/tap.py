"""TAP text -> results and problems. Pure: it knows lines and where they came from.

Reads what pgTAP and other producers write: a plan first or last, ``ok`` and ``not ok``
with SKIP and TODO directives, diagnostics (attached to the result they follow),
``Bail out!``, and subtests of any depth, which count through the result that sums them
up. Other lines are output, not TAP, and are passed over. https://testanything.org
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from importlib.resources import files
from typing import NamedTuple

from harness.core.results import Location, Outcome, Result, Timing
from harness.core.text import count
from harness.postgres.session import Answer

_RESULT = re.compile(r"(?P<not>not )?ok\b(?:[ ]+(?P<number>\d+))?(?:[ ]+-)?[ ]*(?P<rest>.*)")
_PLAN = re.compile(r"1\.\.(?P<count>\d+)[ ]*(?:#[ ]*SKIP\S*[ ]*(?P<reason>.*))?$", re.IGNORECASE)
# As TAP::Parser has it: the first # that no backslash escapes, or there is none.
_DIRECTIVE = re.compile(
    r"(?P<description>[^\\#]*(?:\\.[^\\#]*)*)#[ \t]*(?P<name>SKIP|TODO)\b[ \t]*(?P<reason>.*)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"(\\*)\1\\#")
_BAIL_OUT = re.compile(r"Bail out!\s*(?P<reason>.*)")
_SUMMARY = "# Looks like "

NOTICES = 5
"""Messages of the server that are shown with a failure."""


class Counted(NamedTuple):
    """What the library has counted: by its plan (None: it has none), whatever was printed."""

    plan: int | None
    ran: int
    failed: int
    failure: str
    """Number and description of the last test that failed, if that is known."""


@dataclass(slots=True)
class TapReader:
    """Reads a TAP stream piece by piece; ``results`` and ``problems`` grow as it does."""

    needs_tests: bool = True
    """Whether a stream without any is a problem."""
    results: list[Result] = field(default_factory=list)
    problems: list[Result] = field(default_factory=list)
    bailed_out: bool = False
    notices: deque[str] = field(default_factory=lambda: deque(maxlen=NOTICES))
    """The last messages of the server; a failure keeps those before it."""
    timings: list[Timing] = field(default_factory=list)
    unprinted: int = 0
    """Tests that have passed, by what the library has counted, and were not read."""
    excused: int = 0
    """Results that the library has counted as failed, and that are none any more."""
    _numbered: int = 0
    """Results that were printed with their numbers."""
    _lost: int = 0
    _told: list[tuple[int, Result]] = field(default_factory=list)
    _counted_plan: int | None = None
    _plan_is_new: bool = False
    _planned: int | None = None
    _plan_location: Location | None = None
    _subtest: list[str] = field(default_factory=list)

    def feed(self, text: str, location: Location, seconds: float = 0.0) -> None:
        """Read the text that one statement gave."""
        for line in text.split("\n"):  # a value may have what else ends a line for Python
            self._line(line.removesuffix("\r"), location, seconds)

    def end(self, location: Location) -> None:
        """Hold the whole against the plan. Call it once, unless the stream was cut off."""
        ran = len(self.results)
        if self._planned is None and (ran or self.needs_tests):
            missing = "no plan: call plan(n) first, or no_plan() first and finish() last"
            self._problem(missing if ran else "no tests and no plan", location)
        elif self._planned is not None and self._planned != ran:
            where = self._plan_location or location
            self._problem(f"planned {count(self._planned, 'test')} but ran {ran}", where)

    def compare(self, counted: Counted, location: Location) -> None:
        """Compare what has been read with what the library has counted by now.

        Only of a plan that was read, too: who takes a plan and its tests back into variables
        tests assertions, and shows none of it.
        """
        if self._plan_is_new:
            self._counted_plan, self._plan_is_new = counted.plan, False
        if counted.plan is None or counted.plan != self._counted_plan:
            return
        failed = [n for n, r in enumerate(self.results, 1) if r.outcome is Outcome.FAILED]
        lost = counted.failed - len(failed) - self.excused
        if counted.ran == len(self.results) == self._numbered:
            # Each number that the library gave stands in a line: of a test of fail() itself, say,
            # the script has written that line, as pg_prove wants it to.
            lost = 0
        while self._told and lost < self._lost:  # check_test() has taken one back since
            self._lost, problem = self._told.pop()
            self.problems.remove(problem)
        if lost > self._lost:
            self._problem(_lost(lost - self._lost, counted.failure, failed), location)
            self._told.append((self._lost, self.problems[-1]))
            self._lost = lost
        self.unprinted = counted.ran - len(self.results) - max(0, lost)

    @property
    def failed(self) -> bool:
        """Whether anything has failed so far."""
        return bool(self.problems) or not all(r.outcome.ok for r in self.results)

    def fail(self, problem: Result) -> None:
        """Take up a problem that is not TAP's."""
        self.problems.append(problem._replace(notices=tuple(self.notices)))

    def _line(self, line: str, location: Location, seconds: float) -> None:
        if line.startswith("    ") and line.strip():
            self._subtest.append(line)
        elif match := _RESULT.match(line):
            self._result(match, location, seconds)
        elif match := _PLAN.match(line):
            self._plan(int(match["count"]), match["reason"], location)
        elif match := _BAIL_OUT.match(line):
            self.bailed_out = True
            self._problem(f"bail out: {match['reason'] or 'no reason given'}", location)
        elif line.startswith("#"):
            self._comment(line)

    def _result(self, match: re.Match[str], location: Location, seconds: float) -> None:
        expected = len(self.results) + 1
        failed, number, rest = match.groups()
        self._numbered += number is not None
        if number and int(number) != expected:
            out_of_sequence = f"test number {number} out of sequence: {expected} was expected"
            self._problem(out_of_sequence, location)
        directive = _DIRECTIVE.match(rest) if "#" in rest else None
        description = directive["description"] if directive else rest
        outcome = _outcome(not failed, directive["name"].upper() if directive else "")
        self.results.append(
            Result(
                outcome,
                _ESCAPED.sub(r"\1#", description.strip()) if "#" in rest else description.strip(),
                location,
                "" if outcome.ok else "\n".join(self._subtest),
                directive["reason"].strip() if directive else "",
                seconds,
                () if outcome.ok else tuple(self.notices),
            )
        )
        self._subtest.clear()

    def _plan(self, count: int, skip_reason: str | None, location: Location) -> None:
        if self._planned is not None:
            self._problem("a second plan", location)
        self._planned, self._plan_location, self._plan_is_new = count, location, True
        if count == 0 and skip_reason is not None:
            self._planned = 1
            self.results.append(Result(Outcome.SKIPPED, "all", location, reason=skip_reason))

    def _comment(self, line: str) -> None:
        if self.results and not line.startswith(_SUMMARY) and not line.startswith("# Subtest"):
            last = self.results[-1]
            text = line[2:] if line.startswith("# ") else line[1:]
            together = f"{last.message}\n{text}" if last.message else text
            self.results[-1] = last._replace(message=together)

    def _problem(self, description: str, location: Location) -> None:
        self.fail(Result(Outcome.FAILED, description, location))


def _outcome(ok: bool, directive: str) -> Outcome:
    if directive == "SKIP" and ok:
        return Outcome.SKIPPED
    if directive == "TODO":
        return Outcome.TODO_PASSED if ok else Outcome.TODO
    return Outcome.PASSED if ok else Outcome.FAILED


def _lost(number_lost: int, last: str, read: list[int]) -> str:
    """What is said of failures that were counted and not read; ``last`` as in Counted."""
    what = f"{count(number_lost, 'test')} failed without being printed"
    number, _, description = last.partition(" - ")
    if number.isdigit() and int(number) not in read:
        what += f": test {number}" + (f' ("{description}")' if description else "")
    return (
        f"{what}\nOnly what a statement shows in its first column is read: not what goes into"
        " PERFORM, INSERT, another column or \\o"
    )


BUILTIN = ((files("harness.pgtap") / "count.sql").read_text("utf-8"),)
"""What is asked of our own library."""

EXTENSION = tuple((files("harness.pgtap") / "count_extension.sql").read_text("utf-8").split("\n\n"))
"""What is asked of the real pgTAP, which has ``num_failed()``."""


def compare(reader: TapReader, answer: Answer) -> None:
    """Compare an answer to one of these with what has been read by now."""
    for plan, ran, failed, failure in answer.rows:
        number = int(plan) if plan is not None else None
        counted = Counted(number, int(ran or 0), int(failed or 0), failure or "")
        reader.compare(counted, answer.location)


def unprinted(count: int) -> str:
    """The note of a file whose tests passed without being printed."""
    return f"{count} {'test' if count == 1 else 'tests'} passed without being printed"
