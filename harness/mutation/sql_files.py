"""The project's SQL test files as killers: each inside the mutant's own transaction.

A file that rolls back is run with the mutant's DDL after each BEGIN, so that its ROLLBACK undoes
the mutant as well; one that commits gets a clone of its own. A file ends when everything has been
noticed that is still to be found out. Two kinds of noticing are told apart: an assertion about
the catalog pins what is written there; one about rows and answers shows behaviour.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from harness.core.results import Location
from harness.instance import Instance
from harness.mutation.mutant import Mutant
from harness.pgtap import tap
from harness.pgtap.extension import lend
from harness.pgtap.tap import TapReader
from harness.postgres.database import Database
from harness.postgres.database.shared import SharedState, restore_server, server_lock
from harness.postgres.psql import Statement
from harness.postgres.psql.lexer import bare
from harness.postgres.session import Session
from harness.properties.statement_result import send
from harness.sqltests.files import AssertionFile, Isolation
from harness.sqltests.runner import Runner, runner_of
from harness.sqltests.shared_databases import act_as

_BEGIN = re.compile(r"(?:BEGIN|START TRANSACTION)\b")
_STRUCTURE = re.compile(
    r"\b(?:has(?:nt)?_\w+|col_\w+|\w+_are|fk_ok|index_is_\w+|is_(?:indexed|clustered|partitioned"
    r"|partition_of|definer|strict|normal_function|aggregate|procedure|window|superuser|member_of)"
    r"|isnt_\w+|trigger_is|rule_is_\w+|function_(?:returns|lang_is|privs_are)|volatility_is"
    r"|domain_type_is|enum_has_labels|policy_\w+|language_is_trusted|\w+_owner_is|\w+_privs_are"
    r"|(?:view|materialized_view)_\w+|sequence_\w+|cast_context_is)\s*\("
    r"|\bpg_(?:catalog|constraint|class|attribute|index|proc|policy|trigger|type|sequences?|get_\w+)"
    r"|\binformation_schema\b",
    re.IGNORECASE,
)
_ROLES = re.compile(r"role|authori[sz]ation|privs?\b|privilege|polic|security|acl", re.IGNORECASE)
_MANY = re.compile(r"\w+_are\s*\(|\bpg_\w+|\binformation_schema\b", re.IGNORECASE)
_PSQL = re.compile(r"^\s*\\", re.MULTILINE)
"""A command of psql's, which may bring statements that do not stand in the file."""
_SETS = re.compile(r"\bset_config\b|\bSET\s+(?:(?:LOCAL|SESSION)\s+)?[\w\"]+\s*\.", re.IGNORECASE)
"""What may set an application's own setting."""
_FUNCTIONS = r"""
    SELECT
        coalesce(bool_or(pg_get_functiondef(p.oid)
            ~* 'set_config|\mset\s+((local|session)\s+)?[\w"]+\s*\.'), false),
        coalesce(bool_or(l.lanname NOT IN ('sql', 'c', 'internal')), false)
    FROM (
        SELECT oid, prolang FROM pg_proc
        WHERE oid >= 16384 AND prokind <> 'a' AND pronamespace::regnamespace::text <> {library}
        OFFSET 0
    ) AS p
    JOIN pg_language AS l ON l.oid = p.prolang
"""
"""Whether functions of the schema's may set one, and whether any are in a procedural language."""
_DISCARD = "DISCARD ALL"
_KEEP_PLANS = (
    "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ALL; DEALLOCATE ALL; UNLISTEN *;"
    " SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES"
)
"""All that DISCARD ALL does but DISCARD PLANS."""
_TEMPORARY = "CREATE TEMPORARY TABLE harness_temporary (); DROP TABLE pg_temp.harness_temporary"
COSTLY = 0.25
"""Seconds of a file; the median of real suites is a tenth of that."""
SLACK, LEAST = 5, 1.0
"""A statement may take so many times what its file took before, and these seconds at least."""


class How(Enum):
    """In which way a test notices a mutant."""

    STRUCTURE = "structure"
    """An assertion about the catalog fails: the mutant is pinned."""
    BEHAVIOUR = "behaviour"
    """A row, an answer or a refusal is another one."""


class Kill(NamedTuple):
    """A test that noticed."""

    how: How
    location: Location
    title: str
    crashes: bool = False
    """It only says that code cannot run: an error of class 42 or XX."""


Kills = dict[How, Kill]


