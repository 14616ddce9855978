"""Attempts: statements tried as somebody, many to a round trip, each undone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, NamedTuple

import psycopg

_TRY = """
    SELECT pg_temp.harness_attempt(
        a ->> 'actor', a -> 'settings', (a -> 'is_query')::boolean, a ->> 'before', a ->> 'command',
        a ->> 'look', a -> 'viewers', (a -> 'as_replica')::boolean
    )
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS t (a, n)
    ORDER BY n
"""
_BY_POLICY = "ExecWithCheckOptions"
_BROKEN = ("42501", "42704", "42P01", "42P17", "42703", "42883", "3F000", "54001")
_RETRIED = ("23503", "23505", "23514", "23502", "P0001")


class Actor(NamedTuple):
    """Who acts: a role to be, and settings; None is a session in which none was ever set."""

    role: str | None
    settings: Mapping[str, str] | None


class Viewer(NamedTuple):
    """Somebody who looks afterwards, and the query."""

    actor: Actor
    query: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A statement of somebody."""

    actor: Actor
    command: str
    is_query: bool = False
    """It returns one array of texts."""
    before: str | None = None
    """What the superuser does first."""
    look: str | None = None
    """A query of the superuser's for what is left afterwards."""
    viewers: Sequence[Viewer] = ()
    as_replica: bool = False
    """Without triggers and foreign keys."""


class Answer(NamedTuple):
    """What came of an attempt."""

    state: str = ""
    """SQLSTATE; empty where it was accepted."""
    message: str = ""
    constraint: str = ""
    function: str = ""
    """Of 42501: where in the server's source code it was raised."""
    found: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    others: tuple[frozenset[str], ...] = ()

    @property
    def refused(self) -> str:
        """``privilege``, ``policy`` or ``SQLSTATE``; empty where it is permitted.

        Row level security is checked before NOT NULL, CHECK and keys: 23xxx is permitted.
        """
        if not self.state or self.state.startswith("23"):
            return ""
        if self.state == "44000":
            return "check option"
        if self.state != "42501":
            return self.state
        return "policy" if self.function == _BY_POLICY else "42501"

    @property
    def is_of_condition(self) -> bool:
        """Whether it is an error that evaluating a condition ends with, whatever is written.

        Several rows for one, a value that is no number, a name or right that is missing,
        recursion.
        """
        return self.state[:2] in ("21", "22") or self.state in _BROKEN


@dataclass
class Attempts:
    """Where attempts are made: sessions of a superuser in a database of ours.

    A custom setting that was set once is never NULL again in its session, so whoever has no
    settings acts in a session of his own.
    """

    connection: psycopg.Connection[Any]
    fresh: psycopg.Connection[Any]
    """A session in which nothing is ever set."""
    count: int = 0
    _functions: dict[str, str] = field(default_factory=dict)
    """Message of a 42501 -> the server's function that raises it."""
    _cursors: dict[bool, psycopg.RawCursor[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Create what tries."""
        text = (files("harness.access") / "sql" / "attempt.sql").read_text("utf-8")
        for unset, connection in ((False, self.connection), (True, self.fresh)):
            connection.execute("SET jit = off; SET client_min_messages = error")
            connection.execute("SET statement_timeout = '20s'")
            connection.execute(text.encode())
            self._cursors[unset] = psycopg.RawCursor(connection)

    def make(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """Try each of these by itself; the answers in their order."""
        answers: dict[int, Answer] = {}
        for unset in (False, True):
            some = [(n, one) for n, one in enumerate(attempts) if _unset(one) is unset]
            answers |= self._made(self._cursors[unset], some)
        self.count += len(attempts)
        return [answers[n] for n in range(len(attempts))]

    def _made(
        self, cursor: psycopg.RawCursor[Any], some: Sequence[tuple[int, Attempt]]
    ) -> dict[int, Answer]:
        if not some:
            return {}
        given = json.dumps([_fields(one) for _, one in some])
        rows = cursor.execute(_TRY, [given]).fetchall()
        answers = {n: _answer(row[0]) for (n, _), row in zip(some, rows, strict=True)}
        for n, one in some:
            if answers[n].state == "42501":
                answers[n] = answers[n]._replace(function=self._raised_by(one, answers[n], cursor))
        return answers

    def _raised_by(self, one: Attempt, answer: Answer, cursor: psycopg.RawCursor[Any]) -> str:
        """A policy and a missing privilege have one SQLSTATE; PL/pgSQL is not told which it was.

        So the first refusal with a message is made again outside of it.
        """
        if answer.message not in self._functions:
            connection = cursor.connection
            try:
                with connection.transaction(force_rollback=True):
                    if one.as_replica:
                        connection.execute("SET LOCAL session_replication_role = replica")
                    for name, value in (one.actor.settings or {}).items():
                        connection.execute("SELECT set_config(%s, %s, true)", [name, value])
                    connection.execute("SELECT set_config('role', %s, true)", [one.actor.role])
                    connection.execute(one.command.encode())
                self._functions[answer.message] = ""
            except psycopg.Error as error:
                self._functions[answer.message] = error.diag.source_function or ""
        return self._functions[answer.message]


def retried(attempts: Attempts, some: Sequence[Attempt]) -> list[Answer]:
    """The same, and once more without triggers and foreign keys what those refuse."""
    answers = attempts.make(some)
    again = [n for n, a in enumerate(answers) if a.state in _RETRIED and not some[n].as_replica]
    plain = attempts.make([_as_replica(some[n]) for n in again])
    for n, answer in zip(again, plain, strict=True):
        answers[n] = answer
    return answers


def _as_replica(one: Attempt) -> Attempt:
    return Attempt(
        one.actor, one.command, one.is_query, one.before, one.look, one.viewers, as_replica=True
    )


def _unset(one: Attempt) -> bool:
    return one.actor.settings is None


def _fields(one: Attempt) -> dict[str, Any]:
    # Those who look have settings, which nobody's session must not get.
    viewers = () if _unset(one) else one.viewers
    return {
        "actor": one.actor.role,
        "settings": one.actor.settings or {},
        "is_query": one.is_query,
        "before": one.before,
        "command": one.command,
        "look": one.look,
        "viewers": [[v.actor.role, v.actor.settings or {}, v.query] for v in viewers],
        "as_replica": one.as_replica,
    }


def _answer(said: dict[str, Any]) -> Answer:
    if said.get("state"):
        return Answer(said["state"], said["message"] or "", said["constraint"] or "")
    others = tuple(frozenset(other or ()) for other in said["others"])
    return Answer(
        found=frozenset(said["found"] or ()),
        left=frozenset(said["left"] or ()),
        others=others,
    )
