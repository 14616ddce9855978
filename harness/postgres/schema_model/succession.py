"""Schemas of one database, one after another: read is only what has changed since the last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import psycopg

from harness.postgres.schema_model.reading import Known
from harness.postgres.schema_model.schema import Schema
from harness.postgres.snapshot.marks import SHARE, Marks

_FEW = 20


@dataclass
class SchemaSuccession:
    """Reads the tables of a connection's database again and again.

    What it gives is what ``Schema.read`` would, with the same arguments. The transactions that
    change the database have to be others than the one that this connection is in.
    """

    connection: psycopg.Connection[Any]
    ignore: Collection[str] = ()
    bookkeeping: Collection[str] = ()
    few: int = _FEW
    """Tables that are read all at once: of so few it takes longer to find out what changed."""
    share: float = SHARE
    """Of all objects; where more than this have changed, everything is read."""
    _last: tuple[Marks, Known] | None = None
    _large: bool = False

    def schema(self) -> Schema:
        """The tables now."""
        ignore = list(self.ignore)
        if not self._large:
            known = Known.of(self.connection, ignore)
            self._large = len(known.rows) >= self.few
        else:
            marks, last = Marks.of(self.connection, ignore), self._last
            units = marks.changed(last[0], self.connection, self.share) if last else None
            before = last[1] if last and units is not None else None
            known = Known.of(self.connection, ignore, before, units or ())
            self._last = marks, known
        return Schema.made(known.tables, known.sequences, known.encoding, self.bookkeeping)