@dataclass(frozen=True, slots=True)
class TestFile:
    """A file, and what is known of it before any mutant."""

    file: AssertionFile
    seconds: float
    text: str
    looks_at_catalog: bool
    digest: str = ""
    """Of everything that it sends."""

    @classmethod
    def of(cls, file: AssertionFile, seconds: float, digest: str = "") -> TestFile:
        """A file that takes so long on the unbroken schema."""
        text = file.script.content.decode("utf-8", "replace")
        return cls(file, seconds, text, _MANY.search(text) is not None, digest)

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.file.path

    @property
    def speaks_of_roles(self) -> bool:
        """Whether it may act as somebody else, or asks who may do what."""
        return _ROLES.search(self.text) is not None

    @property
    def shows(self) -> frozenset[How]:
        """In which ways it may notice anything."""
        pins = asks_catalog(self.text) or _PSQL.search(self.text) is not None
        return frozenset(How) if pins else frozenset({How.BEHAVIOUR})

    @property
    def is_costly(self) -> bool:
        """Whether it is run for a mutant that nothing else notices, and for no other."""
        return self.commits or self.seconds > COSTLY

    @property
    def commits(self) -> bool:
        """Whether it needs a database of its own."""
        return self.file.isolation is not Isolation.SHARED

    def mentions(self, names: Sequence[str]) -> bool:
        """Whether it says one of these names."""
        return any(says(self.text, name) for name in names)


@dataclass
class SqlFiles:
    """SQL files on one thread's database; close it in the end."""

    instance: Instance
    database: Database = field(init=False)
    _runner: Runner = field(init=False)
    _connection: psycopg.Connection[Any] = field(init=False)
    _restart: str = field(init=False)
    _sets: bool = field(init=False)
    """Whether the schema's functions may set what an application reads."""
    _procedural: bool = field(init=False)
    """Whether it has functions in a procedural language."""
    _used: bool = False
    """Whether anything may have set an application's own setting on the connection."""

    def __post_init__(self) -> None:
        self._runner = runner_of(self.instance)
        self.database = self.instance.template.clone()
        query = sql.SQL(_FUNCTIONS).format(library=sql.Literal(self._runner.library))
        with closing(self.database.connect()) as connection:
            self._sets, self._procedural = connection.execute(query).fetchone() or (True, True)
        self._connection = self._connect()
        positions = self.instance.baseline.sequences
        calls = [
            f"setval('{name.replace(chr(39), chr(39) * 2)}', {state[0]}, {bool(state[1])})"
            for name, state in positions.items()
        ]
        self._restart = f"SELECT {', '.join(calls)}" if calls else ""

    def _connect(self) -> psycopg.Connection[Any]:
        connection = self.database.connect()
        connection.prepare_threshold = None  # DISCARD ALL takes prepared statements along
        if not self._procedural:
            # Else plan() makes the schema of temporary objects in each transaction, which takes
            # all plans along. Where it is not allowed, nothing is lost but time.
            send(connection, _TEMPORARY)
        return connection

    def begin_anew(self) -> None:
        """Go on as in a session of its own, as who runs a file by itself has one.

        DISCARD ALL leaves one thing behind: a setting of an application's is NULL until it is
        set, and empty afterwards. Only where that may have happened is the connection a new one.
        """
        if self._used or self._sets:
            self._connection.close()
            self._connection = self._connect()
            self._used = False

    def close(self) -> None:
        """Close the connection and drop the database."""
        self._connection.close()
        self.database.drop()

    def baseline(self, file: AssertionFile, times: int = 2) -> tuple[TestFile, Kills]:
        """A file on the unbroken schema, run twice: what is known of it, and what fails."""
        known = TestFile.of(file, 0.0)
        failed: Kills = {}
        seconds = 0.0
        for _ in range(times):
            started = time.perf_counter()
            failed |= self.kills(known, (), frozenset(How), self._runner.timeout)
            seconds = max(seconds, time.perf_counter() - started)
        return replace(known, seconds=seconds), failed

    def kills(
        self, test: TestFile, ddl: Sequence[str], wanted: frozenset[How], timeout: float = 0.0
    ) -> Kills:
        """Which assertions of a file notice a mutant, the first of each kind that is wanted."""
        limit = timeout or max(LEAST, SLACK * test.seconds)
        if test.commits:
            return self._apart(test, ddl, limit)
        run = _Run(test, "; ".join([*filter(None, [self._restart]), *ddl]), wanted & test.shows)
        try:
            run.execute(self._connection, self._runner, limit, self.database)
        finally:
            self._used = self._used or run.sets
            self._put_back()
        return run.found

    def _put_back(self) -> None:
        if self._connection.closed or self._connection.broken:
            self._connection.close()
            self._connection = self._connect()
            return
        self._connection.rollback()
        # The plans of the library's functions are half of what a file costs. Those of the schema's
        # own cannot stay: PL/pgSQL does not see that the type of a trigger's NEW.x is another one.
        answer = send(self._connection, _DISCARD if self._procedural else _KEEP_PLANS)
        if not answer:
            self._connection.close()
            self._connection = self._connect()

    @contextmanager
    def _with_server(self, creates: Collection[tuple[str, str]]) -> Iterator[None]:
        """The server for one file alone; what it made there, such as roles, is taken away.

        The state before it is what there is now: the role that all mutants share belongs to it.
        """
        template = self.instance.template
        with template.maintenance() as connection, server_lock(connection, exclusive=True):
            before, cluster = SharedState.of(connection), template.cluster
            try:
                yield
            finally:
                with closing(cluster.connect()) as other:
                    restore_server(
                        before, other, cluster.connect, owned=cluster.ephemeral, named=creates
                    )

    def _apart(self, test: TestFile, ddl: Sequence[str], limit: float) -> Kills:
        """A file that commits, on a clone with the mutant."""
        run = _Run(test, "", frozenset(How))
        alone = test.file.isolation is Isolation.SERVER
        with (
            self._with_server(test.file.creates) if alone else nullcontext(),
            self.instance.template.cloned() as database,
        ):
            with closing(database.connect()) as connection:
                for statement in ddl:
                    if not send(connection, statement):
                        return {}
            with closing(database.connect()) as connection:
                run.execute(connection, self._runner, limit, database)
        return run.found


