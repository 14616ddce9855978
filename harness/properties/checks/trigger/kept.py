"""Which times a table's triggers keep, by the words of triggers and their functions."""

from __future__ import annotations

import re

from harness.postgres.schema_model import Column, Table, Trigger

_NAMES = re.compile(
    r"(?:(?:last_)?(?:updated|modified|changed|update|modification|edited)(?:_(?:at|on|time|date))?)$"
    r"|(?:updated|modified|changed)(?:At|On)$|mtime$",
    re.IGNORECASE,
)
_CREATED = re.compile(r"creat|insert|ctime|birth|^added", re.IGNORECASE)
_TIMES = ("timestamp", "timestamptz")
_ASSIGNED = re.compile(r'\bnew\s*\.\s*"?(\w+)"?\s*:?=(?!=)(?=\s*([^;]*))', re.IGNORECASE)
_CLOCK = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\("
    r"|\b(?:current_timestamp|localtimestamp)\b",
    re.IGNORECASE,
)
_DECIDES = re.compile(r"\b(?:if|case|coalesce|nullif)\b", re.IGNORECASE)
_STAMPS = re.compile(r"stamp|touch|moddate|mtime|modified|last_?mod", re.IGNORECASE)
_ROUNDS = re.compile(r"date_trunc|current_date|::\s*date|to_char", re.IGNORECASE)
_TRANSACTION = re.compile(
    r"\b(?:now|transaction_timestamp)\s*\(|\b(?:current_timestamp|localtimestamp)\b",
    re.IGNORECASE,
)
_BLOCKS = re.compile(
    r"\b(?:end\s+(?:if|case|loop)|end|begin|if|case|loop|return|exit|continue)\b",
    re.IGNORECASE,
)
"""What opens and closes branches and loops of a function, and what leaves it."""
_TEXT = re.compile(r"'(?:[^']|'')*'")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_ASKED = re.compile(r"\b(?:if|elsif|when)\b(.*?)\bthen\b", re.IGNORECASE | re.DOTALL)
_NAMED = re.compile(r'\b(?:old|new)\s*\.\s*"?(\w+)', re.IGNORECASE)
_OTHERWISE = re.compile(r"\b(?:coalesce|nullif|exit|exception|select)\b", re.IGNORECASE)
_DIFFER = re.compile(
    r'\b(?:old|new)\s*(?:\.\s*(?:\*|"?\w+"?))?|\bis\s+distinct\s+from\b|<>|!='
    r"|\b(?:or|row|tg_op)\b|=\s*'update'|[()\s]+",
    re.IGNORECASE,
)
"""What is left of ``NEW.a IS DISTINCT FROM OLD.a OR (NEW.b <> OLD.b)`` is nothing."""
_WHOLE_ROW = re.compile(r"(?:old|new)\.\* IS DISTINCT FROM (?:old|new)\.\*", re.IGNORECASE)


def kept(table: Table) -> list[Column]:
    """The columns that triggers keep."""
    return [column for column in times(table) if column.insertable and keepers(table, column)]


def times(table: Table) -> list[Column]:
    """The columns that hold a point in time."""
    return [column for column in table.columns if column.type.root.name in _TIMES]


def keepers(table: Table, column: Column) -> list[Trigger]:
    """The triggers on UPDATE that keep a column."""
    return [t for t in table.triggers if _stamps(t) and _keeps(t, column)]


def bystanders(table: Table) -> list[Column]:
    """Times that no trigger has to do with, and those of creation whatever it has."""
    assigned = {name for t in table.triggers if _stamps(t) for name in _assignments(t)}
    own = {column.name for column in kept(table)}
    found = [c for c in times(table) if c.generated is None and c.name not in own]
    return [c for c in found if c.name not in assigned or _CREATED.search(c.name)]


def rounds(trigger: Trigger) -> bool:
    """Whether its function rounds times, so that they stand still for a while."""
    return bool(_ROUNDS.search(trigger.source))


def stands(trigger: Trigger) -> bool:
    """Whether its function reads a clock that stands still within a transaction."""
    return bool(_TRANSACTION.search(trigger.source))


def chooses(trigger: Trigger, column: Column) -> bool:
    """Whether its function asks more than whether columns differ before it sets the time.

    ``IF NEW.body IS DISTINCT FROM OLD.body`` is true of an update of that column;
    ``IF NEW.state = 'sent'`` is true of some updates, and nobody knows of which. What is asked
    for something else, after the time is set or apart from it, does not matter.
    """
    text = _TEXT.sub("''", _COMMENT.sub(" ", trigger.source))
    found = [one for one in _ASSIGNED.finditer(text) if one[1] == column.name]
    if found and all(_whatever(text, one) for one in found):
        return False
    asked = [*_ASKED.findall(text), *["?"] * bool(_OTHERWISE.search(text))]
    return any(_DIFFER.sub("", one).strip() for one in asked)


def _whatever(text: str, assignment: re.Match[str]) -> bool:
    """Whether an assignment is carried out in every call: nothing is asked before it."""
    opened: list[str] = []
    for word in _BLOCKS.findall(text[: assignment.start()]):
        if word.lower() in ("return", "exit", "continue"):
            return False
        if word.lower().startswith("end"):
            del opened[-1:]
        else:
            opened.append(word.lower())
    return not {*opened} - {"begin"} and not _DECIDES.search(assignment[2])


def asks_of_others(trigger: Trigger, column: Column) -> bool:
    """Whether its function asks what other columns hold before it sets the time, and not of it."""
    text = _TEXT.sub("''", _COMMENT.sub(" ", trigger.source))
    found = [one for one in _ASSIGNED.finditer(text) if one[1] == column.name]
    if not found or any(_whatever(text, one) for one in found):
        return False
    named = {name for asked in _ASKED.findall(text) for name in _NAMED.findall(asked)}
    return bool(named) and column.name not in named


def spares_no_ops(trigger: Trigger) -> bool:
    """Whether WHEN leaves out updates that change nothing."""
    return bool(_WHOLE_ROW.search(trigger.when or ""))


def _stamps(trigger: Trigger) -> bool:
    before = (trigger.timing, trigger.level) == ("before", "row") and trigger.fires
    return before and "update" in trigger.events


def _keeps(trigger: Trigger, column: Column) -> bool:
    """Whether a trigger is there for a column: it says so, or its name and the column's do."""
    if column.name in trigger.update_columns or _CREATED.search(column.name):
        return False
    assigned = _assignments(trigger)
    if column.name in assigned:
        return bool(_NAMES.match(column.name)) or _always_now(trigger, assigned[column.name])
    if re.search(rf"\('{re.escape(column.name)}'\)", trigger.definition):
        return True  # moddatetime('column') and its like
    return not assigned and bool(_NAMES.match(column.name)) and _speaks_of(trigger, column)


def _assignments(trigger: Trigger) -> dict[str, str]:
    """Column -> what the function's text sets it to, or compares it with."""
    return dict(_ASSIGNED.findall(trigger.source))


def _always_now(trigger: Trigger, value: str) -> bool:
    """Whether a column of any name is set to the time of every update."""
    sometimes = trigger.when or trigger.update_columns or _DECIDES.search(trigger.source)
    return not sometimes and bool(_CLOCK.match(value.strip().lstrip("(")))


def _speaks_of(trigger: Trigger, column: Column) -> bool:
    """Whether names or text of the trigger, or its function, say what it is for."""
    words = f"{trigger.name} {trigger.function.name} {trigger.source}"
    return column.name.lower() in words.lower() or bool(_STAMPS.search(words))
