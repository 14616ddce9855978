"""Catalog: a snapshot of what a database contains.

Definitions are the server's own words, printed under settings of ours, so that neither the
caller's search_path nor its time zone shows in them. OIDs, statistics, data and the values
that sequences stand at are no part of it; nor are roles, which belong to no database.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from harness.postgres.snapshot.difference import Difference
from harness.postgres.snapshot.queries import kinds, statement

_SETTINGS = {
    # What the server prints depends on these.
    "search_path": "pg_catalog",
    "quote_all_identifiers": "off",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    # One long statement over small tables: compiling it would take longer than running it.
    "jit": "off",
    # The statement is prepared: planning it takes longer than running it.
    "plan_cache_mode": "force_generic_plan",
    # Its joins are written in the order in which they are cheap; others need not be tried.
    "join_collapse_limit": "1",
    # Last: it forbids what would have to be written, not what has been set.
    "transaction_read_only": "on",
}
_SET = "SELECT " + ", ".join(f"set_config('{k}', '{v}', true)" for k, v in _SETTINGS.items())


@dataclass(frozen=True, eq=False)
class Catalog:
    """What a database contains, by kind and identity.

    Two catalogs are equal where nothing differs in the kinds that both were asked for:
    PostgreSQL 18 knows kinds that 15 does not.
    """

    objects: Mapping[str, Mapping[str, str]]
    """Kind (``"column"``) -> identity (``"public.tasks.title"``) -> definition."""

    @classmethod
    def of(
        cls,
        connection: psycopg.Connection[Any],
        ignore: Collection[str] = (),
        tables: Collection[tuple[str, str]] = (),
    ) -> Catalog:
        """Read the connection's database, without the contents of the schemas in ``ignore``.

        Nor with ``tables``, given by schema and name: a migration tool's notes, say.

        Works inside a transaction of the caller's and outside, and leaves no trace.
        System and temporary schemas and the members of extensions are left out.
        """
        version = connection.info.server_version // 10000
        objects: dict[str, dict[str, str]] = {kind: {} for kind in kinds(version)}
        for kind, identity, definition, _ in rows(connection, ignore, tables):
            objects[kind][identity] = definition
        return cls(objects)

    def difference(self, other: Catalog) -> Difference:
        """The way from ``other``, the older one, to this one; true where there is any.

        >>> after.difference(before)  # doctest: +SKIP
        """
        return Difference.between(other.objects, self.objects)

    def counts(self) -> Mapping[str, int]:
        """How many objects there are of each kind, in the catalog's order, without zeros."""
        return {kind: len(found) for kind, found in self.objects.items() if found}

    def to_json(self) -> str:
        """The snapshot as JSON text, the same for equal content."""
        return json.dumps(
            {kind: dict(sorted(found.items())) for kind, found in self.objects.items()},
            ensure_ascii=False,
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str) -> Catalog:
        """The snapshot that `to_json` wrote."""
        return cls(json.loads(text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalog) and not self.difference(other)

    __hash__ = None  # type: ignore[assignment]  # equality is by content, across versions

    def __len__(self) -> int:
        return sum(map(len, self.objects.values()))


def rows(
    connection: psycopg.Connection[Any],
    ignore: Collection[str],
    tables: Collection[tuple[str, str]],
    units: Collection[int] | None = None,
    by_unit: bool = False,
) -> list[tuple[str, str, str, int]]:
    """Kind, identity, definition and unit of each object; see ``statement`` for units.

    Runs under our settings, which end with the transaction or the savepoint. Committing a
    transaction of our own rather than rolling it back keeps psycopg's prepared statement, and with
    it the plan.
    """
    query = statement(connection.info.server_version // 10000, by_unit)
    schemas, names = [schema for schema, _ in tables], [name for _, name in tables]
    given = (list(ignore), schemas, names, None if units is None else list(units))
    nested = connection.info.transaction_status is not TransactionStatus.IDLE
    with (
        connection.transaction(force_rollback=nested),
        psycopg.RawCursor(connection, row_factory=tuple_row) as cursor,
    ):
        cursor.execute(_SET)
        return cursor.execute(query, given, prepare=True).fetchall()
