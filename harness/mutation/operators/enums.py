"""Enums: a label more, one less, another order.

A label that ALTER TYPE adds cannot be used before COMMIT, and none can be removed. So the type
is made anew, under its name, and the columns of it are altered, which a transaction can undo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from harness.mutation.declared import Declared, Enum
from harness.mutation.mutant import Mutant, literal, plain, quoted
from harness.mutation.rebuilding import around_column
from harness.postgres.schema_model import Name, Table

_NEW, _OLD = "mutant_label", "mutant_old"


class Enums:
    """The labels of enums."""

    kind: ClassVar[str] = "enum"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each enum; what cannot be made anew (a function's argument) is stillborn."""
        for enum in declared.enums:
            if enum.schema not in declared.foreign:
                yield _mutant(declared, enum, "label added", _NEW, [*enum.labels, _NEW])
                for label in enum.labels if len(enum.labels) > 1 else ():
                    rest = [other for other in enum.labels if other != label]
                    yield _mutant(declared, enum, "label removed", label, rest)
                if len(enum.labels) > 1:
                    turned = enum.labels[::-1]
                    yield _mutant(declared, enum, "labels reversed", "", turned)


def _mutant(
    declared: Declared, enum: Enum, operator: str, detail: str, labels: Sequence[str]
) -> Mutant:
    name = quoted(enum.schema, enum.name)
    made = f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, labels))})"
    was = f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, enum.labels))})"
    statements = [f"ALTER TYPE {name} RENAME TO {_OLD}", made]
    tables = dict.fromkeys(Name(schema, table) for schema, table, _, _ in enum.columns)
    for schema, table, column, default in enum.columns:
        statements += _converted(declared, Name(schema, table), column, default, name)
    statements.append(f"DROP TYPE {quoted(enum.schema, _OLD)}")
    return Mutant(
        kind=Enums.kind,
        object=plain(Name(enum.schema, enum.name)),
        operator=operator,
        ddl=tuple(statements),
        before=was,
        after=made,
        detail=detail,
        tables=tuple(tables),
    )


def _converted(
    declared: Declared, table: Name, column: str, default: str, type_: str
) -> Sequence[str]:
    """The statements that give a column the new type, by its labels."""
    alter = f"ALTER TABLE {quoted(*table)} ALTER COLUMN {quoted(column)}"
    statements = [f"{alter} DROP DEFAULT"] if default else []
    statements.append(f"{alter} TYPE {type_} USING {quoted(column)}::text::{type_}")
    if default:  # 'new'::public.state, which is the new type by now
        statements.append(f"{alter} SET DEFAULT {default}")
    found = declared.schema.by_name.get(table)
    if found is None:
        return statements
    # An expression that compares the column with a label has the old type in it.
    drops, makes = _expressions(found, column)
    return around_column(declared, found, column, [*drops, *statements, *makes])


def _expressions(table: Table, column: str) -> tuple[list[str], list[str]]:
    """What drops the CHECKs and indexes that read a column, and what makes them again."""
    where, drops, makes = quoted(*table.name), list[str](), list[str]()
    for check in table.checks:
        if column in check.columns and not check.inherited:
            name = quoted(check.name)
            drops.append(f"ALTER TABLE {where} DROP CONSTRAINT {name}")
            makes.append(f"ALTER TABLE {where} ADD CONSTRAINT {name} {check.definition}")
    for index in table.indexes:
        computed = index.predicate is not None or None in index.columns
        if computed and column in index.reads and index.constraint is None and not index.inherited:
            drops.append(f"DROP INDEX {quoted(table.name.schema, index.name)}")
            makes.append(index.definition)
    return drops, makes
