"""WHEN: the condition under which a trigger fires, true, false and NULL."""

from __future__ import annotations

from psycopg import sql

from harness.properties.base import Refuted, Undecided
from harness.properties.bench import Bench
from harness.properties.checks.trigger.probe import Probe
from harness.properties.checks.trigger.statements import settable, touch
from harness.properties.expressions import inserting
from harness.relations import Column, Table, Trigger

_ROWS = 12
_TRUTH = (
    "SELECT ({condition})::text AS truth FROM (SELECT ({old}).*) AS old, (SELECT ({new}).*) AS new"
)


def holds(table: Table, trigger: Trigger, bench: Bench) -> str:
    """It fires where the condition is true, and nowhere else."""
    if "update" in trigger.events:
        seen = _updates(table, trigger, bench)
    elif "insert" in trigger.events:
        seen = _inserts(table, trigger, bench)
    else:
        raise Undecided("WHEN of a trigger on DELETE or TRUNCATE is not tried")
    if "true" not in seen:
        raise Undecided(f"no row was found for which WHEN {trigger.when} is true")
    missing = [word for word in ("false", "NULL") if word not in seen]
    return f"not seen {' or '.join(missing)}" if len(missing) == 2 else ""


def _inserts(table: Table, trigger: Trigger, bench: Bench) -> set[str]:
    drafts = [bench.valid(table) for _ in range(_ROWS)]
    others = _varied(table, trigger, bench)
    statements = [inserting(draft) for draft in drafts]
    statements += [inserting(drafts[0].replace(**{c.name: t})) for c, t in others]
    return _compare(table, trigger, bench, statements)


def _updates(table: Table, trigger: Trigger, bench: Bench) -> set[str]:
    bench.stored_row(table)
    among = trigger.update_columns
    statements = [touch(table, settable(table, among=among))]
    for column, text in _varied(table, trigger, bench):
        if not among or column.name in among:
            statements.append(_set(table, column, text))
    return _compare(table, trigger, bench, statements)


def _varied(table: Table, trigger: Trigger, bench: Bench) -> list[tuple[Column, str | None]]:
    """Values for the columns that the condition reads, one at a time."""
    read = [c for c in table.columns if c.name in (trigger.when or "") and c.insertable]
    columns = read or [c for c in table.columns if c.insertable and c.identity is None]
    plan = bench.rows.plan(table)
    values = [(c, text) for c in columns for text in plan.pool(c.name).accepted[:_ROWS]]
    return [*values, *((c, None) for c in columns if c.nullable)]


def _set(table: Table, column: Column, text: str | None) -> sql.Composed:
    start = touch(table, column).as_string()
    before = f"SET {column.identifier.as_string()} = {column.identifier.as_string()} "
    after = f"SET {column.identifier.as_string()} = {sql.Literal(text).as_string()} "
    return sql.SQL("{}").format(sql.SQL(start.replace(before, after, 1)))


def _compare(
    table: Table, trigger: Trigger, bench: Bench, statements: list[sql.Composed]
) -> set[str]:
    """Which truths were seen; Refuted where the trigger fires against one."""
    condition = trigger.when or ""
    seen: set[str] = set()
    truths = [_truth(table, condition, bench, statement) for statement in statements]
    probe = Probe(bench, [trigger])
    for statement, truth in zip(statements, truths, strict=True):
        if truth is None or seen == {"true", "false", "NULL"}:
            continue
        answer, calls = probe.calls(statement)
        if not answer or not answer.count:
            continue
        if bool(calls) != (truth == "true"):
            word = "fires" if calls else "does not fire"
            raise Refuted(f"it {word} where WHEN {condition} is {truth}")
        seen.add(truth)
    return seen


def _truth(table: Table, condition: str, bench: Bench, statement: sql.Composed) -> str | None:
    """What the server says of the condition for a statement; None where it does not run.

    The row before and after is looked at with every trigger off, since the condition is
    evaluated on what other BEFORE triggers have made of it only where there are any.
    """
    newest = sql.SQL("SELECT t FROM {} AS t ORDER BY t.tableoid DESC, t.ctid DESC LIMIT 1").format(
        table.identifier
    )
    with bench.undone():
        off = sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table.identifier)
        bench.keep("SET CONSTRAINTS ALL IMMEDIATE")
        bench.keep(off)
        old = bench.query(sql.SQL("SELECT ({})::text AS row").format(newest))[0]["row"]
        answer = bench.attempt(statement, keep=True)
        if not answer or not answer.count:
            return None
        new = bench.query(sql.SQL("SELECT ({})::text AS row").format(newest))[0]["row"]
        row = sql.SQL("{}::{}")
        text = sql.SQL(_TRUTH).format(
            condition=sql.SQL(condition),
            old=row.format(sql.Literal(old), table.identifier),
            new=row.format(sql.Literal(new), table.identifier),
        )
        found = bench.attempt(text)
    return str(found.rows[0]["truth"] or "NULL") if found and found.rows else None
