"""Rows that fit both the tables before a revision and what the revision adds to them.

A revision that puts a constraint on columns that are there, or casts them, is refused by rows that
nobody but us has. So what it adds is read from the catalog after it ran without such rows, and
rows are made again: values are drawn in the schema after it, where the server judges them, and
stored in the schema before it, with the foreign keys that are to come.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import psycopg

from harness.core.errors import HarnessError
from harness.migrations.losses import Contents, Moment
from harness.migrations.scratch_database import Connections
from harness.migrations.table_data import Fitting, Given
from harness.postgres.schema_model import Column, Constraint, Name, Schema, Table
from harness.postgres.session import Failure
from harness.rowgen import Rows, Unsatisfiable
from harness.sources import MigrationError

_MORE = 4
"""Rows beyond those that are wanted: for those that others need as parents."""
_ABOUT_DATA = ("22", "23")
"""Classes of SQLSTATEs: data exceptions, integrity constraint violations."""
_RAISED = "P0001"
_AFTER_ANOTHER = "25P02"
"""In a transaction that an error has ended: a program has swallowed that one and gone on."""
_NOT_NULL = "23502"
_NOT_READ, _NO_CHECK = "22P02", "23514"
_MARKS = "\"'«»„“”‚‘’「」()"
_DUPLICATE, _OVERLAP, _ORPHAN = "23505", "23P01", "23503"


def depends_on_rows(error: HarnessError | None) -> bool:
    """Whether other rows might not be refused: by a constraint, a cast or a RAISE."""
    if not isinstance(error, MigrationError):
        return False
    state = error.failure.sqlstate
    return state.startswith(_ABOUT_DATA) or state in (_RAISED, _AFTER_ANOTHER)


def is_guard(error: HarnessError) -> bool:
    """Whether a DO block of the migration has raised it: ``IF EXISTS (...) THEN RAISE``."""
    if not isinstance(error, MigrationError) or error.failure.sqlstate != _RAISED:
        return False
    innermost = error.failure.context.partition("\n")[0]
    return "inline_code_block" in innermost


@dataclass(frozen=True)
class Change:
    """A schema before and after a revision, in one database."""

    connections: Connections
    old: Schema
    new: Schema
    before: Moment
    after: Moment
    rows: int
    _called: dict[Name, Name] = field(default_factory=dict)

    def misses_rows(
        self,
        failure: Failure,
        written: Collection[Name],
        backfilled: Collection[tuple[Name, str]],
    ) -> bool:
        """Whether a NULL is the migrations' own doing, and no row that was there escapes it.

        The column is one that this revision adds to a table that was there, or one that
        migrations have filled, but not in every row: this one, which has changed rows of the
        table (``written``) before it failed, or one before it.
        """
        if failure.sqlstate != _NOT_NULL:
            return False
        oid = self.after.tables.get(Name(failure.schema, failure.table), 0)
        number = self.after.columns.get(oid, {}).get(failure.column)
        known = self.before.columns.get(oid)
        if (
            known is None or number is None
        ):  # a new table may be filled from columns that were there
            return False
        column = next((name for name, other in known.items() if other == number), None)
        table = next(name for name, other in self.before.tables.items() if other == oid)
        return column is None or table in written or (table, column) in backfilled

    def casts(self, failure: Failure) -> bool:
        """Whether the column of a failure was there before, and has another type now."""
        table = Name(failure.schema, failure.table)
        old, new = self.old.by_name.get(table), self.new.by_name.get(table)
        if old is None or new is None or failure.column not in self._columns(table):
            return False
        was = old.column(self._columns(table)[failure.column])
        return was.type_sql != new.column(failure.column).type_sql

    def leaves_out(self, failure: Failure, contents: Contents) -> bool:
        """Whether a table that this revision makes and fills lacks a value that a column lists.

        What that table holds is the migration's own doing: a lookup table without a row for one
        of the labels of the enum type that it replaces.
        """
        key = self._key(failure)
        if key is None or key.target is None or self._target(key):
            return False
        return _tells_of_listed(self.connections, self.old, failure.detail, contents)

    def _key(self, failure: Failure) -> Constraint | None:
        """The foreign key that rows of ours were refused by."""
        table = self.new.by_name.get(Name(failure.schema, failure.table))
        if failure.sqlstate != _ORPHAN or table is None:
            return None
        return next((k for k in table.foreign_keys if k.name == failure.constraint), None)

    def fitting(self, seed: int, failure: Failure) -> Fitting:
        """What rows before it have to fit."""
        keys = {name: found for name in self._names if (found := [*self._keys(name)])}
        return Fitting(keys, self._values(seed, failure))

    @property
    def _names(self) -> Iterator[Name]:
        """Tables that are there before and after, under whatever name."""
        for table in self.old:
            if table.name in self.before.tables and self._after(table.name):
                yield table.name

    def _after(self, name: Name) -> Table | None:
        """What became of a table: the same one, else the one that has its name now."""
        oid = self.before.tables.get(name)
        same = (other for other, number in self.after.tables.items() if number == oid)
        return self.new.by_name.get(next(same, name))

    def _columns(self, name: Name) -> Mapping[str, str]:
        """Column after -> column before."""
        table = self._after(name)
        assert table is not None
        oid, now = self.before.tables[name], self.after.tables.get(table.name)
        before = self.before.columns[oid]
        if oid != now:
            return {c.name: c.name for c in table.columns if c.name in before}
        numbers = {number: column for column, number in before.items()}
        after = self.after.columns[oid]
        return {column: numbers[n] for column, n in after.items() if n in numbers}

    def _added(self, name: Name) -> Iterator[Constraint]:
        table = self._after(name)
        assert table is not None
        known = {(one.kind, one.definition) for one in self.old.by_name[name].constraints}
        yield from (c for c in table.constraints if (c.kind, c.definition) not in known)

    def _keys(self, name: Name) -> Iterator[Constraint]:
        """Foreign keys that are added, where both ends were there before."""
        columns = self._columns(name)
        for key in self._added(name):
            target = self._target(key)
            if target is None or not columns.keys() >= {*key.columns}:
                continue
            theirs = self._columns(target)
            if theirs.keys() >= {*key.target_columns}:
                yield replace(
                    key,
                    table=name,
                    columns=tuple(columns[c] for c in key.columns),
                    target=target,
                    target_columns=tuple(theirs[c] for c in key.target_columns),
                )

    def _target(self, key: Constraint) -> Name | None:
        """What the table that a foreign key refers to was called before."""
        tables = ((name, self._after(name)) for name in self._names)
        return next((name for name, table in tables if table and table.name == key.target), None)

    def _concerned(self, name: Name, failure: Failure) -> set[str]:
        """Columns after the revision whose values it has something to say about."""
        old, new, columns = self.old.by_name[name], self._after(name), self._columns(name)
        assert new is not None
        found = {c for one in self._added(name) if not self._target(one) for c in one.columns}
        known = {index.definition for index in old.indexes}
        for index in new.indexes:
            if (index.unique or index.exclusion) and index.definition not in known:
                found |= {*index.reads}
        found |= {now for now, was in columns.items() if _differ(old.column(was), new.column(now))}
        replaced = self.before.tables[name] != self.after.tables.get(new.name)
        attached = new.partition_check and not old.partition_check
        if replaced or attached or failure.sqlstate == _RAISED:
            found |= {*columns}
        return found & {*columns}

    def _values(self, seed: int, failure: Failure) -> dict[Name, list[Given]]:
        """Rows of the tables as they will be, in the columns that are concerned."""
        wanted = {name: self._concerned(name, failure) for name in self._names}
        wanted = {name: columns for name, columns in wanted.items() if columns}
        found: dict[Name, list[Given]] = {}
        if not wanted:
            return found
        with self.connections.hand.transaction(force_rollback=True):
            source = Rows(self.connections.hand, self.new, seed)
            for name, columns in wanted.items():
                found[name] = self._drawn(source, name, columns)
        return found

    def _drawn(self, source: Rows, name: Name, columns: set[str]) -> list[Given]:
        table, called = self._after(name), self._columns(name)
        assert table is not None
        drafts = []
        with suppress(Unsatisfiable, psycopg.Error):  # then the rows have to do as they are
            for _ in range(self.rows + _MORE):
                drafts += source.insert(table)
        old = self.old.by_name[name]
        return [
            {called[c]: d.stored.get(c) for c in columns if old.column(called[c]).insertable}
            for d in drafts
        ]


def lists_what_is_refused(
    connections: Connections, old: Schema, failure: Failure, contents: Contents
) -> bool:
    """Whether a value that the schema lists, in a CHECK or as a label, has no cast or partition.

    Such rows are what the schema before the revision is for, and not ours alone.
    """
    nowhere = failure.sqlstate == _NO_CHECK and not failure.constraint and failure.detail
    if failure.sqlstate != _NOT_READ and not nowhere:
        return False
    told = failure.detail if nowhere else failure.message
    return _tells_of_listed(connections, old, told, contents)


def _tells_of_listed(connections: Connections, old: Schema, told: str, contents: Contents) -> bool:
    with connections.hand.transaction(force_rollback=True):
        source = Rows(connections.hand, old, 0)
        return any(
            _quoted(value).search(told)
            for name, column in _holding(told, contents, old)
            for value in source.few(old.by_name[name], column)
        )


def _quoted(value: str) -> re.Pattern[str]:
    """A value as the messages of the server's languages have it, between marks of some kind."""
    return re.compile(rf"[{_MARKS}]{re.escape(value)}[{_MARKS}]")


