"""Columns: NOT NULL, defaults, types, lengths, collations, generated ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.mutation.declared import Declared
from harness.mutation.expressions import changes
from harness.mutation.mutant import Mutant, plain, quoted
from harness.mutation.rebuilding import around_column
from harness.postgres.schema_model import Column, Table

_OTHER_TYPES = {
    "int2": ("integer",),
    "int4": ("bigint", "smallint"),
    "int8": ("integer",),
    "float8": ("real",),
    "float4": ("double precision",),
    "numeric": ("bigint",),
    "text": ("character varying(255)",),
    "timestamptz": ("timestamp without time zone", "timestamp(0) with time zone"),
    "timestamp": ("timestamp with time zone", "timestamp(0) without time zone"),
    "date": ("timestamp without time zone",),
    "json": ("jsonb",),
    "jsonb": ("json",),
}


_NULL = re.compile(r"NULL(::[\w\s\".()\[\],]+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _At:
    """One column, and what its mutants have in common."""

    declared: Declared
    table: Table
    column: Column

    @property
    def alter(self) -> str:
        return f"ALTER TABLE {quoted(*self.table.name)} ALTER COLUMN {quoted(self.column.name)}"

    def mutant(
        self, operator: str, ddl: tuple[str, ...] | str, before: str, after: str, **more: Any
    ) -> Mutant:
        name = quoted(self.column.name)
        return Mutant(
            kind=Columns.kind,
            object=plain(self.table.name, self.column.name),
            operator=operator,
            ddl=(ddl,) if isinstance(ddl, str) else ddl,
            before=f"{name} {before}".rstrip() if before or not after else "",
            after=f"{name} {after}".rstrip() if after else name,
            tables=(self.table.name,),
            **more,
        )


class Columns:
    """What is declared on a column by itself."""

    kind: ClassVar[str] = "column"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each column of each table that is no partition."""
        for table, column in declared.columns():
            at = _At(declared, table, column)
            yield from _nullability(at)
            yield from _default(at)
            yield from _generated(at)
            if column.domain is None and column.generated is None:
                yield from _type(at)
                yield from _collation(at)


def _nullability(at: _At) -> Iterator[Mutant]:
    column, key = at.column, at.table.primary_key
    if column.not_null and not column.identity and not (key and column.name in key.columns):
        ddl = f"{at.alter} DROP NOT NULL"
        yield at.mutant("not null dropped", ddl, f"{column.type_sql} NOT NULL", column.type_sql)
    if not column.not_null and column.nullable:
        ddl = f"{at.alter} SET NOT NULL"
        yield at.mutant("not null added", ddl, column.type_sql, f"{column.type_sql} NOT NULL")


def _default(at: _At) -> Iterator[Mutant]:
    default = at.column.default
    if default is None or at.column.generated is not None:
        return
    was = f"DEFAULT {default}"
    # Without one the column is NULL, or has what its domain says.
    # A default of the column's is NULL so that the domain's is not taken.
    instead = any(domain.default is not None for domain in at.column.type.domains)
    null = not instead and _NULL.fullmatch(default)
    same = "the default is NULL" if null else ""
    ddl = f"{at.alter} DROP DEFAULT"
    yield at.mutant("default dropped", ddl, was, at.column.type_sql, same=same)
    if "nextval(" in default:
        return
    for change in changes(default):
        ddl = f"{at.alter} SET DEFAULT {change.text}"
        detail = f"{change.operator}:{change.detail}"
        yield at.mutant("default changed", ddl, was, f"DEFAULT {change.text}", detail=detail)


def _generated(at: _At) -> Iterator[Mutant]:
    column = at.column
    if column.generated is None:
        return
    kind = (column.generated_kind or "stored").upper()
    was = f"GENERATED ALWAYS AS ({column.generated}) {kind}"
    if column.generated_kind == "stored":
        ddl = f"{at.alter} DROP EXPRESSION"
        yield at.mutant("expression dropped", ddl, was, column.type_sql)
    if at.declared.version < 170000:
        return  # an expression cannot be exchanged, and a new column would stand elsewhere
    for change in changes(column.generated):
        ddl = f"{at.alter} SET EXPRESSION AS ({change.text})"
        now = f"GENERATED ALWAYS AS ({change.text}) {kind}"
        detail = f"{change.operator}:{change.detail}"
        yield at.mutant("expression changed", ddl, was, now, detail=detail)


def _type(at: _At) -> Iterator[Mutant]:
    for new in _types(at.column):
        ddl = around_column(
            at.declared, at.table, at.column.name, [f"{at.alter} TYPE {new}{_using(at, new)}"]
        )
        control = _control(at, new)
        yield at.mutant("type changed", ddl, at.column.type_sql, new, detail=new, control=control)


def _control(at: _At, new: str) -> tuple[str, ...]:
    """The type changed and changed back, where foreign keys are made anew with it.

    They act in the order in which they were made, so that this alone may show a difference.
    """
    name, column = at.column.name, at.column
    schema, table = at.declared.schema, at.table
    refers = any(name in key.columns for key in table.foreign_keys)
    if not refers and not any(name in key.target_columns for key in schema.references(table)):
        return ()
    there, back = f"{at.alter} TYPE {new}{_using(at, new)}", f"{at.alter} TYPE {column.type_sql}"
    if column.collation not in (None, 'pg_catalog."default"'):
        back += f" COLLATE {column.collation}"
    return around_column(at.declared, at.table, name, [there, back])


def _types(column: Column) -> Iterator[str]:
    name, length = column.type.root.name, column.length
    if name in ("varchar", "bpchar") and length:
        word = "character varying" if name == "varchar" else "character"
        yield f"{word}({length + 1})"
        if length > 1:
            yield f"{word}({length - 1})"
        yield "character varying" if name == "varchar" else "text"
    elif name == "numeric" and column.precision:
        digits, scale = column.precision, column.scale or 0
        yield f"numeric({digits + 1},{scale})"
        yield f"numeric({digits + 1},{scale + 1})"
        if digits > 1 and scale < digits:
            yield f"numeric({digits - 1},{scale})"
        if scale > 0:
            yield f"numeric({digits - 1},{scale - 1})"
        yield "numeric"
    elif column.type.category == "base" and column.modifier < 0:
        yield from _OTHER_TYPES.get(name, ())


def _using(at: _At, new: str) -> str:
    return f" USING {quoted(at.column.name)}::{new}" if "json" in new or new == "bigint" else ""


def _collation(at: _At) -> Iterator[Mutant]:
    column = at.column
    if column.type.root.name not in ("text", "varchar", "bpchar"):
        return
    if column.collation == 'pg_catalog."default"' or column.collation is None:
        same = "the database sorts by code as well" if at.declared.one_order else ""
        new, was = '"C"', ""
    else:
        same, new, was = "", '"default"', f" COLLATE {column.collation}"
    after = f"{column.type_sql} COLLATE {new}"
    ddl = around_column(at.declared, at.table, column.name, [f"{at.alter} TYPE {after}"])
    control = _control(at, after)
    yield at.mutant(
        "collation changed", ddl, f"{column.type_sql}{was}", after, same=same, control=control
    )
