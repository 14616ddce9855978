"""Partitions: detached, other bounds, one for all other rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant, plain, quoted
from harness.mutation.tokens import tokens
from harness.postgres.schema_model import Name, Table


class Partitions:
    """Which rows a partitioned table takes, and where it keeps them."""

    kind: ClassVar[str] = "partition"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each partition, then a default for each partitioned table without one."""
        for table in declared.schema:
            if table.name.schema in declared.foreign:
                continue
            if table.is_partition and table.bound:
                yield from _of_partition(table)
            if table.kind == "partitioned" and not (table.partition_key or "").startswith("HASH"):
                children = [declared.schema.by_name.get(name) for name in table.children]
                if not any(child and child.bound == "DEFAULT" for child in children):
                    yield _default(table)


def _of_partition(table: Table) -> Iterator[Mutant]:
    parent, name, bound = table.parents[0], quoted(*table.name), table.bound or ""
    detach = f"ALTER TABLE {quoted(*parent)} DETACH PARTITION {name}"
    attach = f"ALTER TABLE {quoted(*parent)} ATTACH PARTITION {name}"
    was = f"{name} {bound}"
    yield _mutant(table, parent, "detached", "", (detach,), was, "")
    for detail, new in _bounds(bound):
        ddl = (detach, f"{attach} {new}")
        yield _mutant(table, parent, "bound", detail, ddl, was, f"{name} {new}")


def _bounds(bound: str) -> Iterator[tuple[str, str]]:
    """``FOR VALUES IN ('a', 'b')`` without a value; a number of FROM and TO that is another."""
    found = tokens(bound)
    values = [token for token in found if token.kind in ("string", "number")]
    if any(token.word == "in" for token in found):
        for gone in values if len(values) > 1 else ():
            rest = ", ".join(value.text for value in values if value is not gone)
            yield f"without {gone.text}", f"FOR VALUES IN ({rest})"
        return
    for value in values if any(token.word == "from" for token in found) else ():
        text = value.text.strip("'")
        if text.lstrip("-").isdecimal():
            other = str(int(text) + (1 if value is values[0] else -1))
            new = f"{bound[: value.start]}{other}{bound[value.end :]}"
            yield f"{text} to {other}", new


def _default(table: Table) -> Mutant:
    name = quoted(table.name.schema, "mutant_rest")
    ddl = f"CREATE TABLE {name} PARTITION OF {quoted(*table.name)} DEFAULT"
    return _mutant(table, table.name, "default added", "", (ddl,), "", ddl)


def _mutant(
    table: Table,
    parent: Name,
    operator: str,
    detail: str,
    ddl: tuple[str, ...],
    before: str,
    after: str,
) -> Mutant:
    return Mutant(
        kind=Partitions.kind,
        object=plain(table.name),
        operator=operator,
        ddl=ddl,
        before=before,
        after=after,
        detail=detail,
        tables=tuple(dict.fromkeys([parent, table.name])),
    )
