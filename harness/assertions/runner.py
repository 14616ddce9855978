"""Runner: assertion files against clones of a template.

Every file sees exactly the template's state, whatever ran before it or runs beside it.
A runner may be used by several threads at once; each keeps a database of its own for
the scripts that roll back.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from harness.assertions.isolation import rolls_back
from harness.database import Baseline, Database, Template
from harness.results import FileRun, Location, Outcome, Result
from harness.script import Script, Statement
from harness.script.bare import bare
from harness.session import PG_PROVE, Answer, Session
from harness.tap import TapReader

_PGTAP = re.compile(r"(?:CREATE|DROP) EXTENSION (?:IF (?:NOT )?EXISTS )?\"?PGTAP\b")

Serve = Callable[[Statement], Statement | None]


def without_extension(statement: Statement) -> Statement | None:
    """Serve CREATE and DROP EXTENSION pgtap by doing nothing: the library is there."""
    return None if _PGTAP.match(bare(statement.sql)) else statement


@dataclass(slots=True)
class Runner:
    """Runs files; ``timeout`` is in seconds for each statement."""

    template: Template
    baseline: Baseline
    timeout: float
    serve: Serve = without_extension
    _kept: threading.local = field(default_factory=threading.local)

    def run(self, path: Path) -> FileRun:
        """Run one file. Raises ScriptError where it cannot be served."""
        started = time.perf_counter()
        script = Script.open(path, PG_PROVE)
        script.check()
        shared = rolls_back(script.statements())
        database = self._take(shared)
        clean = False
        try:
            reader = self._execute(script, database, path)
            clean = not reader.problems
        finally:
            self._give_back(database, shared and clean)
        return FileRun(
            path,
            tuple(reader.results),
            tuple(reader.problems),
            time.perf_counter() - started,
        )

    def _execute(self, script: Script, database: Database, path: Path) -> TapReader:
        reader, last = TapReader(), Location(path, 1)
        session = Session(database.connect(), self.timeout, self.serve, database.connect)
        try:
            for answer in session.run(script):
                last = answer.location
                reader.feed(_text(answer), answer.location, answer.seconds)
                if answer.failure:
                    reader.problems.append(_problem(answer))
                if reader.bailed_out:
                    break
        finally:
            session.connection.close()
        if not reader.problems:
            reader.end(last)
        return reader

    def _take(self, shared: bool) -> Database:
        kept: Database | None = getattr(self._kept, "database", None)
        if shared and kept is not None:
            self._kept.database = None
            return kept
        return self.template.clone()

    def _give_back(self, database: Database, reusable: bool) -> None:
        if reusable and self._restored(database):
            self._kept.database = database
        else:
            database.drop()

    def _restored(self, database: Database) -> bool:
        try:
            with database.connect() as connection:
                return self.baseline.restore(connection)
        except psycopg.OperationalError:
            return False


def _text(answer: Answer) -> str:
    """Rows as ``psql -At`` prints them."""
    return "\n".join("|".join(value or "" for value in row) for row in answer.rows)


def _problem(answer: Answer) -> Result:
    assert answer.failure is not None
    location = answer.failure.location or answer.location
    return Result(Outcome.FAILED, str(answer.failure), location, seconds=answer.seconds)
