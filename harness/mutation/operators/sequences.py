"""Sequences and identity: where numbers start, how they go on, where they end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant, plain, quoted
from harness.postgres.schema_model import Column, Sequence, Table

_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


class Sequences:
    """The options of each sequence, and whether a column is an identity."""

    kind: ClassVar[str] = "sequence"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each sequence, then of each identity column."""
        own = {table.name for table in declared.tables}
        for sequence in declared.schema.sequences:
            foreign = sequence.name.schema in declared.foreign
            if not foreign and (sequence.table is None or sequence.table in own):
                yield from _options(sequence)
        for table, column in declared.columns():
            if column.identity:
                yield from _identity(table, column)


def _options(sequence: Sequence) -> Iterator[Mutant]:
    tables = (sequence.table,) if sequence.table else ()
    for option, was, value, now in _changed(sequence):
        yield Mutant(
            kind=Sequences.kind,
            object=plain(sequence.name),
            operator=option,
            ddl=(f"ALTER SEQUENCE {quoted(*sequence.name)} {now}",),
            before=was,
            after=now,
            detail=value,
            tables=tables,
        )


def _changed(sequence: Sequence) -> Iterator[tuple[str, str, str, str]]:
    """Option, what it is, the new value, what it becomes."""
    start, step = sequence.start, sequence.increment
    up = step > 0
    if sequence.minimum <= start + step <= sequence.maximum:
        now = f"START WITH {start + step} RESTART"
        yield "start", f"START WITH {start}", str(start + step), now
    yield "increment", f"INCREMENT BY {step}", str(step * 2), f"INCREMENT BY {step * 2}"
    if not sequence.cycle:
        yield "cycle", "NO CYCLE", "", "CYCLE"
    else:
        yield "cycle", "CYCLE", "", "NO CYCLE"
    other = 1 if sequence.cache > 1 else 10
    yield "cache", f"CACHE {sequence.cache}", str(other), f"CACHE {other}"
    largest, limit = _LARGEST[sequence.type], 2**15 - 1
    if up and sequence.maximum == largest and start < limit and sequence.type != "smallint":
        yield "maximum", f"MAXVALUE {largest}", str(limit), f"MAXVALUE {limit}"
    elif up and sequence.maximum < largest:
        yield "maximum", f"MAXVALUE {sequence.maximum}", "none", "NO MAXVALUE"
    if up and sequence.minimum - 1 >= -largest:
        low = str(sequence.minimum - 1)
        yield "minimum", f"MINVALUE {sequence.minimum}", low, f"MINVALUE {low}"


def _identity(table: Table, column: Column) -> Iterator[Mutant]:
    alter = f"ALTER TABLE {quoted(*table.name)} ALTER COLUMN {quoted(column.name)}"
    word = "ALWAYS" if column.identity == "always" else "BY DEFAULT"
    other = "BY DEFAULT" if column.identity == "always" else "ALWAYS"
    was = f"{quoted(column.name)} GENERATED {word} AS IDENTITY"
    for operator, ddl, after in (
        ("identity dropped", "DROP IDENTITY", quoted(column.name)),
        ("identity kind", f"SET GENERATED {other}", was.replace(word, other)),
    ):
        yield Mutant(
            kind=Sequences.kind,
            object=plain(table.name, column.name),
            operator=operator,
            ddl=(f"{alter} {ddl}",),
            before=was,
            after=after,
            tables=(table.name,),
        )
