"""Runs one script of a migration, in the transaction that its tool gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from harness.core.errors import ServerError
from harness.core.results import Location
from harness.postgres import standins
from harness.postgres.connection import CloneConnection
from harness.postgres.psql import Reconnect, Script, Statement
from harness.postgres.psql.lexer import bare
from harness.postgres.session import Answer, Failure, Session, transaction_control
from harness.sources._elsewhere import with_maker
from harness.sources.base import MigrationError, TimedOut
from harness.sources.remedies import with_remedy

LONGEST = 3600.0
_limit: ContextVar[float] = ContextVar("limit", default=LONGEST)
_UNHOLDABLE = re.compile(
    r"(?:CREATE|DROP|REINDEX|ALTER)\b.*\bCONCURRENTLY\b|VACUUM\b|ALTER SYSTEM\b|DISCARD ALL\b"
    r"|(?:CREATE|DROP) (?:DATABASE|TABLESPACE|SUBSCRIPTION)\b"
    r"|REINDEX (?:\(.*?\) ?)?(?:DATABASE|SYSTEM|SCHEMA)\b"
)
_MAY_BE_REPLACED = re.compile("database|schema|extension", re.IGNORECASE)

MAINTENANCE = frozenset({"postgres", "template0", "template1"})
"""Databases that every server has; who alters one of them means the one with the schema."""
_ABOUT = re.compile(r"(?P<verb>CREATE|DROP|ALTER|COMMENT ON|(?:GRANT|REVOKE) .*? ON) DATABASE ")
_NAMED = re.compile(
    r'\bDATABASE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?P<name>"(?:[^"]|"")+"|[\w$]+)', re.IGNORECASE
)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Give each statement of the scripts that are run within the block so many seconds."""
    before = _limit.set(seconds)
    try:
        yield
    finally:
        _limit.reset(before)


Watch = Callable[[psycopg.Connection[Any], Answer], None]
"""Told of each statement that succeeded, its transaction still open where there is one."""


class WatchedConnection(CloneConnection):
    """A connection that tells of each statement of the scripts that are run on it."""

    limit: float = 0
    """Seconds that a statement may take; 0: what ``limited`` says."""
    _watch: Watch | None = None

    @contextmanager
    def watched(self, watch: Watch) -> Iterator[None]:
        """Tell ``watch`` of what runs within the block."""
        self._watch = watch
        try:
            yield
        finally:
            self._watch = None

    def ran(self, answer: Answer) -> None:
        """A statement of a script has succeeded."""
        if self._watch:
            self._watch(self, answer)


def run(
    connection: psycopg.Connection[Any],
    script: Script,
    *,
    wrapped: bool,
    inside: bool = False,
    end: str = "COMMIT",
    last: Callable[[], None] = lambda: None,
    serve: Callable[[Statement], Statement | None] = lambda statement: statement,
    own: Collection[str] = (),
) -> None:
    """Run a script in a transaction around it, or, not ``wrapped``, as it says itself.

    ``inside``: in the transaction that the caller has begun and ends with ``commit``.
    ``last`` is called where the tool would note that it was run, and may raise. ``serve`` gives
    what is sent for a statement; None for nothing. ``own`` are names that the database has
    elsewhere. Raises MigrationError, ScriptError, and ServerError where the server is lost or has
    no room. Whatever transaction is open by then is rolled back; to leave one open is an error,
    since what was done in it would be lost.
    """
    script.check()
    try:
        if wrapped:
            connection.execute("BEGIN", prepare=False)  # a script may DEALLOCATE ALL
        _run(connection, script, serve, own)
        if inside:
            last()
        elif wrapped:
            last()
            _end(connection, script, end)
        else:
            _ended(connection, script)
            last()
    except BaseException:
        abandon(connection)
        raise


def commit(connection: psycopg.Connection[Any], script: Script) -> None:
    """End the transaction of several scripts, the last of which is given. Raises MigrationError."""
    try:
        _end(connection, script, "COMMIT")
    except BaseException:
        abandon(connection)
        raise


def abandon(connection: psycopg.Connection[Any]) -> None:
    """Roll back where a transaction is open."""
    if not connection.closed and not _idle(connection):
        connection.execute("ROLLBACK", prepare=False)


