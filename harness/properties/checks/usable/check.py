"""The check of commands: who may give which, and the statements that are tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import ClassVar

from harness.postgres.schema_model import Grant, Schema, Table
from harness.properties.base import Failed, Lost, NoRow, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.checks.trigger import statements as of
from harness.properties.checks.usable.actor import Actor
from harness.properties.checks.usable.branches import (
    demand_deletes,
    demand_inserts,
    demand_updates,
)
from harness.properties.checks.usable.computed import demand_computed
from harness.properties.checks.usable.constant import REFUSED
from harness.properties.checks.usable.left_out import NO_NULL
from harness.properties.checks.usable.lost_column import demand_changed, demand_stored
from harness.properties.checks.usable.null_record import demand_new, demand_old
from harness.properties.checks.usable.refreshing import REFRESH, refresh
from harness.properties.checks.usable.returned_old import demand_new_returned
from harness.properties.checks.usable.ruled import demand_own_defaults
from harness.properties.checks.usable.statements import (
    Row,
    deletes,
    inserts,
    plain_keys,
    selects,
    updates,
    varied_updates,
)
from harness.properties.checks.usable.switched_off import without_triggers
from harness.properties.checks.usable.too_early import demand_parents_first
from harness.properties.checks.usable.trial import Trial
from harness.properties.checks.usable.unread import demand_readable
from harness.properties.checks.usable.unseen import demand_deleted
from harness.properties.looked_up import NOT_FOUND, fill, looking_up
from harness.properties.server_errors import Meaning, is_broken, meaning
from harness.properties.view_rows import show
from harness.rowgen import Draft

OWNER = "owner"
_ELSEWHERE = (NO_NULL, REFUSED)
"""What a trigger's INSERT into another table may be refused with, whatever the row is."""
_CHECK_OPTION = "44000"
_VARIED = 5
"""Rows that are tried where what is said of one may depend on its values."""


class Usable:
    """What was granted can be done."""

    id: ClassVar[str] = "usable"
    group: ClassVar[str] = "privileges"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/ddl-priv.html"

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each command that the owner or a role may give."""
        for table in schema:
            if table.kind == "foreign":
                continue
            own = any(not trigger.inherited for trigger in table.triggers)
            if not table.is_partition or own:  # it is used through its parent
                for command in filter(lambda one: _can_fail(table, one), table.commands):
                    yield Property(self.id, table.name, OWNER, command)
            for grant in table.grants:
                if grant.command in table.commands:
                    yield Property(self.id, table.name, _called(grant), grant.command)
        for view in schema.materialized:
            yield Property(self.id, view.name, OWNER, REFRESH)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Give one command as one role."""
        if prop.aspect == REFRESH:
            view = next(v for v in context.schema.materialized if v.name == prop.table)
            return refresh(Trial(context, view, Actor(context, view, None), REFRESH.upper()))
        table = context.schema.by_name[prop.table]
        grant = next(
            (g for g in table.grants if (_called(g), g.command) == (prop.object, prop.aspect)), None
        )
        actor = Actor(context, table, grant)
        trial = Trial(context, table, actor, prop.aspect.upper())
        if prop.aspect == "insert":
            return _insert(trial)
        return _on_row(trial, prop.aspect)


def _can_fail(table: Table, command: str) -> bool:
    """Whether the owner's command runs anything of the schema's that could be broken."""
    if command == "update":
        return any(column.insertable for column in table.columns)
    computed = any(column.generated_kind == "virtual" for column in table.columns)
    return command != "select" or table.kind == "view" or bool(table.owner) or computed


def _called(grant: Grant) -> str:
    return f"role {OWNER}" if grant.role == OWNER else grant.role


def _insert(trial: Trial) -> str:
    try:
        draft = _valid(trial)
    except Lost as why:
        raise Undecided(str(why)) from None
    except NoRow as why:
        return _refused(trial, why)
    found = trial.of([(inserts(trial.actor, one), one.stored) for one in _for(trial, draft)])
    _demand_others(trial, draft)
    demand_inserts(trial, draft)
    demand_computed(trial, draft)
    if trial.table.kind == "view":
        demand_stored(trial, draft)
    return found


