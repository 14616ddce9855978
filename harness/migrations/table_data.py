"""Rows in every table, kept from revision to revision."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import psycopg
from psycopg import sql

from harness.migrations.bulk_rows import multiply
from harness.migrations.lock_observer import LockObserver, Relation, relations
from harness.migrations.losses import Moment
from harness.migrations.scratch_database import Connections, is_superuser, query
from harness.postgres.schema_model import Column, Constraint, Name, Schema, Table
from harness.rowgen import Rows, Unsatisfiable

Given = Mapping[str, str | None]
"""Column -> a value that a row must have, as text."""
_FILLED = ("ordinary", "partitioned")
_UNUSUAL = 8
"""Rows that hold what a column may hold beside its default."""
_TEXTS = ("text", "varchar")
_LITERAL = re.compile(r"'(?:[^']|'')+'::")
_NO_TRIGGERS = "SET LOCAL session_replication_role = replica"


@dataclass(frozen=True)
class Fitting:
    """What rows must fit that the tables do not ask for yet."""

    keys: Mapping[Name, Sequence[Constraint]] = field(default_factory=dict)
    """Table -> foreign keys."""
    values: Mapping[Name, Sequence[Given]] = field(default_factory=dict)
    """Table -> values for its rows."""


@dataclass
class TableData:
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
    fitting: Fitting = field(default_factory=Fitting)
    """Of the revision at hand."""
    seed: int = 0
    """Another one gives other rows, with other keys."""
    _alike: bool = False
    """Whether the rows were made to fit a revision, without what columns may hold beside that."""
    _copies: list[str] = field(default_factory=list)
    """The transactions that rows were copied in."""
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

    def moment(self) -> Moment:
        """The rows as last read, and the columns that the tables have now."""
        tables = {one.name: oid for oid, one in self.known.items() if one.kind in "rp"}
        columns: dict[int, dict[str, int]] = {oid: {} for oid in tables.values()}
        found = self.connections.observer.execute(query("attributes"), [[*columns]])
        for oid, name, number in found:
            columns[oid][name] = number
        return Moment(dict(self.contents), tables, columns)

    def schema(self) -> Schema:
        """The tables before the revision at hand."""
        if self._schema is None:
            self._schema = self.connections.schema()
            self.tables = self._schema.by_name
        return self._schema

    def forget(self) -> None:
        """From now on there is another revision at hand."""
        self._schema = None
        self._alike = self._alike or self.seed > 0
        self.fitting, self.seed = Fitting(), 0

    def fill(self) -> None:
        """Put rows into each table without any, and another where all were made to fit."""
        if self._alike and not self.seed:
            self._vary()
        empty = {one.name for one in self.known.values() if one.kind in "rp"}
        empty -= {*self.counts, *self.notes, *self._roots}
        if not empty:
            return
        try:
            with self.connections.hand.transaction():
                self._insert(empty)
                touched = LockObserver(self.connections, self.known, {}).held_for_writing()
        except psycopg.Error as error:  # what is only looked at when a transaction ends
            why = error.diag.message_primary or str(error)
            self.notes |= dict.fromkeys(empty, why)
            touched = frozenset()
        self.refresh(touched)

    def _vary(self) -> None:
        """Put a row of unusual values into each table that has rows, for a backfill to miss."""
        self._alike, schema = False, self.schema()
        tables = [one for one in schema if one.name in self.counts and one.kind in _FILLED]
        with suppress(psycopg.Error), self.connections.hand.transaction():
            source = self._source(schema)
            for table in tables:
                for given in _unusual(source, table)[:1]:
                    self._one(table, given, (source,))
        self.refresh({one.name for one in schema})

    def root(self, name: Name) -> Name:
        """The partitioned table that a partition is one of, at any depth; else itself."""
        table = self.schema().by_name.get(name)
        return self.root(table.parents[0]) if table and table.is_partition else name

    @property
    def _roots(self) -> set[Name]:
        """Partitioned tables that have rows in a partition."""
        tables = [table for table in self.tables.values() if table.kind == "partitioned"]
        return {t.name for t in tables if any(child in self.counts for child in t.children)}

    def _insert(self, empty: Collection[Name]) -> None:
        schema = self.schema()
        if self.seed and is_superuser(self.connections.hand):
            self.connections.hand.execute(query("later_numbers"))
        keys = {name: (*found, *self.fitting.keys.get(name, ())) for name, found in likely(schema)}
        source, plain = self._source(_with_keys(schema, keys)), self._source(schema)
        wishes = {name: iter(rows) for name, rows in self.fitting.values.items()}
        source.wishes = plain.wishes = wishes
        # Parents first where rows have to fit something: those that a child brings along do not.
        for table in _parents_first(schema, keys) if self.seed else schema:
            if table.name not in empty or table.is_partition or table.kind not in _FILLED:
                continue
            sources = (source, plain) if keys[table.name] else (plain,)
            unusual = [] if self.seed or self.rows < 2 else _unusual(plain, table)
            # They come beside two that have values everywhere: what is kept is told by two.
            for number in range(self.rows + len(unusual)):
                given = next(wishes.get(table.name, iter(())), None)
                if given is None:
                    place = number - self.rows
                    given = unusual[place] if 0 <= place < len(unusual) else {}
                why = self._one(table, given, sources)
                if why:
                    self.notes[table.name] = why
                    break

    def _one(self, table: Table, given: Given, sources: Sequence[Rows]) -> str:
        """Insert a row, as fitting as can be; why there is none."""
        why = ""
        some = _said(given)
        checked = {name for one in table.constraints if one.kind == "check" for name in one.columns}
        free = {
            name: text for name, text in given.items() if text is not None or name not in checked
        }
        for wanted in (given, free, some, {}) if given else ({},):
            for source in sources:
                try:
                    source.insert(source.schema.by_name[table.name], 1, **wanted)
                except Unsatisfiable as reason:
                    why = str(reason).splitlines()[0]
                else:
                    return ""
        return why

    def _source(self, schema: Schema) -> Rows:
        """Rows that know what was drawn before of PostgreSQL's own types: it takes the time."""
        source = Rows(self.connections.hand, schema, self.seed)
        if self.seed == 0:
            drawn = source._pools._drawn
            drawn.update({key: texts for key, texts in self._drawn.items() if "." not in key[0]})
            self._drawn = drawn
        return source

    def copy(self, names: Collection[Name], rows: int) -> None:
        """Many rows where there are a few."""
        few = [name for name in names if 0 < self.counts.get(name, 0) < rows // 2]
        for table in filter(None, map(self.schema().by_name.get, few)):
            self._copies += multiply(self.connections.hand, table, rows)
        if few:
            self.refresh(few)

    @property
    def copied(self) -> bool:
        """Whether some rows are copies of others."""
        return bool(self._copies)

    def take_copies_back(self) -> bool:
        """Have a few rows again; whether there were copies."""
        copies, self._copies = self._copies, []
        if not copies:
            return False
        with self.connections.hand.transaction():
            self.connections.hand.execute(_NO_TRIGGERS)
            for one in self.contents:
                statement = sql.SQL("DELETE FROM ONLY {} WHERE xmin::text = ANY (%s)")
                self.connections.hand.execute(statement.format(one.identifier), [copies])
        self.refresh()
        return True


def _said(given: Given) -> Given:
    """Without the columns that are to have no value."""
    return {name: text for name, text in given.items() if text is not None}


def _unusual(source: Rows, table: Table) -> list[Given]:
    """Rows of values other than the defaults, where columns have a few to choose from.

    A backfill that is about ``active`` rows or those with ``state = 'new'`` misses these. One of
    them has each value that a CHECK lists, and all have no value in columns that need none.
    """
    unique = {name for key in table.keys for name in key.columns}
    unique |= {name for index in table.indexes if index.unique for name in index.reads}
    referring = {name for key in table.foreign_keys for name in key.columns}
    free = [c for c in table.columns if c.insertable and c.name not in unique]
    empty = {c.name: None for c in free if c.nullable and not c.has_default}
    free = [c for c in free if c.name not in referring]
    found = {c.name: values for c in free if (values := _others(source, table, c))}
    most = min(max(map(len, found.values()), default=min(len(empty), 1)), _UNUSUAL)
    return [
        {**empty, **{name: values[place % len(values)] for name, values in found.items()}}
        for place in range(most)
    ]


def _others(source: Rows, table: Table, column: Column) -> list[str]:
    """The last first: values of a column that are not its default."""
    found = source.few(table, column.name)
    if column.default is None:
        return found[::-1]
    if not found and column.type.root.name in _TEXTS and _LITERAL.match(column.default):
        found = source.plan(table).pool(column.name).accepted[:1]
    found = [v for v in found if f"'{v}'" not in column.default and v != column.default]
    return found[::-1]


def _parents_first(schema: Schema, keys: Mapping[Name, Sequence[Constraint]]) -> Iterator[Table]:
    """The tables, each after those that it refers to, as far as they do not go in circles."""
    left = dict(schema.by_name)
    while left:
        free = [
            table
            for table in left.values()
            if not any(
                key.target in left and key.target != table.name
                for key in (*table.foreign_keys, *keys.get(table.name, ()))
            )
        ]
        for table in free or [*left.values()]:
            yield left.pop(table.name)


def likely(schema: Schema) -> Iterator[tuple[Name, list[Constraint]]]:
    """Each table with the foreign keys that its columns' names speak of and nobody declared.

    ``posts.user_id`` has the ids of users, whether the schema says so or not.
    """
    for table in schema:
        yield table.name, [] if table.kind not in _FILLED else [*_likely(table, schema)]


def _likely(table: Table, schema: Schema) -> Iterator[Constraint]:
    taken = {name for key in (*table.foreign_keys, *table.keys) for name in key.columns}
    for column in table.columns:
        stem = column.name.removesuffix("_id")
        if stem == column.name or column.name in taken or not column.insertable:
            continue
        plural = f"{stem[:-1]}ies" if stem.endswith("y") else f"{stem}es"
        for name in (f"{stem}s", stem, plural):
            target = schema.by_name.get(Name(table.name.schema, name))
            key = target.primary_key if target and target.kind in _FILLED else None
            if target and key and len(key.columns) == 1 and target.name != table.name:
                if target.column(key.columns[0]).type.root == column.type.root:
                    yield _key(key, table, column.name, target)
                break


def _key(primary: Constraint, table: Table, column: str, target: Table) -> Constraint:
    return replace(
        primary,
        table=table.name,
        name=f"harness_{column}",
        kind="foreign key",
        columns=(column,),
        index=None,
        target=target.name,
        target_columns=primary.columns,
        on_delete="no action",
        on_update="no action",
        match="simple",
    )


def _with_keys(schema: Schema, keys: Mapping[Name, Sequence[Constraint]]) -> Schema:
    """The schema as if these foreign keys were declared."""
    tables = (
        replace(table, constraints=(*table.constraints, *keys[table.name]))
        if keys.get(table.name)
        else table
        for table in schema
    )
    return replace(schema, tables=tuple(tables))


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
