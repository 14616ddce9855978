"""What happens to rows that refer when their target goes, or gets another key."""

from __future__ import annotations

from contextlib import suppress

from psycopg import sql

from harness.postgres.schema_model import Constraint
from harness.properties.base import Undecided
from harness.properties.check_context import Bench
from harness.properties.checks.foreign_key.aftermath import EXPECTED, REFUSALS, Aftermath
from harness.properties.checks.foreign_key.reference import Reference, Values, update
from harness.properties.expressions import inserting
from harness.properties.interference import Obstacles
from harness.properties.statement_result import Answer

_MOST = 12


def on_delete(reference: Reference, bench: Bench) -> str:
    """The target is deleted."""
    key, before = _family(reference, bench)
    statement, action = reference.delete(key), reference.key.on_delete
    answer, remark = _changed(reference, bench, statement)
    EXPECTED[action or "no action"](Aftermath(reference, bench, answer, before))
    return remark


def on_update(reference: Reference, bench: Bench) -> str:
    """The target gets another key."""
    key, before = _family(reference, bench)
    to = reference.other_key(bench, key)
    statement, action = update(reference.target, to, key), reference.key.on_update
    answer, remark = _changed(reference, bench, statement)
    after = reference.referring(to)
    EXPECTED[action or "no action"](Aftermath(reference, bench, answer, before, after))
    return remark


def _family(
    reference: Reference, bench: Bench
) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """A target and a row that refers to it, inserted: their keys, the referring one second."""
    key, child = reference.family(bench)
    stored = bench.keep(inserting(child)).rows
    before = reference.referring(key)
    if not stored or any(stored[0][name] != text for name, text in before.items()):
        raise Undecided("the row that refers is not stored as it is given: a trigger changes it")
    for other in bench.schema.references(reference.table):
        _follow(other, bench, stored[0])
    return key, before


def _follow(key: Constraint, bench: Bench, stored: Values) -> None:
    """Insert a row that refers to the child in turn, where a cascade takes it along."""
    below = Reference.of(key, bench.schema)
    itself = key.table == key.target
    if key.on_delete != "cascade" or key.period or itself or below is None or not below.writable:
        return
    pairs = zip(key.columns, key.target_columns, strict=True)
    with suppress(Undecided):  # one row less to look at
        given = {column: stored[target] for column, target in pairs}
        bench.keep(inserting(bench.valid(below.table, **given)))


def _changed(reference: Reference, bench: Bench, statement: sql.Composed) -> tuple[Answer, str]:
    """What the foreign key answers, and what had to be out of the way for that.

    Raises Undecided where something else keeps the target as it is.
    """
    obstacles = Obstacles(bench, reference.target)
    for _ in range(_MOST):
        answer = bench.attempt(statement, keep=True)
        if _is_ours(answer, reference) or (answer and answer.count):
            return answer, obstacles.remark
        if not (obstacles.lift_triggers() if answer else obstacles.lift(answer)):
            break
    raise Undecided(f"the target does not change, for another reason: {answer}")


def _is_ours(answer: Answer, reference: Reference) -> bool:
    """The answer is the foreign key's: its refusal, or that its action is impossible."""
    if answer.sqlstate in REFUSALS:
        return reference.names(answer.constraint)
    here = answer.table == reference.table.name.name
    return answer.sqlstate == "23502" and here and answer.column in reference.key.columns
