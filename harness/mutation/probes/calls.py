"""What functions answer when somebody calls them, and what they write.

A property reaches a function through a table: a trigger, a CHECK, a default. One that only the
application calls is called here, with values at the boundaries of its types, with the constants
of its body and their neighbours, and with values of rows that are there.

Everything is rolled back, and what may do more than a rollback undoes is not called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice, product
from typing import ClassVar

from psycopg import sql

from harness.mutation.declared import Function
from harness.mutation.probes.roles import SETTINGS, said_by, setting_to
from harness.mutation.tokens import tokens
from harness.mutation.transcripts.recording import PUBLIC
from harness.postgres.schema_model import Name, Schema, Table
from harness.properties.base import Failed, Property, Undecided
from harness.properties.check_context import CheckContext
from harness.properties.expressions import inserting

_MOST_CALLS = 40
_SOMEBODY = "00000000-0000-0000-0000-000000000001"
"""Who a function without parameters is told that the session is of."""
_MOST_VALUES = 9
"""Of one parameter."""
_NUMBERS = ("0", "1", "-1", "2", "10")
_VALUES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("int2", "int4", "int8"), _NUMBERS),
    **dict.fromkeys(("numeric", "float4", "float8"), (*_NUMBERS, "0.5")),
    **dict.fromkeys(("text", "varchar", "bpchar", "name"), ("a", "", "Ab 1", "b,c")),
    "bool": ("true", "false"),
    "date": ("2024-02-29", "2023-12-31"),
    **dict.fromkeys(("timestamp", "timestamptz"), ("2024-02-29 12:30:15.5", "2023-12-31 00:00")),
    "time": ("12:30:15.5", "00:00"),
    "interval": ("1 day", "-2 hours", "1 month"),
    "uuid": ("00000000-0000-0000-0000-000000000001", "11111111-1111-4111-8111-111111111111"),
    **dict.fromkeys(("json", "jsonb"), ('{"a": 1}', "{}", "[1, 2]")),
    "bytea": ("\\x00ff", ""),
    **dict.fromkeys(("inet", "cidr"), ("10.0.0.0/8", "::1")),
    **dict.fromkeys(("_int4", "_int8", "_int2", "_numeric"), ("{1,2}", "{}", "{NULL,3,3}")),
    **dict.fromkeys(("_text", "_varchar"), ("{a,b}", "{}", "{NULL,A}")),
    "_uuid": ("{}", "{00000000-0000-0000-0000-000000000001}"),
}
"""Type -> values at its boundaries, an ordinary one first."""
_NUMERIC = frozenset(("int2", "int4", "int8", "numeric", "float4", "float8"))
_TEXTS = frozenset(("text", "varchar", "bpchar", "name"))
_LASTING = ("commit", "rollback", "copy", "execute", "listen", "load", "prepare")
"""Words of bodies: no rollback undoes what they do, or nobody knows what that is."""
_UNDONE = (
    *("random", "gen_random_uuid", "clock_timestamp", "timeofday", "set_config", "setval"),
    *("nextval", "currval", "lastval", "pg_notify", "txid_current", "pg_current_xact_id"),
)
"""Volatile functions of the server's that leave nothing behind but the numbers of sequences."""
_VOLATILE = """
    SELECT DISTINCT proname::text AS name FROM pg_proc WHERE provolatile = 'v' ORDER BY 1
"""


class Calls:
    """Each function that may be called, with some values of each parameter."""

    id: ClassVar[str] = "calls"
    group: ClassVar[str] = "triggers"
    manual: ClassVar[str] = "https://www.postgresql.org/docs/current/sql-createfunction.html"

    def __init__(self, functions: Sequence[Function] = ()) -> None:
        self._functions = {str(one): one for one in functions}

    def properties(self, schema: Schema) -> Iterator[Property]:
        """One for each function whose parameters have types that are known here."""
        for name, function in self._functions.items():
            plain = all(root in _VALUES or root == "enum" for _, root in function.parameters)
            if plain and not (function.trigger or function.procedure or function.variadic):
                yield Property(self.id, Name(function.schema, function.name), name)

    def check(self, prop: Property, context: CheckContext) -> str:
        """Call it beside rows of the tables that it speaks of, as other roles, with settings."""
        function = self._functions[prop.object]
        volatile = {str(row["name"]) for row in context.query(_VOLATILE, aside=True)}
        if not _leaves_nothing(function, [*self._functions.values()], volatile):
            raise Undecided("it may do what no rollback undoes")
        tables = _spoken_of(function, context.schema)
        held = [held for table in tables for held in _stored(context, table)]
        values = [_values(context, function, kind, held) for kind in function.parameters]
        calls = [_call(function, some) for some in islice(_combinations(values), _MOST_CALLS)]
        looks = [sql.SQL("SELECT * FROM {}").format(one.identifier) for one in tables]
        accepted = [one for one in calls if _attempted(context, function, one, looks)]
        _as_somebody_else(context, function, next(iter(accepted), calls[0]))
        given = [value for some in values for value in some if value] or [_SOMEBODY]
        for _ in _with_settings(context, given[:2]):
            for call in calls[:_MOST_VALUES]:
                _attempted(context, function, call, looks)
        return ""


def _with_settings(context: CheckContext, values: Sequence[str]) -> Iterator[None]:
    """Once for each value, while every setting that the schema reads has it."""
    settings = [str(row["name"]) for row in context.query(SETTINGS, aside=True)]
    for value in dict.fromkeys(values) if settings else ():
        with suppress(Undecided, Failed), context.undone():
            for name in settings:
                context.keep(setting_to(name, said_by(name, value, PUBLIC)))
            yield


