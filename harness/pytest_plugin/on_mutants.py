"""Python checks against mutants: collected once, then run in a fork for each template.

``python -m harness.pytest_plugin.on_mutants FD`` is the process that `harness.mutation.checks`
talks to over the pipe of that number. A fork has everything as it was after collection, so that
no fixture of the session, and no value that a module keeps, goes from one mutant to the next.
"""

from __future__ import annotations

import inspect
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path

import psycopg
import pytest

from harness.core.results import Location
from harness.instance import Instance, joined
from harness.mutation.checks import Answer, Check, Collection, Request, Start, is_crash
from harness.mutation.sql_files import asks_catalog, looks_everywhere
from harness.postgres.database import Template
from harness.pytest_plugin.checks import NOT_WANTED_HERE, USED_BEFORE, SilencedTerminal
from harness.pytest_plugin.run import Prepared

_OF_EVERYTHING = {"catalog", "snapshot", "access"}
"""Fixtures that look at all of the schema."""
_PATIENCE = 5.0
"""Seconds that the fixtures of a fork may take to go down."""
_OF_THE_TEMPLATE = ("harness_instance", "request")
"""Fixtures without which a check cannot come to a database with the schema."""


class Read:
    """The files of a project that this process has read, and the modules that it has loaded."""

    def __init__(self, root: Path) -> None:
        self._root, self._opened = root, set[str]()

    def heard(self, event: str, arguments: tuple[object, ...]) -> None:
        """Take what Python says of a call: its audit hook."""
        if event == "open" and isinstance(arguments[0], str):
            writes = isinstance(arguments[1], str) and arguments[1][:1] in ("w", "a", "x")
            if not writes:
                self._opened.add(arguments[0])

    def taken(self) -> frozenset[Path]:
        """The files since this was asked last, and every module so far."""
        opened, self._opened = self._opened, set()
        modules = [getattr(one, "__file__", None) for one in [*sys.modules.values()]]
        paths = {Path(name).absolute() for name in [*opened, *filter(None, modules)]}
        return frozenset(path for path in map(_source, paths) if self._is_own(path))

    def _is_own(self, path: Path) -> bool:
        """Whether a file is the project's, rather than something installed or made for it."""
        if not path.is_relative_to(self._root) or path.is_relative_to(sys.prefix):
            return False
        parts = path.relative_to(self._root).parts
        hidden = any(part[0] == "." or part == "site-packages" for part in parts)
        return not hidden and path.is_file()


def _source(path: Path) -> Path:
    """The module that a compiled file was made of; any other file itself."""
    if path.parent.name != "__pycache__":
        return path
    return path.parent.parent / f"{path.name.partition('.')[0]}.py"


