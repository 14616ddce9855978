"""Reference: a foreign key with its two tables, and the rows that it is tried with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from harness.properties.base import Undecided
from harness.properties.bench import Bench
from harness.relations import Constraint, Schema, Table
from harness.rows import Draft

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

    def parent(self, bench: Bench) -> Draft:
        """A row of the target that nothing refers to yet, inserted."""
        return bench.stored_row(self.target)

    def child(self, bench: Bench, parent: Draft) -> Draft:
        """A row that refers to it, not inserted."""
        given = {
            name: parent.stored[other]
            for name, other in zip(self.key.columns, self.key.target_columns, strict=True)
        }
        if not self.writable:
            raise Undecided("the referencing columns are computed: no row can be made to refer")
        return bench.valid(self.table, **given)

    def other_key(self, bench: Bench, parent: Draft) -> dict[str, str | None]:
        """A key of the target that no row has, by the target's columns."""
        found = {name: parent.stored[name] for name in self.key.target_columns}
        for name in self.key.target_columns:
            unused = bench.rows.plan(self.target).unused(name)
            if unused is not None and unused != found[name]:
                found[name] = unused
                if not self._taken(bench, found):
                    return found
        raise Undecided(f"no key is known that {self.target} does not have")

    def _taken(self, bench: Bench, values: Values) -> bool:
        return bench.count(self.target, values) > 0

    def referring(self, values: Values) -> dict[str, str | None]:
        """Values of the target's key, by the referencing columns."""
        pairs = zip(self.key.columns, self.key.target_columns, strict=True)
        return {name: values[other] for name, other in pairs}

    def delete(self, parent: Draft) -> sql.Composed:
        """The statement that deletes the parent."""
        return sql.SQL("DELETE FROM {} WHERE {}").format(
            self.target.identifier, matching(self._key_of(parent))
        )

    def move(self, parent: Draft, to: Values) -> sql.Composed:
        """The statement that gives the parent another key."""
        return update(self.target, to, self._key_of(parent))

    def _key_of(self, parent: Draft) -> dict[str, str | None]:
        return {name: parent.stored[name] for name in self.key.target_columns}


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
