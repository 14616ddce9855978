"""Conditions: everything about one row alone that the server can be asked before an INSERT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from psycopg import sql

from harness.postgres.schema_model import Column, Schema, Table, Type
from harness.rowgen.expression import Call, columns_of, parse, substituted, walk


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression that must not be false; NULL passes."""

    name: str
    """The constraint's, or ``partition of public.events``."""
    sql: str
    columns: tuple[str, ...]
    strict: bool = False
    """NULL does not pass: a row in no partition, or one that a view would not show."""

    def fails(self, answer: str | None) -> bool:
        """The server's answer, ``"t"``, ``"f"`` or None for NULL, refuses the row."""
        return answer == "f" or (self.strict and answer is None)


def conditions(table: Table, schema: Schema) -> tuple[Condition, ...]:
    """CHECKs, those of domains included, and the bounds of partitions.

    Generated columns are read as what they are generated from.
    """
    generated = generating(table)
    found = [*_checks(table), *_domains(table), *_partitions(table, schema)]
    return tuple(_resolved(condition, table, generated) for condition in found)


def generating(table: Table) -> dict[str, str]:
    """Generated column -> what it is generated from, as SQL over the row."""
    # Cast, since what is stored is rounded to the column's type.
    return {c.name: f"(({c.generated})::{c.type_sql})" for c in table.columns if c.generated}


def _resolved(condition: Condition, table: Table, generated: Mapping[str, str]) -> Condition:
    if not set(condition.columns) & set(generated):
        return condition
    return over(table, condition.name, substituted(condition.sql, generated), condition.strict)


def over(table: Table, name: str, text: str, strict: bool = False) -> Condition:
    """A condition of a table, with the columns that are found in it."""
    names = {column.name for column in table.columns}
    read = tuple(column for column in columns_of(parse(text)) if column in names)
    return Condition(name, text, read, strict)


def _checks(table: Table) -> Iterator[Condition]:
    for check in table.checks:
        if check.expression is not None:
            yield Condition(check.name, check.expression, check.columns)


def _domains(table: Table) -> Iterator[Condition]:
    for column in table.columns:
        yield from domain_conditions(column)


def domain_conditions(column: Column) -> tuple[Condition, ...]:
    """The CHECKs of the column's domains, said of the column."""
    quoted = sql.Identifier(column.name).as_string(None)
    return tuple(
        Condition(check.name, substituted(check.expression, {"VALUE": quoted}), (column.name,))
        for domain in column.type.domains
        for check in domain.checks
    )


def _partitions(table: Table, schema: Schema) -> Iterator[Condition]:
    if table.is_partition and table.partition_check:
        yield over(table, f"partition {table}", table.partition_check, strict=True)
    if table.kind == "partitioned":
        bounds = [leaf.partition_check or "true" for leaf in schema.leaves(table)]
        either = " OR ".join(f"({bound})" for bound in bounds) or "false"
        yield over(table, f"partition of {table}", either, strict=True)


def judged_type(column: Column) -> str:
    """The type that candidates are cast to: a domain's CHECKs are conditions, not errors.

    Of char(n) and its like the modifier is left out, since a cast would cut to it.
    """
    root: Type = column.type.root
    if column.modifier >= 0 and column.domain is None and root.schema != "pg_catalog":
        return column.type_sql  # an extension's: what its modifier does not allow is an error
    return root.sql if root.name not in ("bpchar", "bit") else f'pg_catalog."{root.name}"'


def called_in(found: Iterable[Condition]) -> list[str]:
    """The functions that conditions call, without their schemas."""
    calls = (n.name for c in found for n in walk(parse(c.sql)) if isinstance(n, Call))
    return list(dict.fromkeys(name.rpartition(".")[2].strip('"') for name in calls))
