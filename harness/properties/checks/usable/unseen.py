"""A DELETE through an INSTEAD OF trigger that reads NEW, which is NULL there: nothing happens."""

from __future__ import annotations

import re

from psycopg import sql

from harness.properties.base import Failed
from harness.properties.checks.usable.statements import Row, deletes
from harness.properties.checks.usable.trial import Trial

_READS_NEW = re.compile(r"\bNEW\s*\.", re.IGNORECASE)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_SHOWN = """
    SELECT count(*) AS rows, md5(string_agg(v::text, ' ' ORDER BY v::text)) AS of FROM {} AS v
"""


def demand_deleted(trial: Trial, row: Row) -> None:
    """Demand that a DELETE leaves another view behind, where its trigger reads NEW."""
    triggers = [t for t in trial.table.triggers if t.timing == "instead of" and t.fires]
    sources = [_COMMENTS.sub("", t.source) for t in triggers if "delete" in t.events]
    if not any(_READS_NEW.search(source) for source in sources):
        return
    shown = sql.SQL(_SHOWN).format(trial.table.identifier)
    context = trial.context
    with context.undone():
        before = context.query(shown)
        statement = next(deletes(trial.actor, row))
        deleted = context.attempt(statement, keep=True)
        if deleted and before[0]["rows"] != "0" and context.query(shown) == before:
            raise Failed("DELETE deletes nothing: the trigger reads NEW, which is NULL in a DELETE")
