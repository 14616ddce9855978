"""Runner: assertion files against clones of a template.

Every file sees exactly the template's state, whatever ran before it or runs beside it.
A runner may be used by several threads at once; each keeps a database of its own for
the scripts that roll back.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from heapq import nlargest
from pathlib import Path

from harness.core.results import Group, Location, Outcome, Result, Timing
from harness.instance import Instance
from harness.pgtap import extension, tap
from harness.pgtap.extension import Serve, in_place
from harness.pgtap.tap import TapReader
from harness.postgres.database import Baseline, Database, Template
from harness.postgres.database.shared import (
    Restored,
    SharedState,
    roles_lock,
    server_lock,
)
from harness.postgres.psql import Script
from harness.postgres.session import Answer, Failure, Session
from harness.sqltests.databases import SharedDatabases
from harness.sqltests.files import AssertionFile
from harness.sqltests.isolation import Isolation

SLOWEST = 100
"""Statements of a file whose times are kept."""


@dataclass(frozen=True, slots=True)
class RefusedRun(Group):
    """A file of which the server has refused something."""

    refusals: tuple[Failure, ...] = ()
    """Each at the location of the problem that it is."""


@dataclass(slots=True)
class _Reader(TapReader):
    """With what the server has refused."""

    refusals: list[Failure] = field(default_factory=list)


@dataclass(slots=True)
class Runner:
    """Runs files; ``timeout`` is in seconds for each statement."""

    template: Template
    baseline: Baseline
    shared: SharedState
    timeout: float
    serve: Serve = in_place
    count: tuple[str, ...] = tap.BUILTIN
    """Statements that ask the library what it has counted."""
    timed: bool = False
    """Whether each statement's own time is wanted, which takes longer."""
    keep_failed: bool = False
    """Whether the databases of files that fail stay, in ``failed``."""
    failed: list[tuple[Path, Database]] = field(default_factory=list)
    library: str = "tap"
    """The schema of the built-in library; nothing where the real pgTAP is used."""
    _databases: SharedDatabases = field(init=False)

    def __post_init__(self) -> None:
        self._databases = SharedDatabases(self.template, self.baseline, self.serve, self.library)

    def run(self, file: AssertionFile | Path) -> Group:
        """Run one file. Raises ScriptError where it cannot be served."""
        read = AssertionFile.read(file) if isinstance(file, Path) else file
        connection = self.template.maintenance()
        with ExitStack() as locks:
            locks.enter_context(server_lock(connection, read.isolation is Isolation.SERVER))
            if read.changes_server and read.isolation is Isolation.SHARED:
                locks.enter_context(roles_lock(connection))
            if read.isolation is Isolation.SERVER:
                self._restore(read)  # what the last file left before anybody saw to it
            started = time.perf_counter()
            shares = read.isolation is Isolation.SHARED
            reader, quiet = self._run_shared(read) if shares else (self._run_alone(read), False)
            seconds = time.perf_counter() - started
            restored = Restored() if quiet else self._put_back(read)
        if restored is None:  # something that the script did not say: wait for all others
            with server_lock(connection, exclusive=True):
                restored = self._restore(read)
        reader.problems.extend(self._unrestored(read, restored))
        return _file_run(read, reader, seconds, restored.notes)

    def run_in(self, database: Database, file: AssertionFile, needs_tests: bool = True) -> Group:
        """Run one file in a database as it is, and leave there what the file leaves."""
        started, session = time.perf_counter(), self._session(database, file.borrowed)
        try:
            reader = self._execute(file.script, session, _Reader(needs_tests=needs_tests))
        finally:
            session.connection.close()
        return _file_run(file, reader, time.perf_counter() - started)

    def _run_shared(self, read: AssertionFile) -> tuple[_Reader, bool]:
        """Run a file that rolls back; whether nothing was committed on the server meanwhile."""
        kept = self._databases.take(read.header, read.borrowed)
        session, again = self._session(kept.database), None
        quiet = failed = False
        try:
            reader = self._execute(read.script, session, _Reader())
            failed = self.keep_failed and reader.failed
            wanted = not failed and not reader.problems
            found = self._databases.after(kept, session.connection, wanted)
            again, quiet = found.kept, found.quiet
        finally:
            session.connection.close()
            if again is not None:
                self._databases.give_back(again)
            else:
                self._leave(read, kept.database, failed)
        return reader, quiet

    def _run_alone(self, read: AssertionFile) -> _Reader:
        """Run a file in a database of its own."""
        database = self.template.clone()
        session, failed = self._session(database, read.borrowed), False
        try:
            reader = self._execute(read.script, session, _Reader())
            failed = self.keep_failed and reader.failed
        finally:
            session.connection.close()
            self._leave(read, database, failed)
        return reader

    def _leave(self, read: AssertionFile, database: Database, failed: bool) -> None:
        if failed:
            self.failed.append((read.path, database))
        else:
            database.drop()

    def _session(self, database: Database, lent: tuple[str, ...] = ()) -> Session:
        connect = database.connect
        connection = connect()
        if lent and self.library:
            extension.lend(connection, lent, self.library)
        return Session(
            connection, self.timeout, self.serve, connect, timed=self.timed, count=self.count
        )

    # --- what all databases share ------------------------------------------------------

    def _put_back(self, read: AssertionFile) -> Restored | None:
        """Undo what a file did to the server; None where that has to be done alone."""
        if read.isolation is Isolation.SERVER:
            return self._restore(read)
        same = SharedState.of(self.template.maintenance()) == self.shared
        return Restored() if same else None

    def _restore(self, read: AssertionFile) -> Restored:
        cluster = self.template.cluster
        return self.shared.restore(
            self.template.maintenance(),
            cluster.connect,
            owned=cluster.ephemeral,
            named=read.creates,
        )

    def _unrestored(self, read: AssertionFile, restored: Restored) -> list[Result]:
        """The problem that later files would not find the server as it was."""
        if restored.complete or not self.template.cluster.ephemeral:
            return []
        text = "the server is not as it was before the file: " + "; ".join(restored.notes)
        return [Result(Outcome.FAILED, text, Location(read.path, 1))]

    # --- databases ---------------------------------------------------------------------

    def _execute(self, script: Script, session: Session, reader: _Reader) -> _Reader:
        last = Location(script.path, 1)
        for answer in session.run(script):
            if answer.counted:
                tap.compare(reader, answer)
                continue
            last = answer.location
            reader.notices.extend(answer.notices)
            reader.feed(_text(answer), answer.location, answer.seconds)
            if self.timed:
                reader.timings.append(Timing(answer.seconds, answer.location))
            if answer.failure:
                problem = _problem(answer, answer.failure)
                reader.fail(problem)
                reader.refusals.append(replace(answer.failure, location=problem.location))
            if reader.bailed_out:
                break
        if not reader.problems:
            reader.end(last)
        if reader.needs_tests and not reader.results and not reader.problems:
            reader.fail(Result(Outcome.FAILED, "nothing was asserted", last))
        return reader


