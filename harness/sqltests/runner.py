"""Runner: assertion files against clones of a template.

Every file sees exactly the template's state, whatever ran before it or runs beside it.
A runner may be used by several threads at once.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from heapq import nlargest
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from harness.core.results import Group, Location, Outcome, Result, Timing
from harness.instance import Instance
from harness.pgtap import extension, tap
from harness.pgtap.extension import Serve, in_place
from harness.pgtap.tap import TapReader
from harness.postgres import standins
from harness.postgres.database import Baseline, Database, Template
from harness.postgres.database.shared import (
    Restored,
    SharedState,
    restore_server,
    roles_lock,
    server_lock,
)
from harness.postgres.psql import Script, Statement
from harness.postgres.session import Answer, Failure, Session
from harness.sqltests.files import AssertionFile, Isolation
from harness.sqltests.shared_databases import SharedDatabases, act_as

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
    inexact: str = ""
    """What the last stand-in said that made a value of its own."""

    def doubt(self, since: int, notices: tuple[str, ...]) -> None:
        """Take back what a statement has shown, from ``since`` on, where a stand-in had a part.

        One that refused may have been caught, so that what passed means nothing, either. A value
        that the real extension would have made another way explains a failure, and one in a
        column a later one.
        """
        said = [one.partition(":  ")[2] for one in notices]
        refused = next((one for one in said if one.startswith(standins.REFUSES)), "")
        made = next((one for one in said if one.startswith(standins.INEXACT)), "")
        self.inexact = made or self.inexact
        for number, result in enumerate(self.results[since:], since):
            # What pgTAP prints is all there is of a value; bytea has a form that nothing else has.
            binary = self.inexact if "\\x" in result.message else ""
            failed = result.outcome is Outcome.FAILED
            reason = refused or (failed and (made or binary)) or ""
            if reason and (failed or result.outcome is Outcome.PASSED):
                undecided = result._replace(outcome=Outcome.UNDECIDED, reason=reason)
                self.results[number] = undecided
                self.excused += failed


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
    role: str = ""
    """Who runs the files on the schema's platform; empty: the server's superuser."""
    _databases: SharedDatabases = field(init=False)

    def __post_init__(self) -> None:
        self._databases = SharedDatabases(
            self.template, self.baseline, self.serve, self.library, self.role
        )

    def as_superuser(self, statements: str) -> str:
        """Statements that the superuser runs in a session of the role, as one message."""
        if not self.role:
            return statements
        role = sql.Identifier(self.role).as_string()
        start, end = "SET SESSION AUTHORIZATION DEFAULT", f"SET SESSION AUTHORIZATION {role}"
        return f"{start}; {statements}; {end}"

    def run(self, file: AssertionFile | Path) -> Group:
        """Run one file. Raises ScriptError where it cannot be served."""
        read = AssertionFile.read(file) if isinstance(file, Path) else file
        with self.template.maintenance() as connection, ExitStack() as locks:
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
            with (
                self.template.maintenance() as connection,
                server_lock(connection, exclusive=True),
            ):
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
        session, again = self._session(kept.database, read.borrowed), None
        quiet = failed = False
        try:
            reader = self._execute(read.script, session, _Reader())
            failed = self.keep_failed and reader.failed
            wanted = not failed and not reader.problems
            found = self._databases.after(kept, session.connection, wanted, read.uncounted)
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
        def connect() -> psycopg.Connection[Any]:
            return act_as(database.connect(), self.role)

        connection = database.connect()
        if lent and self.library:
            extension.lend(connection, lent, self.library)
        act_as(connection, self.role)
        return Session(
            connection, self.timeout, self.serve, connect, timed=self.timed, count=self.count
        )

    # --- what all databases share ------------------------------------------------------

    def _put_back(self, read: AssertionFile) -> Restored | None:
        """Undo what a file did to the server; None where that has to be done alone."""
        if read.isolation is Isolation.SERVER:
            return self._restore(read)
        with self.template.maintenance() as connection:
            same = SharedState.of(connection) == self.shared
        return Restored() if same else None

    def _restore(self, read: AssertionFile) -> Restored:
        cluster = self.template.cluster
        with self.template.maintenance() as connection:
            return restore_server(
                self.shared,
                connection,
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
            shown = len(reader.results)
            reader.feed(_text(answer), answer.location, answer.seconds)
            if answer.notices or reader.inexact:
                reader.doubt(shown, answer.notices)
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
    results = tuple(map(_undecided, reader.results))
    problems = tuple(map(_undecided, reader.problems))
    slowest = tuple(nlargest(SLOWEST, reader.timings))
    if reader.unprinted > 0:
        notes = (*notes, tap.unprinted(reader.unprinted))
    told = (file.path, results, problems, seconds, notes, slowest)
    if reader.refusals:
        return RefusedRun(*told, refusals=tuple(reader.refusals))
    return Group(*told)


def _undecided(result: Result) -> Result:
    """The result; undecided where it failed for want of what a stand-in cannot do."""
    said = f"{result.title}\n{result.message}"
    if result.outcome is not Outcome.FAILED or standins.REFUSES not in said:
        return result
    line = next(one for one in said.splitlines() if standins.REFUSES in one)
    return result._replace(outcome=Outcome.UNDECIDED, reason=line.strip("# "))


def _text(answer: Answer) -> str:
    """Rows as ``psql -At`` prints them."""
    return "\n".join("|".join(value or "" for value in row) for row in answer.rows)


def _problem(answer: Answer, failure: Failure) -> Result:
    location = failure.location or answer.location
    outcome = Outcome.ERROR if failure.of_machine else Outcome.FAILED
    return Result(outcome, str(failure), location, seconds=answer.seconds)


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
        role=instance.role,
    )


def _serve(instance: Instance) -> Serve:
    """How CREATE EXTENSION is served, of pgtap and of the project's own, and CREATE SCHEMA."""
    serve = _serve_pgtap(instance)
    if instance.source is not None and instance.source.name == "pgxs":
        from harness.sources.pgxs import Pgxs, made_anew

        if isinstance(instance.source, Pgxs):
            return made_anew(instance.source, serve)
    return serve


def _serve_pgtap(instance: Instance) -> Serve:
    config, cluster = instance.config, instance.cluster
    if config.pgtap == "extension":
        return extension.making_way(config.pgtap_schema, extension.real)
    has_control_file = cluster.ephemeral and cluster.version >= 180000
    schema = config.pgtap_schema
    served = extension.native(schema) if has_control_file else in_place_of_extensions
    return extension.making_way(schema, extension.keeping(schema, served))


def in_place_of_extensions(statement: Statement) -> Statement | None:
    """Serve CREATE EXTENSION of what the server may lack: pgtap, or what has a stand-in."""
    served = standins.in_place(statement)
    return extension.in_place(statement) if served is statement else served