def _valid(trial: Trial) -> Draft:
    """A row that the server accepts; raises Failed where a CHECK's own function is broken."""
    context, table = trial.context, trial.table
    context.lifting = False
    try:
        return context.valid(table)
    except NoRow as why:
        error = why.cause
        if error.refusal is not None or error.table.name != table.name:
            raise
        answer = context.attempt(inserts(trial.actor, Draft(table, error.closest, {})))
        if is_broken(answer, granted=True):
            trial.judged([answer], [])
        context.steps.pop()
    finally:
        context.lifting = True
    return context.valid(table)


def _demand_others(trial: Trial, draft: Draft) -> None:
    """Demand of rows that the search for a valid one has left aside that no program breaks.

    What a constraint or a RAISE refuses is left aside, too, and rightly. A row that all of them
    would take, and that ends in an error of the schema's own code, is one that nobody can insert.
    """
    context, table = trial.context, trial.table
    for row, refusal in context.rows.refused.get(table.name, {}).values():
        if trial.actor.is_owner:
            demand_parents_first(trial, row, refusal)
        if not trial.actor.is_owner or not is_broken(refusal, granted=True):
            continue
        keys = of.key_columns(table)
        own = {name: text for name, text in row.items() if name not in keys}
        other = draft.without(*(n for n in draft.values if n not in keys)).replace(**own)
        answer = context.attempt(inserts(trial.actor, other))
        if answer or not is_broken(answer, granted=True):
            continue
        mark = len(context.steps)
        with context.undone(), without_triggers(context, table, shown=False):
            valid = bool(context.attempt(inserts(trial.actor, other)))
        del context.steps[mark:]
        if valid:
            trial.judged([answer], [])


def _for(trial: Trial, draft: Draft) -> Iterator[Draft]:
    """The row, and others that policies may want of the role that inserts it."""
    yield draft
    for given in trial.actor.wanted():
        with suppress(Undecided, Failed):
            yield trial.context.valid(trial.table, **given)


def _refused(trial: Trial, why: NoRow) -> str:
    """No row is accepted: what the one says that would be without the table's triggers."""
    context, table, error = trial.context, trial.table, why.cause
    if error.refusal is None and error.table.name == table.name and table.kind == "view":
        return _unseen(trial, why)
    if error.refusal is None or error.table.name != table.name or not trial.actor.is_owner:
        raise why
    if table.kind == "view" and any(r.instead and r.event == "insert" for r in table.rules):
        # A rule gives no row back, which the search for valid rows wants to see.
        answer = context.attempt(inserts(trial.actor, Draft(table, error.closest, error.closest)))
        if trial.tells(answer):
            return trial.judged([answer], [])
    for row, refusal in context.rows.refused.get(table.name, {}).values():
        if is_broken(refusal, valid_row=False, granted=True) or refusal.sqlstate in _ELSEWHERE:
            answer = context.attempt(inserts(trial.actor, Draft(table, row, row)))
            if trial.tells(answer):
                return trial.judged([answer], [])
    demand_new(trial, inserts(trial.actor, Draft(table, error.closest, error.closest)))
    demand_parents_first(trial, error.closest, error.refusal)
    if error.refusal.sqlstate == REFUSED and not error.refusal.inside:  # a rule's doing
        answer = context.attempt(inserts(trial.actor, Draft(table, error.closest, error.closest)))
        if trial.tells(answer):
            return trial.judged([answer], [])
    if table.rules and not error.refusal.inside:
        demand_own_defaults(trial, error.closest)
    if table.kind == "view" and meaning(error.refusal) is Meaning.RULE:
        return f"a rule of the schema refuses it: {error.refusal}"  # of a column not shown, mostly
    if meaning(error.refusal, granted=True) in (Meaning.RULE, Meaning.OTHER):
        raise why
    drafts = [Draft(table, error.closest, error.closest)]
    with suppress(Undecided), without_triggers(context, table, shown=False):
        drafts = [context.valid(table) for _ in range(_VARIED)]
    for draft in drafts:
        answer = context.attempt(inserts(trial.actor, draft))
        if trial.tells(answer):
            return trial.judged([answer], [])
    if error.refusal.sqlstate == NOT_FOUND:
        drafts += looking_up(drafts[0], fill(context, table))
    return trial.varied(drafts)


