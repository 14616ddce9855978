"""What a trigger's function can store in no other table, whatever the row is.

NEW and OLD of a statement trigger, which are NULL, where NOT NULL wants a value; a row in a table
under row level security that has no policy for INSERT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from psycopg import sql

from harness.postgres.schema_model import Table
from harness.properties.check_context import CheckContext
from harness.properties.statement_result import Answer

_NO_NULL, _NOT_ALLOWED = "23502", "42501"
_POLICY = "ExecWithCheckOptions"
_RECORD = re.compile(r"\b(?:NEW|OLD)\s*\.", re.IGNORECASE)
_INSERT = re.compile(
    r'\bINSERT\s+INTO\s+(?:"?\w+"?\s*\.\s*)?"?(?P<table>\w+)"?.*', re.IGNORECASE | re.DOTALL
)
"""What the server was running, in ``diag.context``."""
_LET_IN = """
    SELECT EXISTS (
        SELECT FROM pg_policy
        WHERE polrelid = {}::regclass AND polpermissive AND polcmd IN ('*', 'a')
    ) AS some
"""


def reads_no_record(table: Table, answer: Answer, event: str) -> bool:
    """Whether what is NULL in another table is NEW or OLD of a statement trigger of this one."""
    if answer.sqlstate != _NO_NULL or answer.table in ("", table.name.name):
        return False
    called = [t for t in table.triggers if t.fires and t.level == "statement" and event in t.events]
    names = (rf"(?<!\w){re.escape(t.function.name)}\(\)" for t in called)
    found = any(re.findall(name, answer.context) for name in names)
    return found and any(_RECORD.search(one[0]) for one in _inserts(answer))


def has_no_policy(context: CheckContext, table: Table, answer: Answer) -> bool:
    """Whether a row is refused by another table of which no policy lets any row in."""
    if answer.sqlstate != _NOT_ALLOWED or answer.function != _POLICY:
        return False
    names = {one["table"].lower() for one in _inserts(answer)} - {table.name.name.lower()}
    others = [t for t in context.schema if t.name.name.lower() in names and t.row_security]
    return len(others) == 1 and not _lets_in(context, others[0])


def _lets_in(context: CheckContext, table: Table) -> bool:
    query = sql.SQL(_LET_IN).format(sql.Literal(table.identifier.as_string()))
    found = context.query(query)[0]["some"]
    context.steps.pop()  # no evidence of anything
    return bool(found != "f")


def _inserts(answer: Answer) -> Iterator[re.Match[str]]:
    return _INSERT.finditer(answer.context) if answer.inside else iter(())
