"""Whether a server can resolve the names in a function's body: asked, and not guessed.

Each query of a PL/pgSQL body is shown to the server as the body of a function in SQL whose
parameters are the variables that it sees, by name and type: the server then resolves names as
it does when the query is run, and says where one does not. Nothing is ever executed, and all
of it is rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import psycopg
from psycopg import sql
from psycopg.errors import Diagnostic

from harness.core.errors import ServerError
from harness.lint._functions import Function
from harness.lint._plpgsql import labels, pieces
from harness.lint._plpgsql_pieces import Piece
from harness.lint._plpgsql_tokens import tokens
from harness.lint._wrapper_function import TAG, variables, wrapper_functions
from harness.lint.base import Connection

UNRESOLVED = ("3F000", "42703", "42704", "42883", "42P01")
"""Undefined schema, column, type, function, table."""
_CREATED = re.compile(
    r"\bCREATE\s+(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED|OR\s+REPLACE|RECURSIVE|MATERIALIZED)\s+)*"
    r"(?:TABLE|VIEW|SEQUENCE|FUNCTION|PROCEDURE|TYPE|SCHEMA|DOMAIN)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r'(?:\w+\s*\.\s*)?(?P<name>"[^"]+"|[A-Za-z_]\w*|\S)',
    re.IGNORECASE,
)
_INTO_NEW = re.compile(r'\bINTO\s+(?:TEMP|TEMPORARY|UNLOGGED)\s+(?:TABLE\s+)?"?(?P<name>\w+)', re.I)
_MOVES = re.compile(r"\bsearch_path\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
_SHADOWED = "42712"
_NOT_ALLOWED = "42501"
_WRONG = ("22", "3F", "42")
"""A constant that its type does not have, a missing schema, and class 42: syntax errors, and what
is undefined, ambiguous, or of a wrong type."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What the server says against a body, at the index of one of its characters."""

    offset: int
    sqlstate: str
    message: str


@dataclass(frozen=True)
class Resolver:
    """All bodies of a schema: what one of them creates, another may use."""

    connection: Connection
    functions: Sequence[Function]

    def unresolved(self, function: Function) -> Iterator[Objection]:
        """Names in a PL/pgSQL body that nothing has."""
        if self.moves(function):
            return
        undecided = labels(function.body) | function.transition_tables
        for piece in pieces(function.body, variables(function)):
            in_strings_too = set(_WORD.findall(piece.sql.lower()))  # nextval('scratch_id_seq')
            if not piece.words & (undecided | self.made) and not in_strings_too & self.made:
                yield from self._of(function, piece)

    @staticmethod
    def moves(function: Function) -> bool:
        """Whether a body sets search_path: which schemas are looked through only a run knows."""
        return bool(_MOVES.search(function.body))

    @staticmethod
    def has_no_rows(function: Function) -> bool:
        """Whether it speaks of a trigger's rows, and is no trigger's function yet."""
        words = {token.text for token in tokens(function.body)}
        return function.is_trigger and not function.tables and bool(words & {"new", "old"})

    @cached_property
    def warns(self) -> bool:
        """Whether the server would warn us of what it lets pass."""
        return self.connection.info.parameter_status("is_superuser") == "on"

    def compiled(self, function: Function) -> Iterator[Objection]:
        """What the server says when it creates the function again, bodies checked."""
        words = {token.text for token in tokens(function.body)}
        said = self._said(function, function.definition)
        told = said and said.sqlstate.startswith(_WRONG) and said.sqlstate != _NOT_ALLOWED
        if said and told and not (said.sqlstate in UNRESOLVED and words & self.made):
            start = function.definition.rfind(function.body)
            yield Objection(max(said.offset - start, 0), said.sqlstate, said.message)

    def warned(self, function: Function) -> Iterator[Objection]:
        """Variables that hide others, which the server can warn of but does not by itself.

        It only does so for a superuser.
        """
        if not self.warns:
            return
        heard: list[Objection] = []

        def hear(diag: Diagnostic) -> None:  # its fields are gone once we return
            heard.append(_objection(diag, _offset(diag)))

        with self._listening(hear):
            self._said(function, function.definition)
        start = function.definition.rfind(function.body)
        for one in dict.fromkeys(one for one in heard if one.sqlstate == _SHADOWED):
            yield Objection(max(one.offset - start, 0), one.sqlstate, one.message)

    @cached_property
    def made(self) -> frozenset[str]:
        """Names that bodies give to what they create; an empty one where it is put together."""
        found = (m["name"] for function in self.functions for m in _creations(function.body))
        return frozenset(map(_plain, found))

    def _of(self, function: Function, piece: Piece) -> Iterator[Objection]:
        """What none of the tables that the function is a trigger of can resolve."""
        shown = list(wrapper_functions(function, piece))
        said = [self._said(function, statement) for statement in shown]
        first = said[0] if said and all(said) else None
        if first and first.sqlstate in self._told(function):
            offset = first.offset - shown[0].index(TAG) - len(TAG) - piece.lead
            if offset >= 0:  # below it is about a variable's type
                yield _named(piece, Objection(offset + piece.lead, first.sqlstate, first.message))

    def _told(self, function: Function) -> Collection[str]:
        """What is wrong for sure: not a missing table where the body makes up names of some."""
        makes_up = any(not _plain(match["name"]) for match in _creations(function.body))
        unsure = {"42P01"} if makes_up else set[str]()
        if "use_variable" in function.body:  # where we take the column, of another type perhaps
            unsure.add("42883")
        return [code for code in UNRESOLVED if code not in unsure]

    def _said(self, function: Function, statement: str) -> Objection | None:
        """What is said under every search_path that a caller could have; None for nothing."""
        first: Objection | None = None
        for path in self._paths(function):
            said = self._under(path, function, statement)
            if said is None:
                return None
            first = first or said
        return first

    def _paths(self, function: Function) -> list[str | None]:
        """The one that a function sets; else the database's, then one with every schema."""
        own = [s.partition("=")[2] for s in function.settings if s.startswith("search_path=")]
        if own:
            return [*own]
        others = [name for name in self._schemas if name != function.schema]
        every = [sql.Identifier(name).as_string() for name in (function.schema, *others)]
        return [None, ", ".join(every)]

    @cached_property
    def _schemas(self) -> list[str]:
        query = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY nspname"
        return [row[0] for row in self.connection.execute(query)]

    def _under(self, path: str | None, function: Function, statement: str) -> Objection | None:
        """What is said under a search_path, at the index of a character of the statement."""
        diag = self._refused(path, statement)
        if diag is None:
            return None
        offset, start = _offset(diag), statement.rfind(function.body)
        if offset < 0 <= start:
            further = self._refused(path, f"{statement[:start]}\n{statement[start:]}")
            line = _grown(diag.context or "", further.context or "" if further else "")
            offset = start + _start(function.body, line) if line else -1
        return _objection(diag, offset)

    def _refused(self, path: str | None, statement: str) -> Diagnostic | None:
        """What the server has against a statement, which is undone."""
        try:
            with self.connection.transaction(force_rollback=True):
                if path is not None:
                    self.connection.execute("SELECT set_config('search_path', %s, true)", [path])
                self.connection.execute("SET LOCAL check_function_bodies = on")
                self.connection.execute(statement.encode())
        except psycopg.OperationalError as error:  # lost, cancelled, out of locks: no answer
            said = f"{error.sqlstate or ''} {error}".strip()
            raise ServerError(f"the server gives no answer: {said}") from None
        except psycopg.Error as error:
            return error.diag
        return None

    @contextmanager
    def _listening(self, hear: Callable[[Diagnostic], None]) -> Iterator[None]:
        """Have the server warn of variables that hide others."""
        self.connection.add_notice_handler(hear)
        try:
            with self.connection.transaction(force_rollback=True):
                self.connection.execute("SET LOCAL plpgsql.extra_warnings = 'shadowed_variables'")
                yield
        finally:
            self.connection.remove_notice_handler(hear)


