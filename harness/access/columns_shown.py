"""Columns that a view shows, and that its reader may not read in the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import psycopg
from psycopg import pq, sql

from harness.access.attempts import Attempt
from harness.access.bypasses import Bypass, BypassSearch
from harness.access.catalog import Relation, Role
from harness.access.columns_computed import computed


class Shown(NamedTuple):
    """A column of a view that is a table's as it stands."""

    name: str
    table: Relation
    column: str


def columns_shown(search: BypassSearch) -> Iterator[Bypass]:
    """Columns of tables that a role may read, but for these columns, which a view has.

    It is meant where the view keeps rows back, where another role that may read part of the table
    may not read the view, or where the view's column does not let it be read: its last digits.
    """
    catalog, role = search.catalog, search.role
    for view in catalog.relations:
        columns = catalog.columns(view, role, "SELECT")
        if not view.definition or not columns:
            continue
        plain = list(_shown(search, view))
        for one in plain:
            if _is_kept_from(search, one, role) and _reads(search, view, one, role):
                title = f"{view} shows column {one.column} of {one.table}"
                yield _bypass(search, view, one, title, is_readable=True)
        names = [name for name in columns if name not in {one.name for one in plain}]
        for one, is_readable in _computed(search, view, names) if names else ():
            title = f"{view} computes {one.name} from column {one.column} of {one.table}"
            yield _bypass(search, view, one, title, is_readable)


def _bypass(
    search: BypassSearch, view: Relation, one: Shown, title: str, is_readable: bool
) -> Bypass:
    open_ = is_readable and _has_all_rows(search, view, one)
    return Bypass(
        "column" if open_ and not _is_for_some(search, view, one) else "column-of-some",
        str(view), one.table, search.role.name, search.reader.identities[0].name,
        f"{title}, which {search.role.name} may not read there", _read(view, one.name),
    )  # fmt: skip


def _computed(
    search: BypassSearch, view: Relation, names: list[str]
) -> Iterator[tuple[Shown, bool]]:
    """Columns of a view in which one that is kept from the role has a part."""
    for table in search.catalog.below(view):
        for column in table.columns if table.holds_rows else ():
            if _is_kept_from(search, Shown("", table, column.name), search.role):
                for name, is_readable in computed(search, view, names, table, column):
                    yield Shown(name, table, column.name), is_readable


def _shown(search: BypassSearch, view: Relation) -> Iterator[Shown]:
    """The server says which column of which relation each column of a query is."""
    assert view.definition is not None
    pgconn = search.attempts.connection.pgconn
    query = f"SELECT * FROM ({view.definition.rstrip('; ')}) AS d".encode()  # noqa: S608  the server printed it
    for result in (pgconn.prepare(b"", query), described := pgconn.describe_prepared(b"")):
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise psycopg.DatabaseError(result.get_error_message())
    for n, column in enumerate(view.columns):
        source = search.catalog.by_oid.get(described.ftable(n))
        if source is None:
            continue
        name = _column_at(search, source, described.ftablecol(n))
        if source.definition:
            below = (one for one in _shown(search, source) if one.name == name)
            yield from (one._replace(name=column.name) for one in below)
        elif source.holds_rows:
            yield Shown(column.name, source, name)


def _column_at(search: BypassSearch, relation: Relation, position: int) -> str:
    """The name of an ``attnum``; columns of views are never dropped."""
    if relation.definition:
        return relation.columns[position - 1].name
    table = search.reader.schema.by_name[relation.name]
    return next(column.name for column in table.columns if column.position == position)


def _is_kept_from(search: BypassSearch, one: Shown, role: Role) -> bool:
    """Whether a role may read the table, but for the column."""
    columns = search.catalog.columns(one.table, role, "SELECT")
    return columns is not None and one.column not in columns


def _is_for_some(search: BypassSearch, view: Relation, one: Shown) -> bool:
    """Whether it is kept from a role that may not read the view's column either."""
    catalog = search.catalog
    return any(
        _is_kept_from(search, one, role)
        and one.name not in (catalog.columns(view, role, "SELECT") or ())
        for role in catalog.tried
    )


def _read(view: Relation, column: str) -> str:
    query = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), view.name.identifier)
    return query.as_string(None)


def _counts(search: BypassSearch, query: str) -> list[int | None]:
    """How many rows a query has for each identity; None where it is refused."""
    count = f"SELECT ARRAY[count(*)::text] FROM ({query}) AS q"  # noqa: S608  names are quoted
    tried = [
        Attempt(one.actor(search.role.name), count, is_query=True)
        for one in search.reader.identities
    ]
    answers = search.attempts.make(tried)
    return [None if answer.state else int(next(iter(answer.found))) for answer in answers]


def _reads(search: BypassSearch, view: Relation, one: Shown, role: Role) -> bool:
    """Whether a role gets the column by the view: by the rights of the view's owner."""
    columns = search.catalog.columns(view, role, "SELECT") or ()
    return one.name in columns and None not in _counts(search, _read(view, one.name))


def _has_all_rows(search: BypassSearch, view: Relation, one: Shown) -> bool:
    """Whether it keeps no row back that the table shows to somebody."""
    columns = search.catalog.columns(one.table, search.role, "SELECT") or ()
    seen = _counts(search, _read(one.table, columns[0]))
    shown = _counts(search, _read(view, one.name))
    pairs = list(zip(seen, shown, strict=True))
    return any(seen) and all((there or 0) <= (here or 0) for there, here in pairs)