def holds_what_is_listed(
    connections: Connections, old: Schema, failure: Failure, contents: Contents
) -> bool:
    """Whether a column that a NULL was refused in has nothing but what the schema lists for it.

    Where it is cast, the cast has no value for one of them: ``CASE`` without a branch.
    """
    table = old.by_name.get(Name(failure.schema, failure.table))
    if failure.sqlstate != _NOT_NULL or table is None or not _has(table, failure.column):
        return False
    held = {Moment.parsed(row)[failure.column] for row in contents.get(table.name, ())}
    with connections.hand.transaction(force_rollback=True):
        listed = Rows(connections.hand, old, 0).few(table, failure.column)
    return bool(held) and held <= {*listed}


def _has(table: Table, name: str) -> bool:
    return any(column.name == name for column in table.columns)


def _differ(old: Column, new: Column) -> bool:
    """Whether values of a column may be refused that were not before, or have to be cast."""
    return old.type_sql != new.type_sql or old.nullable > new.nullable


def learnt(fitting: Fitting, failure: Failure, contents: Contents, old: Schema) -> Fitting:
    """What fits, with what a refusal says of our values: of another type, or taken already."""
    if failure.sqlstate == _DUPLICATE:
        return _elsewhere(fitting, failure, old)
    if failure.sqlstate == _OVERLAP:
        return _apart(fitting, failure, old)
    if failure.sqlstate == _NOT_NULL:
        return _known(fitting, failure.column, old)
    if wanted := _PLAIN.get(failure.sqlstate):
        for table, column in _of_types(wanted[0], old):
            fitting = _with_values(fitting, table, column, wanted[1])
        return fitting
    # No words: names of types, and our own values, which the server shows in every language.
    types = sorted((name for name in _SAMPLES if name in failure.message), key=len)
    if not types or not failure.sqlstate.startswith("22"):
        return fitting
    holding = _holding(failure.message, contents, old) or list(_of_types(_TEXTS, old))
    for table, column in holding:
        fitting = _with_values(fitting, table, column, _SAMPLES[types[-1]])
    return fitting