def _objection(diag: Diagnostic, offset: int) -> Objection:
    """What the server said about a statement, at the index of a character of it; or -1."""
    return Objection(offset, diag.sqlstate or "", diag.message_primary or "")


def _offset(diag: Diagnostic) -> int:
    """The index in a statement that is meant; -1 where the server does not say."""
    return int(diag.statement_position or 0) - 1


def _grown(context: str, further: str) -> int:
    """The line that a context names, in whatever language; 0 where it names none.

    ``further`` is the context with the body one line further down: of all numbers in it, those of
    names too, only the line's has grown.
    """
    numbers = [list(map(int, _NUMBER.findall(text))) for text in (context, further)]
    pairs = zip(*numbers, strict=True) if len(numbers[0]) == len(numbers[1]) else ()
    return next((line for line, later in pairs if later == line + 1), 0)


def _start(body: str, line: int) -> int:
    """The index of a line's first character."""
    return sum(len(text) + 1 for text in body.split("\n")[: line - 1])


def _named(piece: Piece, said: Objection) -> Objection:
    """An objection to a query as one to the body; a field that a variable lacks is called so.

    The server takes ``new.x`` for a table's column where the variable has no such field.
    """
    place = piece.start + said.offset - piece.lead
    following = tokens(piece.sql[said.offset :])[:3]
    if said.sqlstate == "42P01" and len(following) == 3 and following[0].text in piece.types:
        message = f'variable "{following[0].text}" has no field "{following[2].text}"'
        return Objection(place, "42703", message)
    return Objection(place, said.sqlstate, said.message)


def _creations(body: str) -> Iterator[re.Match[str]]:
    return chain(_CREATED.finditer(body), _INTO_NEW.finditer(body))


def _plain(name: str) -> str:
    """A name as tokens have it; empty for what is no name but put together."""
    if name.startswith('"'):
        return name[1:-1]
    return name.lower() if re.match(r"\w", name) else ""
