"""A trigger or rule that puts a constant into another table which a CHECK of that table refuses."""

from __future__ import annotations

import re

from harness.postgres.schema_model import Schema, Table
from harness.properties.statement_result import Answer

REFUSED = "23514"
_INSERT = re.compile(
    r"""INSERT\s+INTO\s+(?:[^\s(]+\.)?"?(?P<table>[^\s("]+)"?\s*(?:AS\s+\w+\s*)?"""
    r"""\((?P<columns>[^()]*)\)\s*VALUES\s*\(""",
    re.IGNORECASE,
)
_STRING = re.compile(r"'(?:[^']|'')*'")
_CAST = re.compile(r"::\s*[\w\"]+(?:\s+(?:varying|precision))?(?:\(\d+(?:,\s*\d+)?\))?")
_CALL = re.compile(r"\b(?:lower|upper|initcap|concat|format|left|right|substr|now)\s*\(", re.I)
_WORD = re.compile(r"[A-Za-z_\"][\w.\"]*")
_OF_THE_TRIGGER = ("tg_op", "tg_table_name", "tg_table_schema", "tg_name", "tg_when", "tg_level")
_CONSTANT = (*_OF_THE_TRIGGER, "null", "true", "false", "default")


def never_fits(schema: Schema, table: Table, answer: Answer, rules: str) -> bool:
    """Whether code that a statement led to was refused for what it stores whatever the row is.

    The columns that the CHECK reads get constants, the event's name or their defaults. ``rules``
    are the definitions of the table's rules for the command.
    """
    if answer.sqlstate != REFUSED or answer.table == table.name.name:
        return False
    others = [one for one in schema if one.name.name == answer.table]
    checks = [one for other in others for one in other.checks if one.name == answer.constraint]
    if len(checks) != 1:
        return False
    other = next(one for one in others if checks[0] in one.checks)
    if any(t.fires and t.timing == "before" for t in other.triggers):
        return False
    text = answer.context.partition("\nSQL")[0] if answer.inside else rules
    found = [one for one in _INSERT.finditer(text) if one["table"] == answer.table]
    if len(found) != 1:
        return False
    names = [name.strip(' "\n') for name in found[0]["columns"].split(",")]
    values = _values(text[found[0].end() :])
    if len(values) != len(names):
        return False
    given = dict(zip(names, values, strict=True))
    return all(
        _is_constant(given[name])
        if name in given
        else other.column(name).volatility in (None, "immutable")
        for name in checks[0].columns
    )


def _values(text: str) -> list[str]:
    """The items of a list up to its closing parenthesis."""
    items, depth, start, place = list[str](), 0, 0, 0
    while place < len(text):
        if string := _STRING.match(text, place):
            place = string.end()
            continue
        if text[place] == ")" and not depth:
            return [*items, text[start:place]]
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if text[place] == "," and not depth:
            items.append(text[start:place])
            start = place + 1
        place += 1
    return []


def _is_constant(text: str) -> bool:
    """Whether an expression reads no row and no variable."""
    rest = _CALL.sub("(", _CAST.sub("", _STRING.sub("", text)))
    return all(word.lower() in _CONSTANT for word in _WORD.findall(rest))
