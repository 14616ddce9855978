"""Python checks as killers: each mutant on a clone of its own, for what SQL files do not notice.

The checks run in a process of their own (`harness.pytest_plugin.on_mutants`), which collects them
once and forks for each mutant. They are run twice on the schema as it is: what fails there says
nothing, and what a check takes there says how long it may take.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any, NamedTuple

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.results import Location
from harness.instance import Instance, Shared
from harness.mutation.sql_files import How, Kill, Kills, says
from harness.postgres.database import Template
from harness.postgres.database.shared import SharedState
from harness.properties.statement_result import send
from harness.sqltests import find

MODULE = "harness.pytest_plugin.on_mutants"
SLACK, LEAST = 5, 10.0
"""A check may take so many times what it took before, and these seconds at least.

It makes a clone, which takes longer where the machine is busy.
"""
_FIRST = 600.0
"""Seconds that a check may take on the schema as it is."""
_PLAYS = 2


class Start(NamedTuple):
    """What the process with the checks has to know."""

    config: Config
    shared: Shared
    places: Sequence[Path]


class Check(NamedTuple):
    """A Python check as pytest has collected it."""

    id: str
    location: Location
    structure: bool
    """Whether it asks the catalog, rather than what the schema does."""
    everywhere: bool
    """Whether it may look at everything that the schema contains."""


class Collection(NamedTuple):
    """Every check that sees the schema, and what could not be collected, with the reason."""

    checks: list[Check]
    refused: list[tuple[str, str]]
    files: frozenset[Path] = frozenset()
    """Those of the project that were read for it."""


class Request(NamedTuple):
    """Run checks, by their numbers, on the clones of a template."""

    template: str
    checks: Sequence[int]
    limits: Sequence[float]
    """Seconds for each."""
    stops: bool
    """Whether the first that fails is the last that runs."""


class Answer(NamedTuple):
    """What became of one check."""

    check: int
    outcome: str
    """``passed``, ``failed`` or ``skipped``."""
    seconds: float
    title: str
    crashes: bool = False
    files: frozenset[Path] = frozenset()
    """Those of the project that it has read."""


def is_crash(sqlstate: str) -> bool:
    """Whether an error only says that code cannot run: class 42, or one inside the server."""
    return sqlstate[:2] in ("42", "XX") and sqlstate != "42501"


def places(config: Config) -> list[Path]:
    """What pytest looks into for checks; nothing where there is no Python file."""
    python = [path for path in find(config.tests, [".py"]) if "test" in path.stem]
    return [p for p in config.tests if p.is_dir() or p.suffix == ".py"] if python else []


@dataclass
class PythonChecks:
    """The Python checks of a project on one thread's process; close it in the end."""

    instance: Instance
    before: PythonChecks | None = None
    """Another process with the same checks, which has run them on the schema as it is."""
    unfit: Kills = field(default_factory=dict)
    """What fails on the schema as it is, or cannot be collected."""
    files: set[Path] = field(default_factory=set)
    """Those of the project that the checks read: what they notice depends on these."""
    _checks: list[Check] = field(default_factory=list)
    _seconds: dict[int, float] = field(default_factory=dict)
    """Number -> what it takes, of the checks that pass each time."""
    _read: set[Path] = field(default_factory=set)
    """Those of the files that were read while a check ran."""
    _noticed: dict[int, int] = field(default_factory=dict)
    """Number -> how many mutants it has noticed."""
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        """Collect the checks and run them on the schema as it is. Raises ConfigError."""
        self._connection, theirs = Pipe()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  until close()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE, str(theirs.fileno())],
                cwd=self.instance.config.root,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,  # a Ctrl-C is ours to hear; it ends with the pipe
            )
        finally:
            theirs.close()
        self._connection.send(self._start())
        self._collect(self._received())
        if self.before is not None and self.before._checks == self._checks:
            self._seconds, self._noticed = self.before._seconds, self.before._noticed
            self.files, self._read = self.before.files, self.before._read
            return
        for _ in range(_PLAYS):
            self._play()

    def _start(self) -> Start:
        """With the state that the server has now: the role that all mutants share belongs to it."""
        config = self.instance.config
        with self.instance.template.maintenance() as connection:
            state = SharedState.of(connection)
        shared = replace(self.instance.shared, server_state=state)
        return Start(config, shared, places(config))

    def _collect(self, collection: Collection) -> None:
        self._checks = collection.checks
        self.files |= collection.files
        self._seconds = dict.fromkeys(range(len(self._checks)), 0.0)
        root = self.instance.config.root
        for name, why in collection.refused:
            place = Location(root / name.partition("::")[0], 0)
            self.unfit.setdefault(How.BEHAVIOUR, Kill(How.BEHAVIOUR, place, why))

    def _play(self) -> None:
        """Run what is left on the schema as it is; what fails, or is skipped, is left out."""
        numbers = list(self._seconds)
        limits = [_FIRST] * len(numbers)
        asked = Request(self.instance.template.name, numbers, limits, stops=False)
        for answer in self._asked(asked):
            self._read |= answer.files
            self.files |= answer.files
            if answer.outcome == "failed":
                self.unfit.setdefault(How.BEHAVIOUR, self._kill(answer))
            if answer.outcome != "passed":
                del self._seconds[answer.check]
            else:
                self._seconds[answer.check] = max(self._seconds[answer.check], answer.seconds)

    def kills(self, ddl: Sequence[str], names: Sequence[str] = ()) -> Kills:
        """The first check that notices a mutant, and passes without it once more.

        ``names`` are what it has to do with; nothing says that it may be seen from everywhere.
        """
        if not any(self._may_notice(check, names) for check in [*self._seconds]):
            return {}
        database = self.instance.template.clone()
        original = self.instance.template
        mutated = Template(original.cluster, database.name, original.settings)
        try:
            with closing(database.connect()) as connection:
                for statement in ddl:
                    if not send(connection, statement):
                        return {}
            while self._seconds:
                failed = [one for one in self._run(mutated, names) if one.outcome == "failed"]
                if not failed:
                    return {}
                if self._holds(failed[0]):
                    self._noticed[failed[0].check] = self._noticed.get(failed[0].check, 0) + 1
                    kill = self._kill(failed[0])
                    return {kill.how: kill}
            return {}
        finally:
            mutated.drop()
            mutated.close()

    def _may_notice(self, number: int, names: Sequence[str]) -> bool:
        """Whether a check, or a file of the tests that others use, says one of the names.

        Code of the project that is no test may have other names for tables, as models have.
        """
        check = self._checks[number]
        if not names or check.everywhere or self._uses_code:
            return True
        texts = [self._texts.get(check.location.path, ""), self._shared]
        return any(says(text, name) for text in texts for name in names)

    @cached_property
    def _texts(self) -> dict[Path, str]:
        python = [path for path in self.files if path.suffix == ".py"]
        return {path: path.read_text("utf-8", "replace") for path in python}

    @cached_property
    def _shared(self) -> str:
        """The text of what is read beside the files with checks: conftest.py, helpers, data.

        The schema's own files, which name everything, are read to build it, unless a check does.
        """
        own = {check.location.path for check in self._checks}
        source = self.instance.source
        built = {*source.files} - self._read if source is not None else set()
        others = [path for path in sorted(self.files) if path not in own and path not in built]
        return "\n".join(path.read_text("utf-8", "replace") for path in others)

    @cached_property
    def _uses_code(self) -> bool:
        """Whether modules are loaded that are not among the tests."""
        where = self.instance.config.tests
        return any(not any(p == one or p in one.parents for p in where) for one in self._texts)

    def _run(self, template: Template, names: Sequence[str]) -> list[Answer]:
        """The checks on a template, file by file, first the files that have noticed most."""
        noticed: dict[Path, int] = {}
        for number, count in list(self._noticed.items()):
            path = self._checks[number].location.path
            noticed[path] = noticed.get(path, 0) + count
        # Checks of a file stay in their order: some build on each other, or on a fixture.
        chosen = [number for number in [*self._seconds] if self._may_notice(number, names)]
        order = sorted(chosen, key=lambda n: -noticed.get(self._checks[n].location.path, 0))
        limits = [max(LEAST, SLACK * self._seconds.get(number, 0.0)) for number in order]
        return self._asked(Request(template.name, order, limits, stops=True))

    def _holds(self, answer: Answer) -> bool:
        """Whether a check still passes without the mutant; one that does not is left out."""
        if answer.check in self._noticed:
            return True
        limit = max(LEAST, SLACK * answer.seconds)
        again = self._asked(
            Request(self.instance.template.name, [answer.check], [limit], stops=True)
        )
        if all(one.outcome == "passed" for one in again):
            return True
        self._seconds.pop(answer.check, None)  # another thread may have seen it, too
        return False

    def _kill(self, answer: Answer) -> Kill:
        check = self._checks[answer.check]
        how = How.STRUCTURE if check.structure and not answer.crashes else How.BEHAVIOUR
        return Kill(how, check.location, answer.title, answer.crashes)

    def _asked(self, request: Request) -> list[Answer]:
        if not request.checks:
            return []
        self._connection.send(request)
        found = self._received()
        assert isinstance(found, list)
        return found

    def _received(self) -> Any:
        """What the process says. Raises ConfigError where it could not go on."""
        try:
            return self._connection.recv()
        except (EOFError, OSError):
            self._said.seek(0)
            said = self._said.read().decode("utf-8", "replace").strip()
            raise ConfigError(f"pytest could not run the Python checks:\n{said}") from None

    def close(self) -> None:
        """End the process: it does so when its pipe is closed."""
        self._connection.close()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process.kill()
            self._process.wait()
        self._said.close()