def named(fitting: Fitting, failure: Failure, script: str, old: Schema) -> Fitting:
    """What fits, with what a migration's CASE has a branch for in the column it left empty."""
    table = old.by_name.get(Name(failure.schema, failure.table))
    branches = [text.replace("''", "'") for text in _BRANCH.findall(script)]
    if failure.sqlstate != _NOT_NULL or table is None or not _has(table, failure.column):
        return fitting
    texts = table.column(failure.column).type.root.name in _TEXTS
    if not (texts and branches):
        return fitting
    return _with_values(fitting, table.name, failure.column, branches)


_BRANCH = re.compile(r"""\bWHEN\s+(?:[\w."]+\s*=\s*)?'((?:[^']|'')*)'""", re.IGNORECASE)
"""``WHEN 'open'`` or ``WHEN state = 'open'``."""


def _known(fitting: Fitting, name: str, old: Schema) -> Fitting:
    """A value in every column of this name: what a new table is filled from."""
    for table in old:
        column = next((one for one in table.columns if one.name == name and one.nullable), None)
        samples = column and (_KEYS | _PLAIN_TYPES).get(column.type.root.name)
        if samples and table.name not in fitting.values:
            fitting = _with_values(fitting, table.name, name, samples)
    return fitting


def _of_types(types: Collection[str], old: Schema) -> Iterator[tuple[Name, str]]:
    """Columns of these types that are in no key and refer to nothing."""
    for table in old:
        said = {name for one in table.constraints for name in one.columns}
        said |= {name for index in table.indexes if index.unique for name in index.reads}
        for column in table.columns:
            if column.insertable and column.name not in said and column.type.root.name in types:
                yield table.name, column.name