def _stored(context: CheckContext, table: Table) -> list[tuple[str, str]]:
    """Two rows of a table, as different as may be: each value with the name of its type."""
    drafts = []
    with suppress(Undecided, Failed):
        drafts.append(context.stored_row(table))
        other = context.varied(context.valid(table), [column.name for column in table.columns])
        kept = context.keep(inserting(other)).rows
        drafts += [replace(other, stored=kept[0])] if kept else []
    return [
        (table.column(name).type.root.name, value)
        for draft in drafts
        for name, value in draft.stored.items()
        if value is not None
    ]


def _attempted(
    context: CheckContext, function: Function, call: sql.Composed, looks: Sequence[sql.Composed]
) -> bool:
    """Call a function, and look at what it may have written; whether the call is accepted."""
    if function.volatility != "VOLATILE":
        return bool(context.attempt(call))
    with context.undone():
        accepted = bool(context.attempt(call, keep=True))
        for look in looks if accepted else ():
            context.query(look)
    return accepted


def _leaves_nothing(
    function: Function,
    functions: Sequence[Function],
    volatile: Collection[str],
    seen: Collection[str] = (),
) -> bool:
    """Whether all that it calls is undone by a rollback, or does nothing.

    What is not volatile may write nothing, but may call what is.
    """
    found = tokens(function.source or function.definition)
    names = {token.word or token.text.strip('"') for token in found}
    if names & {*_LASTING} or any(token.kind == "dollar" for token in found):
        return False
    called = (names & {*volatile}) - {*_UNDONE} - {function.name, *seen}
    own = {one.name: one for one in functions}
    return all(
        name in own and _leaves_nothing(own[name], functions, volatile, {*seen, function.name})
        for name in called
    )


def _spoken_of(function: Function, schema: Schema) -> list[Table]:
    """The tables whose names stand in its body."""
    words = {token.text.strip('"').lower() for token in tokens(function.source)}
    return [one for one in schema if one.name.name.lower() in words and one.holds_rows]


def _values(
    context: CheckContext,
    function: Function,
    parameter: tuple[str, str],
    held: Sequence[tuple[str, str]],
) -> list[str]:
    """What a parameter is given: what rows have, what the body compares with, boundaries."""
    kind, root = parameter
    if root == "enum":
        text = sql.SQL("SELECT unnest(enum_range(NULL::{}))::text AS label").format(sql.SQL(kind))
        return [str(row["label"]) for row in context.query(text, aside=True)][:_MOST_VALUES]
    alike = _TEXTS if root in _TEXTS else {root}
    own = [value for name, value in held if name in alike][:3]
    first, *others = _VALUES[root]
    found = [first, *own, *_constants(function, root), *others]
    return [*dict.fromkeys(found)][:_MOST_VALUES]


def _constants(function: Function, root: str) -> Iterator[str]:
    """The constants of the body that may be values of a type; of numbers, the next ones too."""
    for token in tokens(function.source):
        if token.kind == "number" and root in _NUMERIC and token.text.isdecimal():
            number = int(token.text)
            yield from map(str, (number, number - 1, number + 1))
        if token.kind == "string" and root in _TEXTS:
            yield token.text.strip("eE")[1:-1].replace("''", "'")


def _combinations(values: Sequence[Sequence[str]]) -> Iterator[tuple[str | None, ...]]:
    """Arguments: each value beside the first ones of the others, each NULL, then all together."""
    first = tuple(some[0] for some in values)

    def beside(place: int, value: str | None) -> tuple[str | None, ...]:
        return (*first[:place], value, *first[place + 1 :])

    nulls = (beside(place, None) for place in range(len(values)))
    longest = max(map(len, values), default=0)
    each = (
        beside(place, some[n])
        for n in range(1, longest)
        for place, some in enumerate(values)
        if n < len(some)
    )
    yield from dict.fromkeys(chain([first], nulls, each, product(*values)))


def _call(function: Function, arguments: Sequence[str | None]) -> sql.Composed:
    """The call, its values with their types: a name may have several functions."""
    given = [
        sql.SQL("{}::{}").format(sql.Literal(value), sql.SQL(kind))
        for value, (kind, _) in zip(arguments, function.parameters, strict=True)
    ]
    form = "SELECT * FROM {}({})" if function.rows else "SELECT {}({}) AS answer"
    name = sql.Identifier(function.schema, function.name)
    return sql.SQL(form).format(name, sql.SQL(", ").join(given))


def _as_somebody_else(context: CheckContext, function: Function, call: sql.Composed) -> None:
    """Call it as a role that has nothing of its own, then where no schema is looked through."""
    public, schema = sql.Identifier(PUBLIC), sql.Identifier(function.schema)
    context.attempt(sql.SQL("CREATE ROLE {}").format(public), keep=True)
    with suppress(Undecided, Failed), context.undone():
        context.keep(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, public))
        name = sql.SQL(function.identifier)  # quoted where it needs to be
        context.keep(sql.SQL("GRANT EXECUTE ON {} TO {}").format(name, public))
        context.keep(sql.SQL("SET LOCAL ROLE {}").format(public))
        context.attempt(call)
    if function.settings:
        with suppress(Undecided, Failed), context.undone():
            context.keep("SET LOCAL search_path = pg_catalog")
            context.attempt(call)
