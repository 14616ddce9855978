"""Primary keys and UNIQUE constraints: dropped, a column more, one less, another one, added."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant, listed, plain, quoted
from harness.postgres.schema_model import Constraint, Index, Table

_NO_KEYS = ("json", "xml", "point", "box", "path", "polygon", "line", "lseg", "circle")
"""Types that no B-tree compares."""


@dataclass(frozen=True, slots=True)
class _Key:
    """A key, and the foreign keys that need it."""

    table: Table
    key: Constraint
    references: tuple[Constraint, ...]

    @property
    def word(self) -> str:
        return "PRIMARY KEY" if self.key.kind == "primary key" else "UNIQUE"

    def definition(self, columns: Sequence[str], nulls: bool | None = None) -> str:
        """Of the key over other columns."""
        distinct = self.key.nulls_not_distinct if nulls is None else nulls
        word = f"{self.word} NULLS NOT DISTINCT" if distinct else self.word
        deferrable = " DEFERRABLE" if self.key.deferrable else ""
        initially = " INITIALLY DEFERRED" if self.key.deferred else ""
        return f"{word} ({listed(columns)}){deferrable}{initially}"

    def mutant(self, operator: str, detail: str, definition: str) -> Mutant:
        """The key with another definition, or without one.

        PostgreSQL drops foreign keys with the key that they need, and they cannot be made again
        on another one, so they go along.
        """
        table, name = quoted(*self.table.name), quoted(self.key.name)
        cascade = " CASCADE" if self.references else ""
        drop = f"ALTER TABLE {table} DROP CONSTRAINT {name}{cascade}"
        add = f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
        return Mutant(
            kind=self.key.kind,
            object=plain(self.table.name, self.key.name),
            operator=operator,
            ddl=(drop, add) if definition else (drop,),
            before=f"CONSTRAINT {name} {self.definition(self.key.columns)}",
            after=f"CONSTRAINT {name} {definition}" if definition else "",
            detail=detail,
            tables=(self.table.name, *dict.fromkeys(r.table for r in self.references)),
            along=tuple(
                f"ALTER TABLE {quoted(*r.table)} ... CONSTRAINT {quoted(r.name)}"
                for r in self.references
            ),
        )


class Keys:
    """What makes rows unique."""

    kind: ClassVar[str] = "key"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each key, then keys that are not there."""
        for table in declared.tables:
            for key in table.keys:
                if not key.inherited and not key.period:
                    every = declared.schema.references(table)
                    needs = tuple(r for r in every if set(r.target_columns) == set(key.columns))
                    yield from _of_key(declared, _Key(table, key, needs))
            yield from _added(table)


def _of_key(declared: Declared, key: _Key) -> Iterator[Mutant]:
    columns = key.key.columns
    nothing = "" if declared.infers_keys else _implied(key, columns)
    same = f"{nothing} implies it" if nothing and not key.references else ""
    dropped = f"{same}, and its columns stay NOT NULL" if key.word != "UNIQUE" and same else same
    yield replace(key.mutant("dropped", "", ""), same=dropped)
    for operator, detail, others in _other_columns(key):
        found = key.mutant(operator, detail, key.definition(others))
        implied = _implied(key, others)
        if key.word != "UNIQUE" and any(key.table.column(name).nullable for name in others):
            implied = ""  # a primary key makes its columns NOT NULL, which is no less than the key
        twin = f"{implied} implies it" if implied else ""
        yield replace(found, same=same if implied else "", twin=twin)
    yield from _options(declared, key, same)


def _other_columns(key: _Key) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Operator, detail, and the columns of the key with a change."""
    columns = key.key.columns
    for name in columns if len(columns) > 1 else ():
        yield "column removed", name, [other for other in columns if other != name]
    for name in _comparable(key.table):
        if name not in columns:
            yield "column added", name, (*columns, name)
            for gone in columns:
                others = [name if other == gone else other for other in columns]
                yield "column exchanged", f"{gone} for {name}", others


def _implied(key: _Key, columns: Sequence[str], not_distinct: bool | None = None) -> str:
    distinct = key.key.nulls_not_distinct if not_distinct is None else not_distinct
    return implied_by(key.table, columns, key.key.name, distinct)


def _options(declared: Declared, key: _Key, same: str) -> Iterator[Mutant]:
    own = key.key
    if own.kind == "unique" and declared.version >= 150000:
        none = not any(key.table.column(name).nullable for name in own.columns)
        other = not own.nulls_not_distinct
        word = "not distinct" if other else "distinct"
        said = "none of its columns can be NULL" if none else ""
        if same and _implied(key, own.columns, other):
            said = same
        found = key.mutant("nulls", word, key.definition(own.columns, other))
        yield replace(found, same="" if found.along else said)  # the foreign keys are gone
    if not own.deferrable and not key.references:
        later = replace(own, deferrable=True, deferred=True)
        definition = replace(key, key=later).definition(own.columns)
        yield replace(key.mutant("deferred", "", definition), same=same)
    elif own.deferrable:
        now = replace(own, deferrable=False, deferred=False)
        definition = replace(key, key=now).definition(own.columns)
        yield replace(key.mutant("not deferrable", "", definition), same=same)


def _added(table: Table) -> Iterator[Mutant]:
    """A UNIQUE for each column that can do without, a primary key where there is none."""
    where, taken = quoted(*table.name), {key.columns for key in table.keys}
    taken |= {index.keys for index in table.indexes if index.unique and index.predicate is None}
    for name in _comparable(table):
        if (name,) in taken or (quoted(name),) in taken or table.kind == "partitioned":
            continue
        for word in ("UNIQUE", "PRIMARY KEY"):
            if word == "UNIQUE" or table.primary_key is None:
                added = f"CONSTRAINT mutant_key {word} ({quoted(name)})"
                yield Mutant(
                    kind=word.lower(),
                    object=plain(table.name, name),
                    operator=f"{word.lower()} added",
                    ddl=(f"ALTER TABLE {where} ADD {added}",),
                    after=added,
                    tables=(table.name,),
                )


def implied_by(table: Table, columns: Sequence[str], but: str, not_distinct: bool = False) -> str:
    """The unique index on some of these columns that refuses all that a key on them would.

    Whose violation is named changes, and nothing else: one on fewer columns refuses more.
    """
    for index in table.indexes:
        whole = index.predicate is None and _compares_plainly(index) and index.valid
        covers = {*index.columns} <= {*columns}
        nulls = not not_distinct or index.nulls_not_distinct
        if not (index.unique and index.name != but and whole and covers and index.immediate):
            continue
        if nulls or not any(table.column(c).nullable for c in index.columns if c):
            return index.name
    return ""


def _compares_plainly(index: Index) -> bool:
    """Whether its keys are columns that are compared as keys compare them.

    A collation or an operator class of the index's own may tell values apart that are equal.
    """
    plain = re.sub(r" (DESC|ASC|NULLS FIRST|NULLS LAST)\b", "", index.definition)
    return None not in index.columns and f"({', '.join(index.keys)})" in plain


def _comparable(table: Table) -> list[str]:
    return [
        column.name
        for column in table.columns
        if column.type.root.name not in _NO_KEYS and column.generated_kind != "virtual"
    ]
