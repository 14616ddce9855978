"""Python checks: what pytest found, in the terms of a run; and running nothing but them."""

from __future__ import annotations

import base64
import io
import pickle
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression
from _pytest.terminal import TerminalReporter

from harness.core.errors import ConfigError
from harness.core.results import PROPERTIES, SQL, Group, Kind, Location, Outcome, Result
from harness.pytest_plugin.run import Prepared

_OUTCOMES = {"passed": Outcome.PASSED, "failed": Outcome.FAILED, "skipped": Outcome.SKIPPED}
_EXPECTED = {"passed": Outcome.TODO_PASSED, "skipped": Outcome.TODO}
NOTHING_COLLECTED = 5
NOT_WANTED_HERE = "ignore:Module already imported so cannot be rewritten"
USED_BEFORE = "ignore::hypothesis.errors.HypothesisSideeffectWarning"
"""Property checks have used Hypothesis by the time that pytest loads its plugin."""


def matcher(keyword: str) -> Callable[[Iterable[str]], bool]:
    """The test that an expression of ``-k`` is. Raises ConfigError for one that is none."""
    try:
        expression = Expression.compile(keyword)
    except SyntaxError as error:
        raise ConfigError(f"-k {keyword!r}: {error.msg}") from None

    def matches(names: Iterable[str]) -> bool:
        lower = [name.lower() for name in names]

        def named(word: str, /, **_: str | int | bool | None) -> bool:
            return any(word.lower() in name for name in lower)

        return expression.evaluate(named)

    return matches


class Collected:
    """A plugin that gathers pytest's reports of Python files; ``files`` grows as they end."""

    def __init__(self, root: Path, done: Callable[[Group], object] = lambda group: None) -> None:
        self._root, self._done = root, done
        self._results: list[Result] = []
        self._path: Path | None = None
        self.files: list[Group] = []
        self.failed: set[str] = set()
        self.ran: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the call of a check, or the phase that kept it from being called."""
        path = self._root / report.location[0]
        if path.suffix in SQL or (report.when != "call" and report.passed):
            return
        if path != self._path:
            self._end_file()
            self._path = path
        self.ran.add(report.nodeid)
        self.failed |= {report.nodeid} if report.failed else set()
        self._results.append(_result(report, path))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take a file that cannot be imported."""
        if report.failed and not report.nodeid.endswith(SQL):
            path = self._root / report.nodeid.partition("::")[0]
            place = Location(path, 1)
            problem = Result(Outcome.ERROR, "cannot be collected", place, report.longreprtext)
            self._add(Group(path, problems=(problem,), kind=Kind.CHECK))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Close the last file."""
        self._end_file()

    def _end_file(self) -> None:
        if self._path is not None and self._results:
            seconds = sum(result.seconds for result in self._results)
            prop = self._path.parent == self._root / PROPERTIES
            kind, step = (Kind.PROPERTY, "properties") if prop else (Kind.CHECK, "test")
            results = tuple(self._results)
            self._add(Group(self._path, results, seconds=seconds, kind=kind, step=step))
        self._results = []

    def _add(self, run: Group) -> None:
        self.files.append(run)
        self._done(run)


def _result(report: pytest.TestReport, path: Path) -> Result:
    if sent := getattr(report, "harness_result", None):
        found: Result = pickle.loads(base64.b64decode(sent))  # noqa: S301  our own worker
        return found
    name = report.location[2] if report.when == "call" else f"{report.location[2]} ({report.when})"
    expected = hasattr(report, "wasxfail")
    outcome = (_EXPECTED if expected else _OUTCOMES).get(report.outcome, Outcome.FAILED)
    reason = str(report.wasxfail) if expected else _reason(report)
    sections = [f"{title}:\n{text}" for title, text in report.sections if report.failed]
    text = "\n".join([report.longreprtext, *sections]) if not outcome.ok else ""
    line = (report.location[1] or 0) + 1
    place, seconds = Location(path, line), report.duration
    return Result(outcome, name, place, text, reason, seconds, id=report.nodeid)


def _reason(report: pytest.TestReport) -> str:
    skipped = report.longrepr if report.skipped else None
    return str(skipped[2]).removeprefix("Skipped: ") if isinstance(skipped, tuple) else ""


class SilencedTerminal:
    """A plugin in whose presence pytest's own terminal says nothing; ``text`` is what it said."""

    def __init__(self) -> None:
        self._stream = io.StringIO()

    @property
    def text(self) -> str:
        """What would have been on the terminal."""
        return self._stream.getvalue()

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Take the place of the reporter that pytest has registered."""
        manager = config.pluginmanager
        if (standard := manager.get_plugin("terminalreporter")) is not None:
            manager.unregister(standard)
            manager.register(TerminalReporter(config, self._stream), "terminalreporter")


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A plugin that leaves checks out by their marks, and shuffles them file by file."""

    tagged: Callable[[Iterable[str]], bool]
    seed: int | None = None
    marks: set[str] = field(default_factory=set)
    """Filled with the marks of all checks, wanted or not."""

    @pytest.hookimpl(tryfirst=True)  # before -k leaves any out
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Choose by marks, as SQL files are chosen by tags."""
        self.marks.update(mark.name for item in items for mark in item.iter_markers())
        kept = [item for item in items if self.tagged(mark.name for mark in item.iter_markers())]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept if self.seed is None else _shuffled(kept, self.seed)


def _shuffled(items: list[pytest.Item], seed: int) -> list[pytest.Item]:
    order = random.Random(seed)  # noqa: S311  an order, not a secret
    by_file: dict[Path, list[pytest.Item]] = {}
    for item in items:
        by_file.setdefault(item.path, []).append(item)
    files = order.sample(list(by_file), len(by_file))
    return [item for path in files for item in order.sample(by_file[path], len(by_file[path]))]


@dataclass(frozen=True, slots=True)
class Checks:
    """The Python checks of a run."""

    prepared: Prepared
    arguments: tuple[str, ...] = ()
    """For pytest, beyond what every run has."""
    order: Order | None = None
    done: Callable[[Group], None] = field(default=lambda run: None)

    def run(self) -> Collected:
        """Run them. Raises ConfigError with what pytest said where it could not run them."""
        root, silent = self.prepared.config.root, SilencedTerminal()
        collected = Collected(root, self.done)
        plugins = [self.prepared, collected, silent, *([self.order] if self.order else [])]
        common = ["--rootdir", str(root), "-W", NOT_WANTED_HERE]
        if "hypothesis" in sys.modules:  # else the filter itself would load it
            common += ["-W", USED_BEFORE]
        code = int(pytest.main([*self.arguments, *common], plugins))
        served = all(run.served for run in collected.files)
        if code not in (0, 1, NOTHING_COLLECTED) and served:
            raise ConfigError(f"pytest could not run the Python checks:\n{silent.text.strip()}")
        return collected
