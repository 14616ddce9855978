"""What a foreign key says of its target when that goes and comes back within a statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from psycopg import sql

from harness.postgres.schema_model import Constraint, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext


class References:
    """NO ACTION looks when the statement has ended, RESTRICT at once, CASCADE takes all along."""

    id: ClassVar[str] = "references"
    group: ClassVar[str] = "constraints"
    manual: ClassVar[str] = (
        "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK"
    )

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each foreign key."""
        for table in schema:
            for key in table.foreign_keys if table.holds_rows else ():
                if not key.inherited and key.target in schema.by_name:
                    yield Property(self.id, table.name, key.name)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Delete the target, replace it, refer to nothing; look at the row that referred."""
        table = context.schema.by_name[prop.table]
        key = table.constraint(prop.object)
        target = context.schema.by_name[key.target] if key and key.target else None
        if key is None or target is None or target.kind == "view":
            return ""
        parent = context.stored_row(target)
        pairs = zip(key.columns, key.target_columns, strict=True)
        held = {name: parent.stored[to] for name, to in pairs}
        # Another key of the same target would answer as well, and first if it was made first.
        others = {
            name: None
            for other in table.foreign_keys
            if other.target == key.target and other.name != key.name
            for name in other.columns
            if name not in held and table.column(name).nullable
        }
        with suppress(Undecided, Failed):
            context.stored_row(table, **held, **others)
        where = sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(parent.stored[name]))
            for name in key.target_columns
        )
        delete = sql.SQL("DELETE FROM {} WHERE {}").format(target.identifier, where)
        context.at_once(delete)
        self._moved(context, key, target, where)
        with suppress(Undecided, Failed), context.undone():
            if context.attempt(_replaced(target, where), keep=True):
                self._look(context, table, key.columns)
        for name in key.target_columns:
            column = target.column(name)
            if column.identity or (column.default and column.volatility == "volatile"):
                update = sql.SQL("UPDATE {} SET {} = DEFAULT WHERE {}").format(
                    target.identifier, column.identifier, where
                )
                with suppress(Undecided, Failed), context.undone():
                    if context.attempt(update, keep=True):
                        self._look(context, table, key.columns)
        with suppress(Undecided, Failed), context.undone():
            if context.attempt(delete, keep=True):
                self._look(context, table, key.columns)
        return ""

    def _moved(
        self, context: CheckContext, key: Constraint, target: Table, where: sql.Composed
    ) -> None:
        """Give the target the key of another row that there could be; then with a default's target.

        What the target refers to itself is there for that row, and refuses nothing.
        """
        table, names = context.schema.by_name[key.table], key.target_columns
        given = _defaults(context, table, key)
        with suppress(Undecided, Failed), context.undone():
            if not all(target.column(name).insertable for name in names):
                return
            other = context.valid(target)
            items = [
                sql.SQL("{} = {}").format(sql.Identifier(n), sql.Literal(other.stored[n]))
                for n in names
            ]
            update = sql.SQL("UPDATE {} SET {} WHERE {}").format(
                target.identifier, sql.SQL(", ").join(items), where
            )
            delete = sql.SQL("DELETE FROM {} WHERE {}").format(target.identifier, where)
            self._seen(context, table, key, update)
            if given:
                context.stored_row(target, **given)
                self._seen(context, table, key, update)
                self._seen(context, table, key, delete)

    def _seen(
        self, context: CheckContext, table: Table, key: Constraint, statement: sql.Composed
    ) -> None:
        with suppress(Undecided, Failed), context.undone():
            if context.attempt(statement, keep=True):
                self._look(context, table, key.columns)

    def _look(self, context: CheckContext, table: Table, names: tuple[str, ...]) -> None:
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        context.query(sql.SQL("SELECT {} FROM {}").format(columns, table.identifier))


def _defaults(context: CheckContext, table: Table, key: Constraint) -> dict[str, str | None]:
    """The target's key that SET DEFAULT makes a row refer to; none where it refers to nothing."""
    found: dict[str, str | None] = {}
    for name, to in zip(key.columns, key.target_columns, strict=True):
        column = table.column(name)
        if not column.default or column.generated or column.volatility != "immutable":
            return {}
        form = sql.SQL("SELECT ({})::{}::text AS value").format(
            sql.SQL(column.default), sql.SQL(column.type_sql)
        )
        found[to] = context.query(form, aside=True)[0]["value"]
    return {} if None in found.values() else found


def _replaced(target: Table, where: sql.Composed) -> sql.Composed:
    """The target deleted and inserted again, in one statement."""
    names = [c.name for c in target.columns if c.generated is None]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    identity = any(target.column(name).identity == "always" for name in names)
    return sql.SQL(
        "WITH gone AS (DELETE FROM {t} WHERE {w} RETURNING *)"
        " INSERT INTO {t} ({c}){o} SELECT {c} FROM gone"
    ).format(
        t=target.identifier,
        w=where,
        c=columns,
        o=sql.SQL(" OVERRIDING SYSTEM VALUE" if identity else ""),
    )
