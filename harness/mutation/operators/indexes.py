"""Indexes that no constraint has: uniqueness, columns, predicate, method."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from harness.mutation.declared import Declared
from harness.mutation.expressions import changes
from harness.mutation.mutant import ConditionChange, Mutant, plain, quoted
from harness.mutation.operators.keys import implied_by
from harness.postgres.schema_model import Index, Table

_CREATE = "CREATE INDEX", "CREATE UNIQUE INDEX"


class Indexes:
    """What makes rows unique without a constraint, and what makes queries fast."""

    kind: ClassVar[str] = "index"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each index; what is not unique changes speed alone."""
        for table in declared.tables:
            for index in table.indexes:
                if index.constraint is None and not index.inherited and index.valid:
                    found = (
                        _of_unique(declared, table, index)
                        if index.unique
                        else _of_plain(table, index)
                    )
                    yield from found


def _of_plain(table: Table, index: Index) -> Iterator[Mutant]:
    yield _mutant(table, index, "dropped", "", speed=True)
    for name, definition in _without_keys(index):
        yield _mutant(table, index, "column removed", definition, name, speed=True)
    if len(index.keys) > 1 and index.definition.count(_whole(index)) == 1:
        turned = f"({', '.join(reversed(index.keys))})"
        definition = index.definition.replace(_whole(index), turned)
        yield _mutant(table, index, "columns reversed", definition, speed=True)
    if index.predicate:
        yield _mutant(table, index, "predicate dropped", _without_predicate(index), speed=True)
    if index.method == "btree":
        definition = index.definition.replace(*_CREATE, 1)
        yield _mutant(table, index, "unique", definition)
        if len(index.keys) == 1 and index.predicate is None:
            hashed = index.definition.replace("USING btree", "USING hash", 1)
            yield _mutant(table, index, "method", hashed, "hash", speed=True)


def _of_unique(declared: Declared, table: Table, index: Index) -> Iterator[Mutant]:
    names = [name or "" for name in index.columns]

    def implied(columns: Sequence[str], not_distinct: bool = index.nulls_not_distinct) -> str:
        known = all(columns) and not declared.infers_keys
        found = known and implied_by(table, columns, index.name, not_distinct)
        return f"{found} implies it" if found else ""

    same = implied(names)
    yield replace(_mutant(table, index, "dropped", ""), same=same)
    not_unique = index.definition.replace(_CREATE[1], _CREATE[0], 1)
    twin = "an index that is not unique refuses nothing, as if it were dropped"
    yield replace(_mutant(table, index, "not unique", not_unique), same=same, twin=twin)
    for operator, changed, definition, columns in _other_columns(table, index, names):
        found, why = _mutant(table, index, operator, definition, changed), implied(columns)
        yield replace(found, same=same if why else "", twin=why)
    if index.predicate:
        yield _mutant(table, index, "predicate dropped", _without_predicate(index))
        for change in changes(index.predicate):
            definition = f"{_without_predicate(index)} WHERE ({change.text})"
            swap = ConditionChange(table.name, index.predicate, change.text, False)
            detail = f"{change.operator}:{change.detail}"
            yield _mutant(table, index, "predicate changed", definition, detail, swap=swap)
    if declared.version >= 150000 and not index.nulls_not_distinct and index.predicate is None:
        none = all(names) and not any(table.column(n).nullable for n in names)
        said = "none of its columns can be NULL" if none else same and implied(names, True)
        found = _mutant(table, index, "nulls", f"{index.definition} NULLS NOT DISTINCT")
        yield replace(found, same=said)


def _other_columns(
    table: Table, index: Index, names: list[str]
) -> Iterator[tuple[str, str, str, list[str]]]:
    """Operator, the column, the definition with other columns, and these."""
    for key, definition in _without_keys(index):
        rest = [name for name, own in zip(names, index.keys, strict=True) if own != key]
        yield "column removed", key, definition, rest
    for name in _others(table, index):
        wider = f"({', '.join([*index.keys, quoted(name)])})"
        if index.definition.count(_whole(index)) == 1:
            definition = index.definition.replace(_whole(index), wider)
            yield "column added", name, definition, [*names, name]


def _whole(index: Index) -> str:
    return f"({', '.join(index.keys)})"


def _others(table: Table, index: Index) -> list[str]:
    return [c.name for c in table.columns if c.name not in index.reads and c.generated is None]


def _without_keys(index: Index) -> Iterator[tuple[str, str]]:
    """Each key, and the definition without it, where the text tells the keys."""
    if len(index.keys) > 1 and index.definition.count(_whole(index)) == 1:
        for key in index.keys:
            rest = ", ".join(other for other in index.keys if other != key)
            yield key, index.definition.replace(_whole(index), f"({rest})")


def _without_predicate(index: Index) -> str:
    return index.definition.rpartition(" WHERE ")[0]


def _mutant(
    table: Table, index: Index, operator: str, definition: str, detail: str = "", **more: Any
) -> Mutant:
    drop = f"DROP INDEX {quoted(table.name.schema, index.name)}"
    # Of a partitioned table, ONLY would leave out the partitions.
    definition = definition.replace(" ON ONLY ", " ON ", 1)
    return Mutant(
        kind=Indexes.kind,
        object=plain(table.name, index.name),
        operator=operator,
        ddl=(drop, definition) if definition else (drop,),
        before=index.definition,
        after=definition,
        detail=detail,
        tables=(table.name,),
        **more,
    )
