"""Triggers: dropped, switched off, another time, level, event or condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from harness.mutation.declared import Declared
from harness.mutation.expressions import changes
from harness.mutation.mutant import Mutant, listed, plain, quoted
from harness.postgres.schema_model import Table, Trigger

_STATES = {"disabled": "DISABLE", "always": "ENABLE ALWAYS", "replica": "ENABLE REPLICA"}


class Triggers:
    """When functions of the user's run."""

    kind: ClassVar[str] = "trigger"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each trigger, of views as well, that is declared where it stands."""
        for table in declared.schema:
            if table.name.schema not in declared.foreign:
                for trigger in table.triggers:
                    if not trigger.inherited:
                        yield from _of_trigger(table, trigger)


def _of_trigger(table: Table, trigger: Trigger) -> Iterator[Mutant]:
    yield _mutant(table, trigger, "dropped", "")
    yield from _states(table, trigger)
    for operator, detail, definition in _definitions(trigger):
        if definition != trigger.definition:
            yield _mutant(table, trigger, operator, definition, detail)
    yield from _renamed(table, trigger)


def _states(table: Table, trigger: Trigger) -> Iterator[Mutant]:
    alter = f"ALTER TABLE {quoted(*table.name)}"
    for state, word in _STATES.items() if table.kind != "view" else ():
        if state != trigger.enabled:
            ddl = f"{alter} {word} TRIGGER {quoted(trigger.name)}"
            found = _mutant(table, trigger, "state", ddl, state)
            # In a session like any other, which is no replica, both fire.
            same = "it fires in every session but a replica's" if state == "always" else ""
            twin = "" if state == "always" else "it does not fire, as if it were dropped"
            after = f"{trigger.definition} -- {state}"
            yield replace(found, ddl=(ddl,), after=after, same=same, twin=twin)


def _definitions(trigger: Trigger) -> Iterator[tuple[str, str, str]]:
    """Operator, detail, and CREATE TRIGGER with the change."""
    text = trigger.definition
    if not trigger.constraint and trigger.timing in ("before", "after"):
        new = "AFTER" if trigger.timing == "before" else "BEFORE"
        yield "timing", new, text.replace(f" {trigger.timing.upper()} ", f" {new} ", 1)
        new = "STATEMENT" if trigger.level == "row" else "ROW"
        level = f"FOR EACH {trigger.level.upper()}"
        yield "level", new, text.replace(level, f"FOR EACH {new}", 1)
    if trigger.when:
        yield from _conditions(trigger)
    yield from _events(trigger)
    for name in filter(None, (trigger.old_table, trigger.new_table)):
        for word in ("OLD", "NEW"):
            named = f" {word} TABLE AS {quoted(name)}"
            if named in text and trigger.old_table and trigger.new_table:
                yield "transition table removed", word, text.replace(named, "", 1)
    if trigger.constraint and not trigger.deferred:
        before = " NOT DEFERRABLE INITIALLY IMMEDIATE"
        plain_text = text.replace(before, "", 1).replace(" DEFERRABLE INITIALLY IMMEDIATE", "", 1)
        deferred = plain_text.replace(
            " FOR EACH ROW", " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW", 1
        )
        yield "deferred", "", deferred


def _conditions(trigger: Trigger) -> Iterator[tuple[str, str, str]]:
    text = trigger.definition
    start, end = text.index(" WHEN ("), text.rindex(" EXECUTE ")
    condition = text[start + len(" WHEN (") : end].rstrip().removesuffix(")")
    yield "condition dropped", "", text[:start] + text[end:]
    yield "condition negated", "", f"{text[:start]} WHEN (NOT ({condition})){text[end:]}"
    for change in changes(condition):
        detail = f"{change.operator}:{change.detail}"
        yield "condition changed", detail, f"{text[:start]} WHEN ({change.text}){text[end:]}"


def _events(trigger: Trigger) -> Iterator[tuple[str, str, str]]:
    of = f" OF {listed(trigger.update_columns)}" if trigger.update_columns else ""
    words = {"insert": "INSERT", "delete": "DELETE", "update": f"UPDATE{of}"}
    words["truncate"] = "TRUNCATE"
    present = [event for event in words if event in trigger.events]
    whole = " OR ".join(words[event] for event in present)
    text = trigger.definition
    if whole not in text or trigger.old_table or trigger.new_table:
        return
    for event in present if len(present) > 1 else ():
        rest = " OR ".join(words[other] for other in present if other != event)
        yield "event removed", event, text.replace(whole, rest, 1)
    for event in ("insert", "update", "delete"):
        if event not in present and not trigger.when:
            yield "event added", event, text.replace(whole, f"{whole} OR {words[event]}", 1)
    if of:
        yield "columns dropped", "", text.replace(words["update"], "UPDATE", 1)
    for name in trigger.update_columns if len(trigger.update_columns) > 1 else ():
        rest = listed([n for n in trigger.update_columns if n != name])
        yield "column removed", name, text.replace(words["update"], f"UPDATE OF {rest}", 1)


def _renamed(table: Table, trigger: Trigger) -> Iterator[Mutant]:
    """Another place among the triggers of the same event: they fire in the order of names."""
    others = [
        other.name
        for other in table.triggers
        if (other.timing, other.level) == (trigger.timing, trigger.level)
        and {*other.events} & {*trigger.events}
        and other.name > trigger.name
    ]
    if others:
        new = f"{max(others)}_"
        alter = f"ALTER TRIGGER {quoted(trigger.name)} ON {quoted(*table.name)}"
        ddl = f"{alter} RENAME TO {quoted(new)}"
        found = _mutant(table, trigger, "order", ddl)
        yield replace(found, ddl=(ddl,), after=f"TRIGGER {quoted(new)}")


def _mutant(
    table: Table, trigger: Trigger, operator: str, definition: str, detail: str = ""
) -> Mutant:
    drop = f"DROP TRIGGER {quoted(trigger.name)} ON {quoted(*table.name)}"
    return Mutant(
        kind=Triggers.kind,
        object=plain(table.name, trigger.name),
        operator=operator,
        ddl=(drop, definition) if definition else (drop,),
        before=trigger.definition,
        after=definition,
        detail=detail,
        tables=(table.name,),
    )
