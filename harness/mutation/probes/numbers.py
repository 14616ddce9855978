"""Sequences: the first numbers after RESTART, and those at both ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Schema
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext


class Numbers:
    """What a sequence gives, one number after the other."""

    id: ClassVar[str] = "numbers"
    group: ClassVar[str] = "sequences"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/sql-createsequence.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each sequence, with its table where a column owns it."""
        for sequence in schema.sequences:
            yield Property(self.id, sequence.table or sequence.name, sequence.name.name)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Start it anew, take numbers, and go to its ends."""
        sequence = next(
            one
            for one in context.schema.sequences
            if one.name.name == prop.object and prop.table in (one.table, one.name)
        )
        name = sequence.name.identifier
        called = sql.Literal(name.as_string())
        following = sql.SQL("SELECT nextval({})").format(called)
        context.keep(sql.SQL("ALTER SEQUENCE {} RESTART").format(name))
        context.query(following)
        context.query(sql.SQL("SELECT last_value, is_called FROM {}").format(name))
        context.query(following)
        ends = (sequence.minimum, sequence.maximum)
        last, first = ends[::-1] if sequence.increment > 0 else ends
        for number in (first, last, first - 1, last + 1):
            with suppress(Undecided, Failed):
                at = sql.SQL("SELECT setval({}, {})").format(called, sql.Literal(number))
                if context.attempt(at, keep=True):
                    context.attempt(following)
        return ""
