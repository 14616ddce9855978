"""Statements that put a row into its table: INSERT, COPY, INSERT with the keys that it got."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from psycopg import sql

from harness.properties.statement_result import Answer
from harness.rowgen import Draft

Statement: TypeAlias = "str | sql.Composable | Draft"
"""A Draft stands for the INSERT of its row."""


def insert(draft: Draft) -> str:
    """The INSERT of a draft's row alone, which gives the row back."""
    if not draft.values:
        start = sql.SQL("INSERT INTO {} DEFAULT VALUES").format(draft.table.identifier)
    else:
        start = sql.SQL("INSERT INTO {} ({}){} VALUES ({})").format(
            draft.table.identifier,
            sql.SQL(", ").join(map(sql.Identifier, draft.values)),
            sql.SQL(" OVERRIDING SYSTEM VALUE" if _overrides(draft) else ""),
            sql.SQL(", ").join(map(sql.Literal, draft.values.values())),
        )
    return f"{start.as_string()} RETURNING *"


class Inserting(sql.Composed):
    """An INSERT that knows the row that it inserts."""

    def __init__(self, parts: Sequence[Any], draft: Draft) -> None:
        super().__init__(parts)
        self.draft = draft


def draft_of(statement: Statement) -> Draft | None:
    """The row that a statement inserts, where it knows it."""
    found = getattr(statement, "draft", statement)
    return found if isinstance(found, Draft) else None


def settled_insert(statement: Statement, answer: Answer, keep: bool, about: str) -> str:
    """The INSERT with the keys that the row was given, for whoever refers to it later.

    Of one that is undone, without that of the column that the property is ``about``.
    """
    draft = draft_of(statement)
    if draft is None or not answer.rows:
        return ""
    stored, table = answer.rows[0], draft.table
    keys = {name for index in table.indexes if index.unique for name in index.columns if name}
    own = [c for c in table.columns if c.name in keys and c.generated is None]
    given = [c for c in own if c.has_default and c.name not in draft.values and c.name in stored]
    given = given if keep else [column for column in given if column.name != about]
    if not given or any(column.volatility == "stable" for column in given):
        return ""
    return insert(draft.replace(**{column.name: stored[column.name] for column in given}))


def _overrides(draft: Draft) -> bool:
    """Whether the row has an identity that only the server gives: another row refers to it."""
    return any(draft.table.column(name).identity == "always" for name in draft.values)


def copying(draft: Draft) -> str:
    """COPY of a draft's row, with the data, as psql takes it."""
    names = sql.SQL(", ").join(map(sql.Identifier, draft.values))
    head = sql.SQL("COPY {} ({}) FROM STDIN;").format(draft.table.identifier, names)
    escapes = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
    row = ("\\N" if text is None else text.translate(escapes) for text in draft.values.values())
    return f"{head.as_string()}\n{chr(9).join(row)}\n\\."