class OnMutants:
    """A plugin: in the place of pytest's own loop, one that runs checks when it is asked to."""

    def __init__(self, connection: Connection, instance: Instance, read: Read) -> None:
        self._connection, self._instance, self._read = connection, instance, read
        self._refused: list[tuple[str, str]] = []
        self._failure: pytest.TestReport | None = None
        self._skipped = self._crashes = False
        self._seconds = 0.0

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep pytest-xdist from giving the checks to workers, whatever the project's options."""
        if hasattr(config.option, "dist"):
            config.option.dist, config.option.tx = "no", []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take a file that cannot be imported."""
        if report.failed:
            text = report.longreprtext.strip().splitlines()
            self._refused.append((report.nodeid, text[-1] if text else "cannot be collected"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Say which checks there are, then answer requests until nobody asks any more."""
        items = [item for item in session.items if _sees_the_schema(item)]
        checks = [_described(item) for item in items]
        self._connection.send(Collection(checks, self._refused, self._read.taken()))
        with suppress(EOFError):
            while True:
                request: Request = self._connection.recv()
                self._connection.send(self._answers(request, items))
        return True

    # --- in a fork ---------------------------------------------------------------------

    def _answers(self, request: Request, items: Sequence[pytest.Item]) -> list[Answer]:
        """What a fork says of each check, until one fails or does not end in time."""
        reader, writer = Pipe(duplex=False)
        pid = os.fork()
        if pid == 0:
            self._fork(request, items, writer)
        writer.close()
        found: list[Answer] = []
        try:
            for check, limit in zip(request.checks, request.limits, strict=True):
                found.append(self._heard(reader, check, limit))
                if found[-1].outcome == "failed" and request.stops:
                    break
            wait([reader], _PATIENCE)  # it ends once its fixtures are taken down
        finally:
            reader.close()
            os.kill(pid, signal.SIGKILL)  # which does nothing to one that has ended
            os.waitpid(pid, 0)
        return found

    def _heard(self, reader: Connection, check: int, limit: float) -> Answer:
        """What a fork says of a check. Raises EOFError where nobody waits for that any more."""
        ready = wait([reader, self._connection], limit)
        if self._connection in ready:
            raise EOFError
        if not ready:
            return Answer(check, "failed", limit, f"it does not end in {limit:.0f} s")
        try:
            answer: Answer = reader.recv()
        except EOFError:
            return Answer(check, "failed", 0.0, "its process has ended")
        return answer

    def _fork(self, request: Request, items: Sequence[pytest.Item], writer: Connection) -> None:
        """Run checks on the template that was named; never returns."""
        try:
            template = self._instance.template
            self._instance.template = Template(
                template.cluster, request.template, template.settings
            )
            chosen = [items[number] for number in request.checks]
            for place, item in enumerate(chosen):
                after = chosen[place + 1] if place + 1 < len(chosen) else None
                answer = self._tried(request.checks[place], item, after)
                last = answer.outcome == "failed" and request.stops
                if last and after is not None:
                    with suppress(Exception):
                        item.config.hook.pytest_runtest_teardown(item=item, nextitem=None)
                writer.send(answer)
                if last:
                    break
        finally:
            os._exit(0)

    def _tried(self, number: int, item: pytest.Item, after: pytest.Item | None) -> Answer:
        self._failure, self._skipped, self._crashes, self._seconds = None, False, False, 0.0
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        if self._failure is not None:
            lines = [one for one in self._failure.longreprtext.splitlines() if one[:2] == "E "]
            title = f"{item.name}: {lines[0][1:].strip()}" if lines else item.name
            files = self._read.taken()
            return Answer(number, "failed", self._seconds, title, self._crashes, files)
        outcome = "skipped" if self._skipped else "passed"
        return Answer(number, outcome, self._seconds, "", files=self._read.taken())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what became of a phase of a check."""
        self._seconds += report.duration
        self._skipped |= report.skipped or hasattr(report, "wasxfail")
        if report.failed and self._failure is None:
            self._failure = report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """See whether a failure is code of the schema that cannot run."""
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, psycopg.Error) and is_crash(error.sqlstate or ""):
            self._crashes = True


def _sees_the_schema(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    return any(name in names for name in _OF_THE_TEMPLATE)


def _described(item: pytest.Item) -> Check:
    _, line, _ = item.reportinfo()
    function = getattr(item, "function", None)
    try:
        text = inspect.getsource(function) if function else ""
    except (OSError, TypeError):  # it stands in no file
        text = ""
    names = {*getattr(item, "fixturenames", ())}
    structure = "catalog" in names or asks_catalog(text)
    everywhere = bool(names & _OF_EVERYTHING) or looks_everywhere(text)
    return Check(item.nodeid, Location(item.path, (line or 0) + 1), structure, everywhere)


def main() -> None:
    """Take what there is to know from the pipe, collect, and serve."""
    connection: Connection = Connection(int(sys.argv[1]))
    start: Start = connection.recv()
    silent, read = SilencedTerminal(), Read(start.config.root)
    sys.addaudithook(read.heard)
    with joined(start.config, start.shared) as instance:
        plugins = [Prepared(start.config, instance), OnMutants(connection, instance, read), silent]
        arguments = [*map(str, start.places), "--rootdir", str(start.config.root)]
        options = ["-p", "no:cacheprovider", "-W", NOT_WANTED_HERE, "-W", USED_BEFORE]
        code = int(pytest.main([*arguments, *options], plugins))
    with suppress(OSError):
        connection.send(Collection([], [("pytest", silent.text.strip())] if code > 1 else []))


if __name__ == "__main__":
    main()
