"""Reference: a foreign key with its two tables, and the rows that it is tried with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from psycopg import sql

from harness.postgres.schema_model import Constraint, Schema, Table
from harness.properties.base import Undecided
from harness.properties.check_context import CheckContext
from harness.rowgen import Draft

Values = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key; ``table`` refers to ``target``."""

    key: Constraint
    table: Table
    target: Table

    @classmethod
    def of(cls, key: Constraint, schema: Schema) -> Reference | None:
        """The reference that a constraint is; None where its target is not among the tables."""
        target = schema.by_name.get(key.target) if key.target else None
        return cls(key, schema.by_name[key.table], target) if target else None

    @property
    def nullable(self) -> list[str]:
        """The referencing columns that may be NULL."""
        columns = (self.table.column(name) for name in self.key.columns)
        return [column.name for column in columns if column.nullable and column.insertable]

    @property
    def writable(self) -> bool:
        """Whether a row can be given another reference."""
        return all(self.table.column(name).insertable for name in self.key.columns)

    @property
    def movable(self) -> bool:
        """Whether the target's key can be updated at all."""
        return all(self.target.column(name).insertable for name in self.key.target_columns)

    def family(self, context: CheckContext) -> tuple[dict[str, str | None], Draft]:
        """The key of a target that is inserted, and a row that refers to it, which is not.

        The target is a new one, that nothing else refers to, where rows can refer to any. CHECKs
        that no row passes are taken out of the way only where rows cannot refer to another.
        """
        if not self.writable:  # some of the columns are computed
            return self._chosen(context)
        lifting = context.lifting
        if self._is_checked(context):
            context.lifting = False
            try:
                with suppress(Undecided):
                    return self._new(context)
                with suppress(Undecided):
                    return self._chosen(context)
            finally:
                context.lifting = lifting
        try:
            return self._new(context)
        except Undecided:
            return self._chosen(context)

    def _is_checked(self, context: CheckContext) -> bool:
        """Whether a CHECK is about a referencing column."""
        found = context.rows.conditions(self.table)
        return any(name in one.columns for name in self.key.columns for one in found)

    def _new(self, context: CheckContext) -> tuple[dict[str, str | None], Draft]:
        """A target of its own, and a row that refers to it."""
        if len(self.table.foreign_keys) > 1:
            context.stored_row(self.target)  # for the row's other references, however far
        stored = context.stored_row(self.target).stored
        key = {name: stored[name] for name in self.key.target_columns}
        return key, context.valid(self.table, **self.referring(key))

    def _chosen(self, context: CheckContext) -> tuple[dict[str, str | None], Draft]:
        """The same with whatever target a valid row has."""
        child = context.valid(self.table)
        if None in (values := [child.stored.get(name) for name in self.key.columns]):
            child = context.referring(self.table, self.key)
        if None in (values := [child.stored.get(name) for name in self.key.columns]):
            raise Undecided(f"no valid row of {self.table} refers to {self.target}")
        return dict(zip(self.key.target_columns, values, strict=True)), child

    def other_key(
        self, context: CheckContext, key: Values, child: Draft | None = None
    ) -> dict[str, str | None]:
        """A key of the target that no row has, by the target's columns.

        Nor will the ``child`` have it once it is inserted, where it may refer to itself. Under
        PERIOD another stretch of time may be covered all the same: that stays.
        """
        itself = child.values if child and self.table.name == self.target.name else {}
        own = {name: itself[name] for name in self.key.target_columns if name in itself}
        plan = context.rows.plan(self.target)
        columns = self.key.target_columns
        for name in columns[:-1] if self.key.period else columns:
            if not self._may_give(name):
                continue
            pool = plan.pool(name)
            for text in (*pool.accepted, plan.unused(name), *pool.refused):
                other = {**key, name: text}
                if text in (None, key[name]) or (own and own.items() <= other.items()):
                    continue
                if not self._taken(context, other):
                    return other
        raise Undecided(f"no key is known that {self.target} does not have")

    def _taken(self, context: CheckContext, values: Values) -> bool:
        if self.key.period:  # several rows may cover a stretch together
            values = {name: values[name] for name in self.key.target_columns[:-1]}
        return bool(context.attempt(_looking(self.target, values)).rows)

    def _may_give(self, target_column: str) -> bool:
        """Whether a row can be given another value in the column that refers to this one."""
        pairs = zip(self.key.target_columns, self.key.columns, strict=True)
        return self.table.column(dict(pairs)[target_column]).insertable

    def writing(self, values: Values) -> dict[str, str | None]:
        """Values of the target's key, by the referencing columns that are not computed."""
        every = self.referring(values)
        return {name: text for name, text in every.items() if self.table.column(name).insertable}

    def referring(self, values: Values) -> dict[str, str | None]:
        """Values of the target's key, by the referencing columns."""
        pairs = zip(self.key.columns, self.key.target_columns, strict=True)
        return {name: values[other] for name, other in pairs}

    def delete(self, key: Values) -> sql.Composed:
        """The statement that deletes a target."""
        return sql.SQL("DELETE FROM {} WHERE {}").format(self.target.identifier, matching(key))

    def names(self, constraint: str) -> bool:
        """Whether a constraint is this one; of a partitioned target each partition has its own."""
        return constraint.rstrip("0123456789").removesuffix("_") == self.key.name or (
            constraint == self.key.name
        )


def matching(values: Values) -> sql.Composed:
    """The condition that columns have these values."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} IS NOT DISTINCT FROM {}").format(sql.Identifier(name), sql.Literal(text))
        for name, text in values.items()
    )


def update(table: Table, to: Values, where: Values) -> sql.Composed:
    """UPDATE of the rows that have these values."""
    items = [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(text))
        for name, text in to.items()
    ]
    return sql.SQL("UPDATE {} SET {} WHERE {}").format(
        table.identifier, sql.SQL(", ").join(items), matching(where)
    )


def _looking(table: Table, values: Values) -> sql.Composed:
    """Whether rows have these values, which need not be of the columns' types."""
    query = sql.SQL("SELECT 1 AS found FROM {} WHERE {} LIMIT 1")
    return query.format(table.identifier, matching(values))


def leads(columns: Sequence[str], indexed: Sequence[str | None]) -> bool:
    """Whether an index begins with these columns, in any order."""
    return set(indexed[: len(columns)]) == set(columns)


def only_not_null(predicate: str | None, columns: Collection[str]) -> bool:
    """Whether a partial index leaves out nothing but rows without a reference."""
    if predicate is None:
        return True
    words = predicate.replace("(", " ").replace(")", " ").replace('"', " ")
    parts = [part.strip() for part in words.split(" AND ")]
    return all(part in {f"{name} IS NOT NULL" for name in columns} for part in parts)