def in_one_message(script: Script) -> bool:
    """Whether the server would run a script in one transaction if it came as one message.

    Several statements in a message share an implicit transaction, a single one has none
    around it, and where a script controls its transactions itself it has its own.
    """
    statements = list(script.statements())
    return len(statements) > 1 and not any(transaction_control(s.sql) for s in statements)


def unholdable(statement: Statement) -> bool:
    """Whether PostgreSQL refuses a statement inside a transaction."""
    return bool(_UNHOLDABLE.match(bare(statement.sql)))


def _run(
    connection: psycopg.Connection[Any],
    script: Script,
    serve: Callable[[Statement], Statement | None],
    own: Collection[str],
) -> None:
    def served(statement: Statement) -> Statement | None:
        wanted = serve(statement)
        if wanted is None or not _MAY_BE_REPLACED.search(wanted.sql):
            return wanted
        return _in_place(connection, wanted, own)

    own_limit = connection.limit if isinstance(connection, WatchedConnection) else 0
    limit = own_limit or _limit.get()
    session = Session(
        connection,
        limit,
        served,
        pipelined=False,
        anew=lambda item: _anew(connection, item),
    )
    for answer in session.run(script):
        if answer.failure and answer.failure.unanswered:
            raise TimedOut(answer.location, answer.failure)
        if answer.failure and answer.failure.of_machine:
            raise ServerError(f"{answer.location}: {answer.failure}")
        if answer.failure:
            failure = with_maker(with_remedy(answer.failure), answer.location.path)
            raise MigrationError(answer.location, failure)
        if isinstance(connection, WatchedConnection):
            connection.ran(answer)


def _in_place(
    connection: psycopg.Connection[Any], statement: Statement, own: Collection[str]
) -> Statement | None:
    """What is sent for a statement: another about the run's database, the library or a stand-in."""
    wanted = _about_run_database(connection, own, statement)
    wanted = None if wanted is None else standins.around_library(connection, wanted)
    if wanted is None or standins.asked(wanted) is None:
        return wanted
    if name := standins.withheld(connection, wanted):
        absent = Failure(f'extension "{name}" is not available', "0A000")
        raise MigrationError(Location(wanted.path, wanted.line), with_remedy(absent))
    loads = standins.loads(connection, wanted)
    return wanted if loads and has_stand_ins(connection) else standins.in_place(wanted, loads)


def _about_run_database(
    connection: psycopg.Connection[Any], own: Collection[str], statement: Statement
) -> Statement | None:
    """The statement about the run's database; None where it makes or drops it under a name.

    ``ALTER DATABASE shop SET ...`` and ``GRANT ... ON DATABASE shop`` are about the database that
    the schema is applied to, which is called differently here.
    ``own`` are names that it has. A database that the server has beside it is left to its name.
    """
    if "DATABASE" not in statement.sql.upper():
        return statement
    about, found = _ABOUT.match(bare(statement.sql)), _NAMED.search(statement.sql)
    if about is None or found is None:
        return statement
    text = found["name"]
    name = text[1:-1].replace('""', '"') if text.startswith('"') else text.lower()
    if about["verb"] in ("CREATE", "DROP"):
        return None if name in own else statement
    if not (name in own or name in MAINTENANCE or not _exists(connection, name)):
        return statement
    current = sql.Identifier(connection.info.dbname).as_string(connection)
    start, end = found.span("name")
    changed = statement.sql[:start] + current + statement.sql[end:]
    return statement._replace(sql=changed)


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    query = "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = %s)"
    return connection.execute(query, [name], prepare=False).fetchone() == (True,)


def _anew(connection: psycopg.Connection[Any], item: Reconnect) -> None:
    r"""What ``\c`` makes of the session; a user that it names is the session's from there on."""
    afresh(connection)
    if item.user and item.user != connection.info.user:
        text = sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(item.user))
        try:
            connection.execute(text, prepare=False)
        except psycopg.Error as error:
            said = Failure(error.diag.message_primary or str(error), error.sqlstate or "")
            raise MigrationError(Location(item.path, item.line), with_remedy(said)) from None


