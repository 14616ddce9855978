"""A query of a PL/pgSQL body as a function in SQL, its variables as parameters (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psycopg import sql

from harness.lint._functions import Function
from harness.lint._plpgsql_pieces import TRIGGER_ROW, Piece

TAG = "$harness_body$"
"""What stands around the query."""
_ALWAYS = {
    "found": "boolean",
    "sqlstate": "text",
    "sqlerrm": "text",
    "tg_event": "text",
    "tg_tag": "text",
}
_TRIGGER = {
    "tg_name": "name",
    "tg_when": "text",
    "tg_level": "text",
    "tg_op": "text",
    "tg_relid": "oid",
    "tg_relname": "name",
    "tg_table_name": "name",
    "tg_table_schema": "name",
    "tg_nargs": "integer",
    "tg_argv": "text[]",
}


def variables(function: Function) -> dict[str, str | None]:
    """What a body sees before it declares anything; None is a type that only a call tells."""
    known: dict[str, str | None] = dict(_ALWAYS)
    if function.is_trigger:
        known |= _TRIGGER | {"new": None, "old": None}
    for number, (name, _, kind) in enumerate(function.arguments, 1):
        known |= {f"${number}": kind or None}
        if name:
            known[name] = kind or None
    return known


def wrapper_functions(function: Function, piece: Piece) -> Iterator[str]:
    """The functions in SQL that stand for a query: one, or one for each table of a trigger.

    None at all where the type of a variable in it is not known.
    """
    rows: list[dict[str, str]] = [{}]
    ours = {k for k in ("new", "old") if piece.types.get(k) is None}
    ours |= {name for name, kind in piece.types.items() if kind == TRIGGER_ROW}
    if function.is_trigger and piece.words & ours:
        rows = [dict.fromkeys(ours, table) for table in function.tables]
    for row in rows:
        types = {**piece.types, **row}
        seen = {word: types[word] for word in piece.words if word in types}
        if None not in seen.values():
            yield _vehicle(function, piece, {k: str(v) for k, v in seen.items()})


def _vehicle(function: Function, piece: Piece, seen: Mapping[str, str]) -> str:
    parameters = []
    numbers = [int(word[1:]) for word in seen if word.startswith("$")]
    if numbers:  # their order counts
        parameters = [kind or "text" for _, _, kind in function.arguments[: max(numbers)]]
    for name, kind in sorted(seen.items()):
        if not name.startswith("$"):
            parameters.append(f"{sql.Identifier(name).as_string()} {kind}")
    name = sql.Identifier("pg_temp", function.name).as_string()
    return (
        f"CREATE FUNCTION {name}({', '.join(parameters)}) RETURNS void LANGUAGE sql"
        f" AS {TAG}{piece.sql}{TAG}"
    )
