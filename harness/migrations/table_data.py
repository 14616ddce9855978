"""Rows in every table, kept from revision to revision, and what became of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from harness.core.text import count
from harness.migrations.lock_observer import Relation, Watching, relations
from harness.migrations.scratch_database import Connections, is_superuser
from harness.postgres.schema_model import Name, Schema, Table
from harness.rowgen import Rows, Unsatisfiable

Contents = Mapping[Name, tuple[str, ...]]
"""Table -> its rows as JSON texts, sorted."""
_FILLED = ("ordinary", "partitioned")
_NO_TRIGGERS = "SET LOCAL session_replication_role = replica"


@dataclass
class Stock:
    """The rows of a database's tables, as last read."""

    connections: Connections
    rows: int
    contents: dict[Name, tuple[str, ...]] = field(default_factory=dict)
    known: dict[int, Relation] = field(default_factory=dict)
    """The relations, by OID."""
    notes: dict[Name, str] = field(default_factory=dict)
    """Tables that have no rows, and why."""
    tables: Mapping[Name, Table] = field(default_factory=dict)
    """The tables, as they were last read."""
    _schema: Schema | None = None
    _drawn: dict[tuple[str, int, int], list[str]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[Name, int]:
        """Rows of each table that has some."""
        return {name: len(rows) for name, rows in self.contents.items() if rows}

    def refresh(self, touched: Collection[Name] | None = None) -> None:
        """Read again what was touched (None: everything), and what is new."""
        self.known = relations(self.connections)
        stored = {one.name for one in self.known.values() if one.stored}
        stale = stored if touched is None else stored & ({*touched} | (stored - {*self.contents}))
        kept = {name: rows for name, rows in self.contents.items() if name in stored - stale}
        self.contents = kept | _read(self.connections, stale)
        self.notes = {name: why for name, why in self.notes.items() if name in stored}

    def schema(self) -> Schema:
        """The tables before the revision at hand."""
        if self._schema is None:
            self._schema = Schema.read(self.connections.observer, self.connections.ignored)
            self.tables = self._schema.by_name
        return self._schema

    def forget(self) -> None:
        """From now on there is another revision at hand."""
        self._schema = None

    def fill(self) -> None:
        """Put rows into each table without any."""
        empty = {one.name for one in self.known.values() if one.kind in "rp"}
        empty -= {*self.counts, *self.notes, *self._roots}
        if not empty:
            return
        try:
            with self.connections.hand.transaction():
                self._insert(empty)
                touched = Watching(self.connections, self.known, {}).held_for_writing()
        except psycopg.Error as error:  # what is only looked at when a transaction ends
            why = error.diag.message_primary or str(error)
            self.notes |= dict.fromkeys(empty, why)
            touched = frozenset()
        self.refresh(touched)

    @property
    def _roots(self) -> set[Name]:
        """Partitioned tables that have rows in a partition."""
        tables = [table for table in self.tables.values() if table.kind == "partitioned"]
        return {t.name for t in tables if any(child in self.counts for child in t.children)}

    def _insert(self, empty: Collection[Name]) -> None:
        schema = self.schema()
        source = self._source(schema)
        for table in schema:
            if table.name not in empty or table.is_partition or table.kind not in _FILLED:
                continue
            try:
                source.insert(table, self.rows)
            except Unsatisfiable as reason:
                self.notes[table.name] = str(reason).splitlines()[0]

    def _source(self, schema: Schema) -> Rows:
        """Rows that know what was drawn before of PostgreSQL's own types: it takes the time."""
        source = Rows(self.connections.hand, schema)
        drawn = source._pools._drawn
        drawn.update({key: texts for key, texts in self._drawn.items() if "." not in key[0]})
        self._drawn = drawn
        return source

    def clear(self) -> None:
        """Take all rows away."""
        names = [one.identifier for one in self.contents]
        with self.connections.hand.transaction():
            if is_superuser(self.connections.hand):
                self.connections.hand.execute(_NO_TRIGGERS)
            if names:
                statement = sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(names))
                self.connections.hand.execute(statement)
        self.refresh()


def lost(before: Contents, after: Contents) -> list[str]:
    """What was in tables before and is not there after, a line for each table."""
    return [
        line
        for name, rows in before.items()
        if rows != after.get(name, ()) and (line := _lost(name, rows, after.get(name, ())))
    ]


def _lost(name: Name, before: tuple[str, ...], after: tuple[str, ...]) -> str:
    gone = list((Counter(before) - Counter(after)).elements())
    if not gone:
        return ""
    if len(after) < len(before):
        missing = len(before) - len(after)
        return f"{name}: {missing} of {count(len(before), 'row')} gone, such as {gone[0]}"
    old, new = ([json.loads(row) for row in rows] for rows in (before, after))
    columns = [key for key in old[0] if _values(old, key) - _values(new, key)]
    shown = f"such as {gone[0]}, of which there is now {after[0]}"
    return f"{name}: values of {', '.join(columns) or 'several columns'} gone, {shown}"


def _values(rows: list[dict[str, Any]], key: str) -> Counter[str]:
    return Counter(json.dumps(row[key]) for row in rows if key in row)


def _read(connections: Connections, tables: Collection[Name]) -> dict[Name, tuple[str, ...]]:
    """The rows of tables, each as JSON text."""
    names = sorted(tables)
    if not names:
        return {}
    parts = (
        sql.SQL("SELECT {}, to_jsonb(t)::text FROM ONLY {} AS t").format(number, name.identifier)
        for number, name in enumerate(names)
    )
    found: dict[Name, list[str]] = {name: [] for name in names}
    for number, text in connections.observer.execute(
        sql.SQL(" UNION ALL ").join(parts), prepare=False
    ):
        found[names[number]].append(text)
    return {name: tuple(sorted(rows)) for name, rows in found.items()}