def _unseen(trial: Trial, why: NoRow) -> str:
    """What is said to a row that the view would not show, for what it leaves out."""
    context, table, closest = trial.context, trial.table, why.cause.closest
    statement = inserts(trial.actor, Draft(table, closest, {}))
    answer = context.attempt(statement)
    if answer and answer.count:
        return (
            trial.of([(statement, closest)]) or "the row is stored, and the view does not show it"
        )
    if answer.sqlstate == NO_NULL and answer.column not in {c.name for c in table.columns}:
        return f"a rule of the schema refuses it: {answer}"
    asked = (c.columns for c in context.rows.plan(table).conditions if c.strict)
    if answer.sqlstate == _CHECK_OPTION and not trial.actor.is_owner and not any(asked):
        raise Failed(
            f"INSERT was granted to {trial.actor} and no row gets in, since the view asks for"
            f" nothing but what the columns hold that it leaves out: {answer}"
        )
    raise why


def _on_row(trial: Trial, command: str) -> str:
    """A command for a row that is there."""
    try:
        rows = list(_stored(trial, command))
    except NoRow as why:
        if command == "select" and trial.actor.is_owner:
            demand_readable(trial, why)
        raise
    ways = {"update": updates, "delete": deletes, "select": selects}
    found = [
        (statement, row.stored or row.around)
        for row in rows
        for statement in ways[command](trial.actor, row)
    ]
    more = (one for row in _others(trial, command) for one in ways[command](trial.actor, row))
    others = chain(varied_updates(trial.actor, rows[0]) if command == "update" else (), more)
    if command == "delete" and trial.actor.is_owner and trial.table.kind == "view":
        demand_deleted(trial, rows[0])
    if command == "update" and trial.table.kind == "view":
        demand_changed(trial, rows[0])
    elif command == "update":
        demand_new_returned(trial, rows[0])
    said = trial.of(found, others)
    if command == "delete" and said and trial.valid_row and rows[0].stored is not None:
        demand_old(trial, next(deletes(trial.actor, rows[0])))
    if command != "select" and trial.valid_row and rows[0].stored is not None:
        (demand_updates if command == "update" else demand_deletes)(trial, rows[0])
    return said


def _others(trial: Trial, command: str) -> Iterator[Row]:
    """Other rows to be changed, deleted or read: what the first met may be due to its values."""
    if trial.table.kind == "view":
        return
    other = None
    if command == "update":
        with suppress(Undecided, Failed):
            other = trial.context.valid(trial.table)
    drawn: list[dict[str, str]] = [{}] * (0 if other else _VARIED)
    for given in (*drawn, *plain_keys(trial.table)):
        with suppress(Undecided, Failed):
            row = _stored_row(trial.context, trial.table, given) if given else _row(trial, {})
            yield Row(trial.table, row.stored, other)


def _stored(trial: Trial, command: str) -> Iterator[Row]:
    """Rows to be updated, deleted or read; each with a second one's values. Raises Undecided."""
    context, table = trial.context, trial.table
    if table.kind == "view":
        yield from _shown(trial)
        return
    row = _row(trial, {})
    other = None
    if command == "update":
        with suppress(Undecided, Failed):
            other = context.valid(table)
    yield Row(table, row.stored, other)
    for given in trial.actor.wanted():
        with suppress(Undecided, Failed):
            yield Row(table, _row(trial, given).stored, other)


def _row(trial: Trial, given: dict[str, str]) -> Draft:
    """A row that is stored; without the table's triggers, where they let none in."""
    context, table = trial.context, trial.table
    try:
        return _stored_row(context, table, given)
    except Undecided as why:
        with suppress(Undecided), without_triggers(context, table):
            found = context.stored_row(table, **given)
            trial.valid_row = False
            return found
        raise why from None


def _stored_row(context: CheckContext, table: Table, given: dict[str, str]) -> Draft:
    """A row that is stored, with what its triggers look up. Raises Undecided."""
    try:
        return context.stored_row(table, **given)
    except NoRow as why:
        if why.cause.refusal is None or why.cause.refusal.sqlstate != NOT_FOUND:
            raise
        fill(context, table)
        return context.stored_row(table, **given)


def _shown(trial: Trial) -> Iterator[Row]:
    """What a view shows once there are rows in what it reads."""
    context, view = trial.context, trial.table
    around = show(context, view)
    seen = context.rows.plan(view).table if view.insertable else view  # with its table's keys
    if view.insertable:
        with suppress(Undecided, Failed):
            yield Row(seen, context.stored_row(view).stored, context.valid(view))
            return
    yield Row(seen, None, None, around)
