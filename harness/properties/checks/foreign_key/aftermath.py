"""Aftermath: what is left when a target has changed, held against the action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from psycopg import sql

from harness.postgres.schema_model.constraint import Action
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.foreign_key.reference import Reference
from harness.properties.statement_result import Answer

_VIOLATED, _RESTRICTED = "23503", "23001"
"""foreign_key_violation, and restrict_violation from PostgreSQL 18."""
REFUSALS = (_VIOLATED, _RESTRICTED)
_RESTRICTING = 180000
"""From this version on RESTRICT has a SQLSTATE of its own."""
_ORPHANS = (
    "SELECT EXISTS (SELECT FROM {table} AS c WHERE {present}"
    " AND NOT EXISTS (SELECT FROM {target} AS t WHERE {joined})) AS orphans"
)


@dataclass(frozen=True, slots=True)
class Change:
    """What the change of a target was answered."""

    answer: Answer
    late: bool | None
    """Whether a refusal came where COMMIT would; None where that cannot be told."""
    lifted: frozenset[str] = frozenset()
    """What had to be out of the way: other keys, which then keep nothing alive."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The answer to the change of a target that one row refers to."""

    reference: Reference
    context: CheckContext
    change: Change
    row: dict[str, str | None]
    """What tells the row that refers from others, beside its reference."""
    before: dict[str, str | None]
    """The referring values of the row."""
    after: dict[str, str | None] | None = None
    """Those of the target's new key; None where the target was deleted."""

    @property
    def answer(self) -> Answer:
        """What the server said."""
        return self.change.answer

    def refuses(self) -> None:
        """NO ACTION: where the key is deferred, at COMMIT."""
        self._is_refused(_VIOLATED)
        deferred = self.reference.key.deferred
        if self.change.late is not None and self.change.late != deferred:
            due, came = ("at COMMIT", "at once") if deferred else ("at once", "at COMMIT only")
            raise Failed(f"the target's change is refused {came}, and not {due}")

    def restricts(self) -> None:
        """RESTRICT: at once, whether the key is deferred or not."""
        version = self.context.connection.info.server_version
        self._is_refused(_RESTRICTED if version >= _RESTRICTING else _VIOLATED)
        if self.change.late:
            raise Failed("the target's change is refused at COMMIT only; RESTRICT must not wait")

    def _is_refused(self, sqlstate: str) -> None:
        if self.answer:
            what = "is deleted" if self.after is None else "gets another key"
            raise Failed(f"the target {what} although a row refers to it")
        if self.answer.sqlstate != sqlstate:
            key = self.reference.key
            action = ((key.on_delete if self.after is None else key.on_update) or "").upper()
            raise Failed(f"the target's change is not refused as {action} does: {self.answer}")

    def cascades(self) -> None:
        """CASCADE, down to the last level."""
        self._works("CASCADE")
        if self._left(self.before):
            raise Failed("the row that refers is still there, and refers to nothing")
        if self.after is not None and not self._left(self.after):
            raise Failed("the row that refers does not follow the key")
        for key in self.context.schema.references(self.reference.table):
            below = Reference.of(key, self.context.schema)
            below_is_kept = not key.period and key.name not in self.change.lifted
            if below is not None and below_is_kept and self._orphans(below):
                raise Failed(f"rows of {below.table} still refer to deleted rows")

    def is_whole(self) -> bool:
        """Whether every row that refers has a target."""
        return not self.reference.key.period and not self._orphans(self.reference)

    def sets_null(self) -> None:
        """SET NULL, of all columns or of those that are named."""
        self._works("SET NULL")
        if self._left(self.before):
            raise Failed("the row that refers keeps its reference")
        named = self.reference.key.on_delete_columns if self.after is None else ()
        change = dict.fromkeys(named or self.reference.key.columns)
        if not self._left({**self.before, **change}):
            raise Failed("the row that refers is not left without a reference: it is gone")

    def sets_default(self) -> None:
        """SET DEFAULT, for which there has to be a target."""
        if self.answer.sqlstate == "23503":
            raise Undecided(f"no target has the default's key: {self.answer}")
        self._works("SET DEFAULT")
        if self._left(self.before):
            raise Failed("the row that refers keeps its reference")

    def _works(self, action: str) -> None:
        if not self.answer:
            raise Failed(f"{action} does not work: {self.answer}")

    def _left(self, values: dict[str, str | None]) -> int:
        return self.context.count(self.reference.table, {**self.row, **values})

    def _orphans(self, below: Reference) -> bool:
        """Whether something refers to what is not there."""
        pairs = zip(below.key.columns, below.key.target_columns, strict=True)
        joined = (_sql("c.{} = t.{}", one, other) for one, other in pairs)
        present = (_sql("c.{} IS NOT NULL", name) for name in below.key.columns)
        query = sql.SQL(_ORPHANS).format(
            table=below.table.identifier,
            target=below.target.identifier,
            present=sql.SQL(" AND ").join(present),
            joined=sql.SQL(" AND ").join(joined),
        )
        return bool(self.context.query(query)[0]["orphans"] == "t")


def _sql(template: str, *names: str) -> sql.Composed:
    return sql.SQL(template).format(*map(sql.Identifier, names))


EXPECTED: dict[Action, Callable[[Aftermath], None]] = {
    "no action": Aftermath.refuses,
    "restrict": Aftermath.restricts,
    "cascade": Aftermath.cascades,
    "set null": Aftermath.sets_null,
    "set default": Aftermath.sets_default,
}
