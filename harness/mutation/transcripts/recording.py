"""Recording: the steps that properties and probes took, as transcripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from psycopg import sql

from harness.mutation.declared import Declared
from harness.mutation.transcripts.transcript import RecordedStatement, Transcript
from harness.postgres.schema_model import Name, Schema, Sequence
from harness.properties.base import Decision, Role, Step
from harness.properties.evidence import settled

PUBLIC = "harness_public"
"""The role of `harness.properties` that has what PUBLIC has; made once for all transcripts."""
_ENDS = re.compile(r"\s*(?:BEGIN|COMMIT|ROLLBACK|START|DISCARD)\b", re.IGNORECASE)
_CATALOG = re.compile(r"\bpg_(?:catalog\.)?(?:policy|proc|class|roles|rewrite)\b")
_OF_NUMBERS = ("sequence", "numbers", "default", "defaults")
"""Checks that leave it to the server which number a row gets."""
_AS_OTHERS = re.compile(r"SET LOCAL ROLE|SELECT has_\w+_privilege")
_MADE = re.compile(r"\s*CREATE ROLE\b")


def recorded(declared: Declared, decisions: Iterable[Decision], everybody: str) -> list[Transcript]:
    """A transcript for each decision that one session has come to; its transaction stays open.

    ``everybody`` is a role that has nothing but what PUBLIC has.
    """
    writer = _Writer(declared, everybody)
    return [
        transcript
        for decision in decisions
        if (transcript := writer.transcript(decision)) is not None
    ]


def _fed_by(sequence: Sequence, schema: Schema) -> Iterator[Name]:
    """The table that owns it, or those whose defaults and triggers name it."""
    if sequence.table is not None:
        yield sequence.table
        return
    for table in schema:
        sources = [*(c.default or "" for c in table.columns), *(t.source for t in table.triggers)]
        if any(sequence.name.name in source for source in sources):
            yield table.name


class _Writer:
    def __init__(self, declared: Declared, everybody: str) -> None:
        self._everybody, schema = everybody, declared.schema
        # Property checks quote every name: "public"."tasks".
        self._names = {table.identifier.as_string(): table.name for table in schema}
        self._sequences: dict[Name, list[str]] = {}
        for sequence in schema.sequences:
            at, given = declared.positions.get(sequence.name, (sequence.start, False))
            text = sql.SQL("setval({}, {}, {})").format(
                sql.Literal(sequence.name.identifier.as_string()), at, sql.SQL(str(given).lower())
            )
            for table in _fed_by(sequence, schema):
                self._sequences.setdefault(table, []).append(text.as_string())

    def transcript(self, decision: Decision) -> Transcript | None:
        prop, steps = decision.prop, decision.evidence
        if any(step.session or _ENDS.match(step.sql) for step in steps):
            return None  # it needs sessions of its own, or commits
        # Later statements name the numbers that the row was given when it was recorded.
        by_number = prop.check not in _OF_NUMBERS
        statements = tuple(self._statements(settled(steps) if by_number else steps))
        if not statements:
            return None
        text = "\n".join(statement.sql for statement in statements)
        touches = frozenset(name for written, name in self._names.items() if written in text) | {
            prop.table
        }
        others = any(_AS_OTHERS.match(statement.sql) for statement in statements)
        calls = [call for name in sorted(touches) for call in self._sequences.get(name, ())]
        restart = f"SELECT {', '.join(calls)}" if calls else ""
        return Transcript(
            prop.id, prop.check, prop.table, prop.object, statements, touches, restart, others
        )

    def _statements(self, steps: Iterable[Step]) -> Iterator[RecordedStatement]:
        for step in steps:
            text = step.sql.replace(PUBLIC, self._everybody)
            looks = step.role in (Role.ASIDE, Role.LOOK)
            if _MADE.match(text) or (looks and _CATALOG.search(text)):
                continue  # made once for all; what the catalog says is no behaviour
            yield RecordedStatement(
                text, step.undone or step.role is Role.ASIDE, step.late, step.block
            )
