"""A foreign key whose action a CHECK of its own column refuses, whatever the row is."""

from __future__ import annotations

import re

from psycopg import sql

from harness.postgres.schema_model import Constraint
from harness.properties.checks.foreign_key.reference import Reference
from harness.properties.statement_result import Answer

_CHECK = "23514"
_CAST = r"\)*(?:::[\w ]+(?:\(\d+\))?)?\)*"
_CONSTANT = rf"\(*(?:'(?:[^']|'')*'|-?\d+(?:\.\d+)?){_CAST}"
_NAME = r'"(?:[^"]|"")+"|[a-z_]\w*'


def always_refused(reference: Reference, answer: Answer, action: str | None, delete: bool) -> bool:
    """Whether the action is refused by a CHECK that no other key, and no other row, would pass."""
    key, table = reference.key, reference.table
    check = table.constraint(answer.constraint)
    here = answer.sqlstate == _CHECK and answer.table == table.name.name
    if not here or check is None or check.kind != "check":
        return False
    if action == "set null":
        set_null = (delete and key.on_delete_columns) or key.columns
        return bool(check.columns) and set(check.columns) <= set(set_null)
    single = len(key.columns) == 1 and key.columns[0] in check.columns
    return action == "cascade" and single and _holds_one_value(check, key.columns[0])


def _holds_one_value(check: Constraint, column: str) -> bool:
    """Whether a CHECK demands a constant of a column, or what another column has."""
    own = rf"\(*(?:{re.escape(column)}|{re.escape(sql.Identifier(column).as_string())}){_CAST}"
    other = rf"\(*(?:{_NAME}){_CAST}"
    wanted = [f"{own} = {_CONSTANT}"]
    if len(check.columns) == 2:
        wanted += [f"{own} = {other}", f"{other} = {own}"]
    return any(re.fullmatch(one, check.expression or "") for one in wanted)