def has_stand_ins(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server itself finds pgcrypto and uuid-ossp, real ones or stand-ins."""
    query = "SELECT count(*) FROM pg_available_extensions WHERE name = ANY (%s)"
    return connection.execute(query, [[*standins.VERSIONS]]).fetchone() == (len(standins.VERSIONS),)


def _end(connection: psycopg.Connection[Any], script: Script, end: str) -> None:
    """End the transaction; what deferred constraints refuse now is of the last line."""
    try:
        connection.execute(end.encode(), prepare=False)
    except psycopg.Error as error:
        diag = error.diag
        failure = Failure(
            f"at {end}: {diag.message_primary or error}",
            error.sqlstate or "",
            diag.message_detail or "",
            diag.message_hint or "",
        )
        raise MigrationError(_last(script), failure) from None


def _ended(connection: psycopg.Connection[Any], script: Script) -> None:
    """Raise MigrationError where a script has begun a transaction and not ended it."""
    if not _idle(connection):
        raise MigrationError(_last(script), Failure("a transaction is left open: no COMMIT"))


def _last(script: Script) -> Location:
    return Location(script.path, max(script.content.count(b"\n"), 1))


def _idle(connection: psycopg.Connection[Any]) -> bool:
    return connection.info.transaction_status == TransactionStatus.IDLE


_CAN_ACT = """
    SELECT current_setting('server_version_num')::int >= 150000
        AND (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)
        AND EXISTS (SELECT FROM pg_roles WHERE rolname = %s AND NOT rolsuper)
"""


def can_act_as(connection: psycopg.Connection[Any], role: str) -> bool:
    """Whether a session may become that of a role, who may set what platforms let it set.

    Not where the session is no superuser's, or the role is one (as on most named servers), and
    not before PostgreSQL 15, where no role may be granted a setting.
    """
    return connection.execute(_CAN_ACT, [role], prepare=False).fetchone() == (True,)


@contextmanager
def acting_as(connection: psycopg.Connection[Any], role: str) -> Iterator[None]:
    """The session is a role's for the length of a block, if ``can_act_as``."""
    if not can_act_as(connection, role):
        yield
        return
    name = sql.Identifier(role)
    connection.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(name), prepare=False)
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute(b"SET SESSION AUTHORIZATION DEFAULT", prepare=False)


_AFRESH = """
    CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *;
    SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES
"""
"""DISCARD ALL, but for the statements that the driver has prepared."""

_AS_CONNECTED = """
    SELECT set_config(split_part(one, '=', 1), substr(one, strpos(one, '=') + 1), false)
    FROM pg_db_role_setting
    CROSS JOIN unnest(setconfig) AS one
    LEFT JOIN pg_settings AS known ON lower(known.name) = lower(split_part(one, '=', 1))
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
        AND split_part(one, '=', 1) <> 'client_encoding'
        AND (known.context IS NULL OR known.context = 'user'
            OR known.context = 'superuser' AND current_setting('is_superuser') = 'on')
    ORDER BY setrole <> 0, setdatabase <> 0
"""
"""ALTER DATABASE ... SET and ALTER ROLE ... SET as a new connection takes them, the strongest last;
what the client asked for when it connected outdoes them."""

_DEFAULT_SCHEMA = """
    BEGIN; SET LOCAL search_path TO DEFAULT; SELECT current_schema(); ROLLBACK
"""


def afresh(connection: psycopg.Connection[Any]) -> None:
    """Make a session as good as that of a new connection."""
    connection.execute(_AFRESH, prepare=False)
    connection.execute(_AS_CONNECTED, prepare=False)


def settings_of(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """What a session has set by now, name and value; the role is the last."""
    query = (files("harness.sources") / "session_settings.sql").read_bytes()
    return connection.execute(query, prepare=False).fetchall()


def default_schema(connection: psycopg.Connection[Any]) -> str | None:
    """Where a new connection of this user creates what has no schema; outside a transaction."""
    cursor = connection.execute(_DEFAULT_SCHEMA, prepare=False)
    while cursor.description is None:
        cursor.nextset()
    row = cursor.fetchone()
    assert row is not None
    return None if row[0] is None else str(row[0])


def refuse(path: Path, message: str) -> MigrationError:
    """The error for a file after which the tool itself would not go on."""
    return MigrationError(Location(path, 1), Failure(message))