def _elsewhere(fitting: Fitting, failure: Failure, old: Schema) -> Fitting:
    """Other keys, where a migration brings rows with keys of its own."""
    table = old.by_name.get(Name(failure.schema, failure.table))
    index = table.index(failure.constraint) if table else None
    if table is None or index is None:
        return fitting
    referring = {name for key in table.foreign_keys for name in key.columns}
    for name in filter(None, index.columns):
        samples = _KEYS.get(table.column(name).type.root.name)
        if samples and name not in referring and table.column(name).insertable:
            return _with_values(fitting, table.name, name, samples)
    return fitting


def _apart(fitting: Fitting, failure: Failure, old: Schema) -> Fitting:
    """Rows whose days and numbers lie apart, each column's a little after the one before it."""
    table = old.by_name.get(Name(failure.schema, failure.table))
    if table is None:
        return fitting
    held = {name for key in (*table.keys, *table.foreign_keys) for name in key.columns}
    free = [c for c in table.columns if c.insertable and c.name not in held]
    free = [c for c in free if c.type.root.name in (*_DATED, *_NUMERIC)]
    for place, column in enumerate(free, 1):
        dated = column.type.root.name in _DATED
        texts = [f"2024-{n:02}-{place:02}" if dated else f"{100 * n + place}" for n in range(1, 7)]
        fitting = _with_values(fitting, table.name, column.name, texts)
    return fitting


def _with_values(fitting: Fitting, name: Name, column: str, samples: Sequence[str]) -> Fitting:
    rows = [dict(row) for row in fitting.values.get(name, ())]
    rows += [{} for _ in range(len(samples) - len(rows))]
    for number, row in enumerate(rows):
        row[column] = samples[number % len(samples)]
    return replace(fitting, values={**fitting.values, name: rows})


def _holding(told: str, contents: Contents, old: Schema) -> list[tuple[Name, str]]:
    """The columns that have what the server tells of, between marks, among their values."""
    found = {
        (name, column)
        for name, rows in contents.items()
        if name in old.by_name
        for row in rows
        for column, value in Moment.parsed(row).items()
        if isinstance(value, str) and (f'"{value}"' in told or f"({value})" in told)
    }
    return sorted(found)


_NUMBERS = tuple(str(number) for number in range(7001, 7006))
_UUIDS = tuple(f"6f1c4a52-3a0e-4d8a-9a51-0c4be6f3c1d{digit}" for digit in range(5))
_KEYS = {
    **dict.fromkeys(("int2", "int4", "int8", "numeric"), _NUMBERS),
    **dict.fromkeys(("text", "varchar", "citext"), tuple(f"name {n}" for n in _NUMBERS)),
    "uuid": _UUIDS,
}
"""Type, as pg_type calls it -> texts that hardly any migration has literally."""
_DAYS = ("2024-03-01", "2024-04-02")
_TIMES = ("2024-03-01 10:00:00", "2024-04-02 11:30:00")
_JSON = ('{"a": 1}', "[]")
_SAMPLES = {
    **dict.fromkeys(("smallint", "integer", "bigint", "oid"), ("17", "42")),
    **dict.fromkeys(("numeric", "real", "double precision"), ("17.5", "42")),
    **dict.fromkeys(("timestamp", "timestamp with time zone"), _TIMES),
    **dict.fromkeys(("timestamp without time zone",), _TIMES),
    **dict.fromkeys(("json", "jsonb"), _JSON),
    "array": ("{}", "{1}"),
    "boolean": ("true", "false"),
    "date": _DAYS,
    "interval": ("1 day", "2 hours"),
    "inet": ("192.0.2.1", "192.0.2.2"),
    "uuid": _UUIDS,
}
"""Type, as the server calls it in its messages -> texts that it reads."""
_TEXTS, _NUMERIC = ("text", "varchar", "bpchar"), ("int2", "int4", "int8", "numeric", "float8")
_DATED = ("date", "timestamp", "timestamptz")
_PLAIN_TYPES = {
    **dict.fromkeys(("timestamp", "timestamptz"), _TIMES),
    **dict.fromkeys(("json", "jsonb"), _JSON),
    "bool": ("true", "false"),
    "date": _DAYS,
}
_PLAIN = {
    "22001": (_TEXTS, ("a", "b")),
    "22003": (_NUMERIC, ("1", "2")),
    "22012": (_NUMERIC, ("1", "2")),
}
"""What is too long, too large or a divisor of zero -> modest values of these types."""
