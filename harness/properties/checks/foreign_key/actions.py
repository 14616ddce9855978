"""What happens to rows that refer when their target goes, or gets another key."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from psycopg import sql

from harness.postgres.schema_model import Constraint
from harness.postgres.schema_model.constraint import Action
from harness.properties.base import Failed, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.foreign_key.aftermath import EXPECTED, REFUSALS, Aftermath, Change
from harness.properties.checks.foreign_key.contradiction import always_refused
from harness.properties.checks.foreign_key.reference import Reference, Values, update
from harness.properties.expressions import inserting
from harness.properties.interference import Interference, demand_whole
from harness.properties.statement_result import Answer


def on_delete(reference: Reference, context: CheckContext) -> str:
    """The target is deleted."""
    key, before, row = _family(reference, context, lambda below: below.on_delete)
    action = reference.key.on_delete
    changed = partial(
        _changed, reference, context, reference.delete(key), action=action, delete=True
    )
    return _demanded(reference, context, changed, action, row=row, before=before)


def on_update(reference: Reference, context: CheckContext) -> str:
    """The target gets another key."""
    key, before, row = _family(reference, context, lambda below: below.on_update)
    to = reference.other_key(context, key)
    statement, action = update(reference.target, to, key), reference.key.on_update
    changed = partial(_changed, reference, context, statement, action=action, delete=False)
    after = reference.referring(to)
    return _demanded(reference, context, changed, action, row=row, before=before, after=after)


def _demanded(
    reference: Reference,
    context: CheckContext,
    changed: Callable[..., tuple[Change, str]],
    action: Action | None,
    **rows: dict[str, str | None],
) -> str:
    """Demand what the action does; what had to be out of the way for that.

    A trigger of the target may have found another place for the rows that refer: they are then
    not there for the action any more, which is looked at without it.
    """
    expected = EXPECTED[action or "no action"]
    if any(trigger.fires for trigger in reference.target.triggers):
        with context.undone():
            change, remark = changed()
            found = Aftermath(reference, context, change, **rows)
            try:
                expected(found)
            except Failed:
                if not (change.answer and found.is_whole()):
                    raise
            else:
                return remark
    change, remark = changed(without_triggers=True)
    expected(Aftermath(reference, context, change, **rows))
    return remark


def _family(
    reference: Reference, context: CheckContext, action: Callable[[Constraint], str | None]
) -> tuple[dict[str, str | None], dict[str, str | None], dict[str, str | None]]:
    """A target and a row that refers to it, inserted: the target's key, what refers to it.

    At last what tells the row from others that refer to the same, where it has a key.
    """
    key, child = reference.family(context)
    stored = context.keep(inserting(child)).rows
    before = reference.referring(key)
    if not stored or any(stored[0][name] != text for name, text in before.items()):
        raise Undecided("the row that refers is not stored as it is given: a trigger changes it")
    for other in context.schema.references(reference.table):
        if action(other) == "cascade":
            _follow(other, context, stored[0])
    context.settle_deferred(reference.table, reference.target)
    primary = reference.table.primary_key
    names = [name for name in primary.columns if name not in before] if primary else []
    return key, before, {name: stored[0][name] for name in names}


def _follow(key: Constraint, context: CheckContext, stored: Values) -> None:
    """Insert a row that refers to the child in turn; a cascade takes it along."""
    below = Reference.of(key, context.schema)
    itself = key.table == key.target
    if key.period or itself or below is None or not below.writable:
        return
    pairs = zip(key.columns, key.target_columns, strict=True)
    with suppress(Undecided):  # one row less to look at
        given = {column: stored[target] for column, target in pairs}
        context.keep(inserting(context.valid(below.table, **given)))
        context.prepared(1)


def _changed(
    reference: Reference,
    context: CheckContext,
    statement: sql.Composed,
    action: Action | None,
    delete: bool,
    without_triggers: bool = False,
) -> tuple[Change, str]:
    """What the foreign key answers, and what had to be out of the way for that.

    Raises Failed where its action cannot be carried out, Undecided where something else keeps the
    target as it is.
    """
    interference = Interference(context, reference.target)
    if without_triggers:
        interference.lift_triggers()
    while True:  # each turn lifts one obstacle, and there are only so many
        answer = context.attempt(statement, keep=True)
        if _is_ours(answer, reference) or (answer and answer.count):
            # Lifting makes what is deferred immediate.
            moment = None if interference.lifted else answer.late
            return Change(answer, moment, frozenset(interference.lifted)), interference.remark
        demand_whole(context, answer, "the target's change")
        if not interference.lifted and always_refused(reference, answer, action, delete):
            raise Failed(f"{(action or '').upper()} never works: {answer}")
        if answer and interference.lift_rules():
            continue
        if not (interference.lift_triggers() if answer else interference.lift(answer)):
            break
    raise Undecided(f"the target does not change, for another reason: {answer}")


def _is_ours(answer: Answer, reference: Reference) -> bool:
    """The answer is the foreign key's: its refusal, or that its action is impossible."""
    if answer.sqlstate in REFUSALS:
        return reference.names(answer.constraint)
    here = answer.table == reference.table.name.name
    return answer.sqlstate == "23502" and here and answer.column in reference.key.columns
