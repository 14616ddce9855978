"""Foreign keys: dropped, other columns, other actions, another moment, not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant, listed, plain, quoted
from harness.postgres.schema_model import Constraint, Table
from harness.postgres.schema_model.constraint import Action

_ACTIONS: tuple[Action, ...] = ("no action", "restrict", "cascade", "set null", "set default")


class ForeignKeys:
    """What refers to other rows."""

    kind: ClassVar[str] = "foreign key"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each foreign key that is declared where it stands."""
        for table in declared.tables:
            for key in table.foreign_keys:
                target = declared.schema.by_name.get(key.target) if key.target else None
                if target and not key.inherited and not key.period:
                    yield _changed(table, key, None, "dropped")
                    yield from _columns(table, key, target)
                    yield from _actions(table, key)
                    yield from _options(declared, table, key)


def _columns(table: Table, key: Constraint, target: Table) -> Iterator[Mutant]:
    for gone in key.columns:
        for column in table.columns:
            alike = column.type.root == table.column(gone).type.root
            if column.name not in key.columns and alike and column.generated is None:
                names = tuple(column.name if n == gone else n for n in key.columns)
                new, detail = replace(key, columns=names), f"{gone} for {column.name}"
                yield _changed(table, key, new, "column exchanged", detail)
    for other in target.keys:
        if len(other.columns) == len(key.columns) and other.columns != key.target_columns:
            pairs = zip(other.columns, key.target_columns, strict=True)
            if all(target.column(a).type.root == target.column(b).type.root for a, b in pairs):
                new = replace(key, target_columns=other.columns)
                yield _changed(table, key, new, "target exchanged", ",".join(other.columns))
    yield from _fewer(table, key, target)


def _fewer(table: Table, key: Constraint, target: Table) -> Iterator[Mutant]:
    """Without a pair of columns, where the others are a key of the target as well."""
    keys = [{*other.columns} for other in target.keys]
    for at, gone in enumerate(key.columns if len(key.columns) > 1 else ()):
        rest = tuple(n for i, n in enumerate(key.target_columns) if i != at)
        if {*rest} in keys:
            names = tuple(n for i, n in enumerate(key.columns) if i != at)
            new = replace(key, columns=names, target_columns=rest)
            yield _changed(table, key, new, "column removed", gone)


def _actions(table: Table, key: Constraint) -> Iterator[Mutant]:
    for action in _ACTIONS:
        if action != key.on_delete:
            new = replace(key, on_delete=action, on_delete_columns=())
            same = "" if key.on_delete_columns else _both_null(table, key, action, key.on_delete)
            yield replace(_changed(table, key, new, "on delete", action), same=same)
        if action != key.on_update:
            new = replace(key, on_update=action)
            same = _both_null(table, key, action, key.on_update)
            yield replace(_changed(table, key, new, "on update", action), same=same)


def _both_null(table: Table, key: Constraint, *actions: str | None) -> str:
    """The rule by which SET DEFAULT and SET NULL do the same; empty where they do not."""
    columns = [table.column(name) for name in key.columns]
    plain = all(c.default is None and c.domain is None and not c.identity for c in columns)
    if {*actions} != {"set null", "set default"} or not plain:
        return ""
    return "none of its columns has a default: SET DEFAULT sets NULL"


def _options(declared: Declared, table: Table, key: Constraint) -> Iterator[Mutant]:
    if key.deferrable:
        new = replace(key, deferrable=False, deferred=False)
        yield _changed(table, key, new, "not deferrable")
    else:
        new = replace(key, deferrable=True, deferred=True)
        yield _changed(table, key, new, "deferred")
    if key.match == "simple" and len(key.columns) > 1:
        nullable = [n for n in key.columns if table.column(n).nullable]
        same = "" if nullable else "none of its columns can be NULL"
        yield replace(_changed(table, key, replace(key, match="full"), "match full"), same=same)
    if table.kind != "partitioned" and key.validated:
        yield _changed(table, key, replace(key, validated=False), "not valid")
    if declared.version >= 180000:
        new = replace(key, enforced=False)
        found = _changed(table, key, new, "not enforced")
        yield replace(found, twin="what is not enforced is as good as dropped")


def _changed(
    table: Table, key: Constraint, new: Constraint | None, operator: str, detail: str = ""
) -> Mutant:
    where, name = quoted(*table.name), quoted(key.name)
    drop = f"ALTER TABLE {where} DROP CONSTRAINT {name}"
    add = [f"ALTER TABLE {where} ADD CONSTRAINT {name} {_definition(new)}"] if new else []
    tables = dict.fromkeys([table.name, *([key.target] if key.target else [])])
    return Mutant(
        kind=ForeignKeys.kind,
        object=plain(table.name, key.name),
        operator=operator,
        ddl=(drop, *add),
        control=(drop, f"ALTER TABLE {where} ADD CONSTRAINT {name} {_definition(key)}")
        if new
        else (),
        before=f"CONSTRAINT {name} {_definition(key)}",
        after=f"CONSTRAINT {name} {_definition(new)}" if new else "",
        detail=detail,
        tables=tuple(tables),
    )


def _definition(key: Constraint) -> str:
    target = quoted(*key.target) if key.target else ""
    only = f" ({listed(key.on_delete_columns)})" if key.on_delete_columns else ""
    parts = [
        f"FOREIGN KEY ({listed(key.columns)}) REFERENCES {target} ({listed(key.target_columns)})",
        "MATCH FULL" if key.match == "full" else "",
        f"ON UPDATE {key.on_update}".upper() if key.on_update != "no action" else "",
        f"ON DELETE {key.on_delete}".upper() + only if key.on_delete != "no action" else "",
        "DEFERRABLE" if key.deferrable else "",
        "INITIALLY DEFERRED" if key.deferred else "",
        "NOT VALID" if not key.validated and key.enforced else "",
        "" if key.enforced else "NOT ENFORCED",
    ]
    return " ".join(filter(None, parts))