@dataclass
class _Run:
    """One file with one mutant, until nothing more is wanted of it."""

    test: TestFile
    ddl: str
    wanted: frozenset[How]
    found: Kills = field(default_factory=dict)
    sets: bool = False
    """Whether it may have set an application's own setting."""
    _ended: bool = False
    _texts: dict[int, str] = field(default_factory=dict)

    def execute(
        self,
        connection: psycopg.Connection[Any],
        runner: Runner,
        limit: float,
        database: Database,
    ) -> None:
        """Run it; ``found`` has what was noticed."""
        if self.test.file.borrowed and runner.library:
            lend(connection, self.test.file.borrowed, runner.library)
        act_as(connection, runner.role)

        def serve(statement: Statement) -> Statement | None:
            if self._ended:
                return None
            self._texts[statement.line] = statement.sql
            self.sets = self.sets or _SETS.search(statement.sql) is not None
            if self.ddl and _BEGIN.match(bare(statement.sql)):
                begin = statement.sql.rstrip().rstrip(";")
                return statement._replace(sql=runner.as_superuser(f"{begin}; {self.ddl}"))
            return runner.serve(statement)

        session = Session(connection, limit, serve, database.connect, count=runner.count)
        reader = TapReader()
        last = Location(self.test.path, 1)
        for answer in session.run(self.test.file.script):
            if self._ended:
                continue  # what is under way is taken in, so that the connection is whole
            if answer.counted:
                tap.compare(reader, answer)
                continue
            last = answer.location
            before = len(reader.results)
            reader.feed("\n".join("|".join(v or "" for v in row) for row in answer.rows), last)
            for result in reader.results[before:]:
                if not result.outcome.ok:
                    self._notice(result.location, result.title)
            if answer.failure:
                where = answer.failure.location or last
                state = answer.failure.sqlstate
                self._notice(where, str(answer.failure), state[:2] in ("42", "XX"))
                self._ended = True
        if self._ended:
            session.abandon()
        else:
            reader.end(last)
        for problem in reader.problems:
            self._notice(problem.location, problem.title)

    def _notice(self, where: Location, title: str, crashes: bool = False) -> None:
        text = self._statement(where.line)
        how = How.STRUCTURE if asks_catalog(text) and not crashes else How.BEHAVIOUR
        self.found.setdefault(how, Kill(how, where, title.splitlines()[0], crashes))
        if self.wanted <= self.found.keys():
            self._ended = True

    def _statement(self, line: int) -> str:
        """The statement that stands on a line, or begins before it."""
        starts = [start for start in self._texts if start <= line]
        return self._texts[max(starts)] if starts else ""


@cache
def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)


@cache
def says(text: str, name: str) -> bool:
    """Whether a text has a name as a word."""
    return _word(name).search(text) is not None


def looks_everywhere(text: str) -> bool:
    """Whether code may ask the catalog about everything, rather than about what it names."""
    return _MANY.search(text) is not None


def asks_catalog(text: str) -> bool:
    """Whether code asserts something of the catalog, rather than of rows and answers."""
    return _STRUCTURE.search(text) is not None


def with_own(mutant: Mutant, names: Sequence[str]) -> list[str]:
    """Names of tables and views, and that of the mutant's object where it may stand alone.

    Whoever speaks of a column speaks of its table; a constraint or a trigger has its own name.
    """
    if not names or mutant.kind == "column":
        return [*names]
    return [*names, mutant.object.rpartition(".")[2].partition("(")[0]]


def chosen(tests: Sequence[TestFile], mutant: Mutant, names: Sequence[str]) -> Iterator[TestFile]:
    """The files that may notice a mutant: those that say one of the names, or ask the catalog.

    Costly ones come last, then what is quick comes first.
    """
    of_roles = mutant.kind in ("grant", "policy")
    spoken = with_own(mutant, names)

    def place(test: TestFile) -> tuple[bool, bool, float]:
        return test.is_costly, not test.looks_at_catalog, test.seconds

    for test in sorted(tests, key=place):
        if of_roles and not test.speaks_of_roles:
            continue  # its session may do everything
        if test.looks_at_catalog or not spoken or test.mentions(spoken):
            yield test