def _file_run(
    file: AssertionFile, reader: _Reader, seconds: float, notes: tuple[str, ...] = ()
) -> Group:
    results, problems = tuple(reader.results), tuple(reader.problems)
    slowest = tuple(nlargest(SLOWEST, reader.timings))
    if reader.unprinted > 0:
        notes = (*notes, tap.unprinted(reader.unprinted))
    told = (file.path, results, problems, seconds, notes, slowest)
    if reader.refusals:
        return RefusedRun(*told, refusals=tuple(reader.refusals))
    return Group(*told)


def _text(answer: Answer) -> str:
    """Rows as ``psql -At`` prints them."""
    return "\n".join("|".join(value or "" for value in row) for row in answer.rows)


def _problem(answer: Answer, failure: Failure) -> Result:
    location = failure.location or answer.location
    return Result(Outcome.FAILED, str(failure), location, seconds=answer.seconds)


def runner_of(instance: Instance, timed: bool = False, keep_failed: bool = False) -> Runner:
    """A runner of files on an instance; the options are those of Runner."""
    return Runner(
        instance.template,
        instance.baseline,
        instance.server_state,
        instance.config.timeout,
        _serve(instance),
        tap.EXTENSION if instance.config.pgtap == "extension" else tap.BUILTIN,
        timed,
        keep_failed,
        library="" if instance.config.pgtap == "extension" else instance.config.pgtap_schema,
    )


def _serve(instance: Instance) -> Serve:
    """How CREATE EXTENSION pgtap is served."""
    config, cluster = instance.config, instance.cluster
    if config.pgtap == "extension":
        return extension.real
    has_control_file = cluster.ephemeral and cluster.version >= 180000
    serve = extension.native if has_control_file else extension.in_place
    return extension.keeping(config.pgtap_schema, serve)
