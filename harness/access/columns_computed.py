"""Columns of a view that are computed from a table's column, as changes of that column show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from psycopg import sql

from harness.access.attempts import Answer, Attempt
from harness.access.bypasses import BypassSearch
from harness.access.catalog import Column, Relation
from harness.access.reading import changing

_MOST_ROWS = 4
_MARK = "xq7"
_NUMBER = "30417"
_COUNT = "harness: rows "
_OTHERS = {
    "uuid": ("7e57ab1e-0000-4000-8000-000000030417",),
    "date": ("1987-06-05",),
    "timestamp": ("1987-06-05 04:03:02",),
    "timestamptz": ("1987-06-05 04:03:02",),
    "json": (f'"{_MARK}"',),
    "jsonb": (f'"{_MARK}"',),
    "bool": ("true", "false"),
}


class Computed(NamedTuple):
    """A column of a view that is another one after a table's column has changed."""

    name: str
    is_readable: bool
    """The table's column can be read in it: ``upper(pin)``, but not ``right(pin, 2)``."""


def computed(
    search: BypassSearch, view: Relation, names: Sequence[str], table: Relation, column: Column
) -> Iterator[Computed]:
    """Which of a view's columns, for the role of the search, depend on a table's column.

    Rows of the table get other values, one after the other, and are put back.
    """
    changes = [
        (value, f"{changing(table, place, column.name, value)}{_refreshed(view)}")
        for place in sorted(search.reader.total(table))[:_MOST_ROWS]
        for value in _values(column)
    ]
    for name in names if column.settable else ():
        for identity in search.reader.identities[:3]:
            actor = identity.actor(search.role.name)
            query = _texts(view, name)
            tried = [Attempt(actor, query, is_query=True, before=before) for _, before in changes]
            plain, *answers = search.attempts.make([Attempt(actor, query, is_query=True), *tried])
            if plain.state:
                continue
            new = [
                (value, answer.found - plain.found)
                for (value, _), answer in zip(changes, answers, strict=True)
                if not answer.state and _rows(answer) == _rows(plain)
            ]
            if any(texts for _, texts in new):
                readable = column.type != "bool" and any(_is_in(*one) for one in new)
                yield Computed(name, readable)
                break


def _is_in(value: str, texts: frozenset[str]) -> bool:
    """Whether a value stands in one of these texts, letter case apart."""
    return any(value.strip('"').casefold() in text.casefold() for text in texts if text)


def _values(column: Column) -> Sequence[str]:
    """Values that no row holds; what a constraint refuses says nothing."""
    if column.kind == "e":
        return column.labels
    return _OTHERS.get(column.type, (_NUMBER, _MARK, f"{_MARK}@example.com"))


def _texts(view: Relation, name: str) -> str:
    query = sql.SQL("SELECT array_agg({}::text) || ({} || count(*)) FROM {}")
    return query.format(sql.Identifier(name), sql.Literal(_COUNT), view.name.identifier).as_string(
        None
    )


def _rows(answer: Answer) -> set[str]:
    """How many rows there were: a change of what a condition asks shows or hides some."""
    return {text for text in answer.found if text and text.startswith(_COUNT)}


def _refreshed(view: Relation) -> str:
    return f"; REFRESH MATERIALIZED VIEW {view.sql}" if view.kind == "m" else ""
