"""An INSERT in a trigger's function or a rule that leaves out a column which has to be given."""

from __future__ import annotations

import re

from harness.postgres.schema_model import Schema, Table
from harness.properties.statement_result import Answer

NO_NULL = "23502"
_INSERT = re.compile(
    r"""INSERT\s+INTO\s+(?:[^\s(]+\.)?"?(?P<table>[^\s("]+)"?\s*(?:AS\s+\w+\s*)?\((?P<columns>[^()]*)\)""",
    re.IGNORECASE,
)


def leaves_out(schema: Schema, table: Table, answer: Answer, rules: str) -> bool:
    """Whether no row of the table can be stored, since code that it calls never names the column.

    Nothing else gives the other table's column a value: it has no default, and no trigger.
    ``rules`` are the definitions of the table's rules for the command.
    """
    if answer.sqlstate != NO_NULL or answer.table == table.name.name:
        return False
    text = answer.context if answer.inside else rules
    found = [
        {name.strip(' "') for name in insert["columns"].split(",")}
        for insert in _INSERT.finditer(text)
        if insert["table"] == answer.table
    ]
    others = [other for other in schema if other.name.name == answer.table]
    return bool(found and others) and not any(
        answer.column in columns or not _must_be_given(other, answer.column)
        for columns in found
        for other in others
    )


def _must_be_given(table: Table, name: str) -> bool:
    """Whether a column stays NULL where an INSERT does not name it."""
    before = (t for t in table.triggers if t.timing == "before" and "insert" in t.events)
    known = [column for column in table.columns if column.name == name]
    return bool(known) and not known[0].has_default and not any(t.fires for t in before)
