"""The catalog's rows, read in one statement per kind and put together as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

from harness.postgres.schema_model.constraint import Constraint, Index
from harness.postgres.schema_model.name import Name
from harness.postgres.schema_model.sequence import Sequence
from harness.postgres.schema_model.table import Column, Grant, Rule, Table
from harness.postgres.schema_model.trigger import Trigger
from harness.postgres.schema_model.type import Attribute, DomainCheck, Type

Row = dict[str, Any]
_KINDS = ("tables", "columns", "types", "constraints", "indexes", "triggers", "sequences")
_SETTINGS = """
    SELECT
        set_config('search_path', 'pg_catalog', true),
        set_config('quote_all_identifiers', 'off', true),
        set_config('jit', 'off', true),
        current_setting('server_encoding')
"""
_ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_MATCHES = {"s": "simple", "f": "full", "p": "partial"}


def read(
    connection: psycopg.Connection[Any], ignore: list[str]
) -> tuple[list[Table], list[Sequence], str]:
    """Tables, sequences and the server's encoding, as the connection's database has them.

    Expressions are printed under an empty search_path, so that every name in them is
    qualified and they mean the same under any other.
    """
    known = Known.of(connection, ignore)
    return known.tables, known.sequences, known.encoding


@dataclass(frozen=True)
class Known:
    """The relations by OID, as the catalog's rows have them, and the tables that these make."""

    rows: dict[int, Row]
    made: dict[int, Table]
    sequences: list[Sequence]
    encoding: str

    @classmethod
    def of(
        cls,
        connection: psycopg.Connection[Any],
        ignore: list[str],
        before: Known | None = None,
        changed: Collection[int] = (),
    ) -> Known:
        """Read everything; after an earlier state only the relations that have changed."""
        found, encoding = _found(connection, ignore, list(changed) if before else None)
        kept = {o: r for o, r in before.rows.items() if o not in changed} if before else {}
        rows = kept | {row["oid"]: row for row in found["tables"]}
        names = {oid: Name(row["schema"], row["name"]) for oid, row in rows.items()}
        children = _children(sorted(rows.values(), key=_place), names)
        made = {oid: before.made[oid] for oid in kept} if before else {}
        for oid, table in made.items():
            if table.children != tuple(children[oid]):
                made[oid] = replace(table, children=tuple(children[oid]))
        made |= _tables(found, names, children)
        return cls(rows, made, [_sequence(r, names) for r in found["sequences"]], encoding)

    @property
    def tables(self) -> list[Table]:
        """The tables by schema and name."""
        return [self.made[row["oid"]] for row in sorted(self.rows.values(), key=_place)]


def _place(row: Row) -> tuple[bytes, bytes]:
    return row["schema"].encode(), row["name"].encode()


def _found(
    connection: psycopg.Connection[Any], ignore: list[str], tables: list[int] | None
) -> tuple[dict[str, list[Row]], str]:
    nested = connection.info.transaction_status is not TransactionStatus.IDLE
    with (
        connection.transaction(force_rollback=nested),
        psycopg.RawCursor(connection, row_factory=dict_row) as cursor,
    ):
        settings = cursor.execute(_SETTINGS).fetchone() or {}
        found = {
            kind: cursor.execute(
                _query(kind), (ignore,) if kind == "sequences" else (ignore, tables)
            ).fetchall()
            for kind in _KINDS
        }
    return found, str(settings["current_setting"])


@cache
def _query(kind: str) -> str:
    folder = files(__package__).joinpath("sql")
    query = folder.joinpath(f"{kind}.sql").read_text("utf-8")
    if kind == "sequences":
        return query
    shared = folder.joinpath("shared.sql").read_text("utf-8")
    return shared.replace("WITH relations", "WITH RECURSIVE relations") + query


