"""Catalogs of one database, one after another: read is only what has changed since the last."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from harness.postgres.snapshot.marks import SHARE, Marks
from harness.postgres.snapshot.queries import kinds
from harness.postgres.snapshot.snapshot import Catalog, rows

_FEW = 600


@dataclass(frozen=True)
class _State:
    """A catalog, and what to find it by."""

    marks: Marks
    catalog: Catalog
    held: Mapping[int, list[tuple[str, str]]]
    """Unit -> kind and identity of its objects."""


@dataclass
class Succession:
    """Reads the catalog of a connection's database again and again.

    What it gives is what ``Catalog.of`` would, with the same arguments. The transactions that
    change the database have to be others than the one that this connection is in.
    """

    connection: psycopg.Connection[Any]
    ignore: Collection[str] = ()
    tables: Collection[tuple[str, str]] = ()
    few: int = _FEW
    """Objects that are read all at once: of so few it takes longer to find out what changed."""
    share: float = SHARE
    """Of all objects; where more than this have changed, everything is read."""
    _last: _State | None = None
    _large: bool = False

    def catalog(self) -> Catalog:
        """What the database contains now."""
        if not self._large:
            catalog = Catalog.of(self.connection, self.ignore, self.tables)
            self._large = len(catalog) >= self.few
            return catalog
        self._last = self._state(Marks.of(self.connection, self.ignore), self._last)
        return self._last.catalog

    def _state(self, marks: Marks, last: _State | None) -> _State:
        units = marks.changed(last.marks, self.connection, self.share) if last else None
        if last is None or units is None:
            return self._read(marks)
        state = self._read(marks, last, units)
        before, after = last.catalog.objects["schema"], state.catalog.objects["schema"]
        # A schema that nobody looked at has come into sight, with all that was in it before.
        return state if before.keys() == after.keys() else self._read(marks)

    def _read(
        self, marks: Marks, last: _State | None = None, units: Collection[int] | None = None
    ) -> _State:
        """Everything; after a last state these units, and what is no unit's."""
        version = self.connection.info.server_version // 10000
        before: Mapping[str, Mapping[str, str]] = last.catalog.objects if last else {}
        held = dict(last.held) if last else {}
        gone = [one for unit in (0, *(units or ())) for one in held.pop(unit, ())]
        found = rows(self.connection, self.ignore, self.tables, units, by_unit=True)
        changed = {kind for kind, _ in gone} | {row[0] for row in found}
        own = {kind: dict(before.get(kind, {})) for kind in changed}
        for kind, identity in gone:
            own[kind].pop(identity, None)
        added: dict[int, list[tuple[str, str]]] = {}
        for kind, identity, definition, unit in found:
            own[kind][identity] = definition
            added.setdefault(unit, []).append((kind, identity))
        held |= {unit: [*held.get(unit, ()), *several] for unit, several in added.items()}
        objects = {kind: own.get(kind, before.get(kind, {})) for kind in kinds(version)}
        return _State(marks, Catalog(objects), held)
