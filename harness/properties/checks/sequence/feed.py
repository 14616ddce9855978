"""Feed: a column and the sequence that its values come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from harness.postgres.schema_model import Column, Name, Schema, Sequence, Table

_NEXTVAL = re.compile(r"^nextval\('(?P<name>(?:[^']|'')+)'::regclass\)")
_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
MAXIMA = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1}


@dataclass(frozen=True, slots=True)
class Feed:
    """A column of a table, fed by a sequence."""

    table: Table
    column: Column
    sequence: Sequence

    @property
    def is_key(self) -> bool:
        """Whether a number must not come twice: the column alone is a key."""
        return any(i.unique and i.columns == (self.column.name,) for i in self.table.indexes)

    @property
    def room(self) -> int | None:
        """The largest value that the column holds; None where nobody knows."""
        root = self.column.type.root.name
        if root == "numeric" and self.column.precision is not None:
            return int(10 ** (self.column.precision - (self.column.scale or 0))) - 1
        return MAXIMA.get(root)

    @property
    def nextval(self) -> sql.Composed:
        """The statement that takes a number."""
        name = sql.Literal(self.sequence.name.identifier.as_string())
        return sql.SQL("SELECT nextval({}::regclass)").format(name)


def feeds(table: Table, schema: Schema) -> Iterator[Feed]:
    """The columns of a table that sequences feed; a partition's are those of its parent."""
    for column in table.columns:
        sequence = None if column.inherited else _of(table, column, schema)
        if sequence is not None:
            yield Feed(table, column, sequence)


def _of(table: Table, column: Column, schema: Schema) -> Sequence | None:
    if column.identity is not None:
        return schema.sequence_of(table, column.name)
    match = _NEXTVAL.match(column.default or "")
    if match is None:
        return None
    named = _parts(match["name"].replace("''", "'"))
    return next((s for s in schema.sequences if _same(s.name, named)), None)


def _parts(text: str) -> list[str]:
    return [quoted.replace('""', '"') or plain for quoted, plain in _PART.findall(text)]


def _same(name: Name, parts: list[str]) -> bool:
    return [name.schema, name.name] == parts or [name.name] == parts