def _tables(
    found: dict[str, list[Row]], names: dict[int, Name], children: Mapping[int, list[Name]]
) -> dict[int, Table]:
    types = _types(found["types"])
    columns = _by_table(found["columns"])
    constraints = _by_table(found["constraints"])
    indexes, triggers = _by_table(found["indexes"]), _by_table(found["triggers"])
    return {
        row["oid"]: Table(
            name=(name := names[row["oid"]]),
            kind=row["kind"],
            persistence=row["persistence"],
            columns=tuple(
                Column(**_without(r, "type"), table=name, type=types[r["type"]])
                for r in columns[row["oid"]]
            ),
            constraints=tuple(_constraint(r, name) for r in constraints[row["oid"]]),
            indexes=tuple(_index(r, name) for r in indexes[row["oid"]]),
            triggers=tuple(_trigger(r, name) for r in triggers[row["oid"]]),
            rules=tuple(Rule(**rule) for rule in row["rules"]),
            parents=tuple(names[oid] for oid in row["parents"] if oid in names),
            children=tuple(children[row["oid"]]),
            is_partition=row["is_partition"],
            bound=row["bound"],
            partition_check=row["partition_check"],
            partition_key=row["partition_key"],
            insertable=row["insertable"],
            row_security=row["row_security"],
            definition=row["definition"],
            reads=tuple(names[oid] for oid in row["reads"] if oid in names),
            owner=row["owner"],
            commands=tuple(row["commands"]),
            grants=tuple(
                Grant(grant["role"], grant["command"], tuple(grant["columns"]))
                for grant in row["grants"]
            ),
        )
        for row in found["tables"]
    }


def _by_table(rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    grouped: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["table"]].append(row)
    return grouped


def _children(rows: Iterable[Row], names: dict[int, Name]) -> defaultdict[int, list[Name]]:
    children: defaultdict[int, list[Name]] = defaultdict(list)
    for row in rows:
        for parent in row["parents"]:
            children[parent].append(names[row["oid"]])
    return children


def _types(rows: list[Row]) -> dict[int, Type]:
    by_oid = {row["oid"]: row for row in rows}
    made: dict[int, Type] = {}

    def type_(oid: int | None) -> Type | None:
        if oid is not None and oid not in made:
            made[oid] = made_of(by_oid[oid])
        return None if oid is None else made[oid]

    def known(oid: int) -> Type:
        return type_(oid) or made[oid]

    def made_of(row: Row) -> Type:
        return Type(
            schema=row["schema"],
            name=row["name"],
            sql=row["sql"],
            category=row["category"],
            base=type_(row["base"]),
            base_modifier=row["base_modifier"],
            not_null=row["not_null"],
            default=row["default"],
            checks=tuple(DomainCheck(**check) for check in row["checks"]),
            labels=tuple(row["labels"]),
            attributes=tuple(
                Attribute(a["name"], known(a["type"]), a["modifier"]) for a in row["attributes"]
            ),
            element=type_(row["element"]),
            subtype=type_(row["subtype"]),
        )

    return {oid: known(oid) for oid in by_oid}


def _constraint(row: Row, table: Name) -> Constraint:
    target = Name(row["target_schema"], row["target_name"]) if row["target"] else None
    rest = _without(row, "target_schema", "target_name", "on_delete", "on_update", "match")
    return Constraint(
        **_tuples(rest)
        | {
            "table": table,
            "target": target,
            "on_delete": _ACTIONS.get(row["on_delete"]),
            "on_update": _ACTIONS.get(row["on_update"]),
            "match": _MATCHES.get(row["match"]),
        }
    )


def _index(row: Row, table: Name) -> Index:
    rest = _without(row, "schema", "is_unique", "is_primary", "is_exclusion")
    unique, primary, exclusion = row["is_unique"], row["is_primary"], row["is_exclusion"]
    return Index(**_tuples(rest), table=table, unique=unique, primary=primary, exclusion=exclusion)


def _trigger(row: Row, table: Name) -> Trigger:
    function = Name(row["function_schema"], row["function_name"])
    rest = _without(row, "function_schema", "function_name", "is_constraint")
    return Trigger(**_tuples(rest), table=table, function=function, constraint=row["is_constraint"])


def _sequence(row: Row, names: dict[int, Name]) -> Sequence:
    name = Name(row["schema"], row["name"])
    return Sequence(
        **_without(row, "schema", "name", "table"), name=name, table=names.get(row["table"])
    )


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in (*names, "table")}


def _tuples(row: Row) -> Row:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
