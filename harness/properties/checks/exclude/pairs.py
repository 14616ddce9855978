"""Pairs: rows beside one row, and whether a constraint excludes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations

from psycopg import sql

from harness.properties.check_context import CheckContext
from harness.properties.checks.exclude.exclusion import Exclusion, Stored
from harness.properties.expressions import holds
from harness.properties.row_search import row_where
from harness.rowgen import Draft
from harness.rowgen.conditions import judged_type

Change = tuple[str, dict[str, str | None]]
"""The kind of a neighbour, and what differs in it."""
_VALUES = 6
_BOUNDED = ("[10,20)", "[2024-01-10,2024-01-20)", "[10:00,11:00)")
"""A range of each kind that has both of its bounds."""
_ELSEWHERE = ("[100,110)", "[2034-01-10,2034-01-20)", "[20:00,21:00)")
"""Others, apart from those."""
_NEIGHBOURS = """
    SELECT r.kind, r.value::text AS value
    FROM (SELECT {value}::{type} AS x) AS given
    CROSS JOIN LATERAL (
        VALUES
            ('overlapping', x),
            ('overlapping', {make}(lower(x), NULL, '[)')),
            ('overlapping', {make}(NULL, NULL)),
            ('touching', {make}(upper(x), NULL, CASE WHEN upper_inc(x) THEN '()' ELSE '[)' END)),
            ('touching', {make}(NULL, lower(x), CASE WHEN lower_inc(x) THEN '()' ELSE '(]' END)),
            ('empty', 'empty'::{type})
    ) AS r (kind, value)
    WHERE
        (r.kind <> 'touching' OR r.value -|- x)
        AND (r.kind <> 'overlapping' OR r.value && x)
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A row, and another that is tried beside it."""

    first: Draft
    second: Draft
    what: str
    kind: str
    """``"touching"``, ``"empty"``, ``"null"`` or nothing of the kind."""
    excluded: bool

    @property
    def stored(self) -> Stored:
        """The first row."""
        return self.first.stored


def pairs(exclusion: Exclusion, context: CheckContext) -> Iterator[Pair]:
    """Pairs with one row: those that differ from it in one column of the constraint."""
    first = _first(exclusion, context)
    second = _neighbour(exclusion, first, context)
    given = {name: first.stored[name] for name in exclusion.read}
    first = replace(first, values={**first.values, **given})
    for kind, changes in _changes(exclusion, first, context):
        row = {**first.stored, **changes}
        if not _computable(exclusion, row, context):
            continue
        excluded = exclusion.excludes(first.stored, row, context)
        named = ", ".join(f"{n} = {_shown(text)}" for n, text in {**given, **changes}.items())
        other = second.replace(**{**given, **changes})
        yield Pair(first, other, f"a row with {named} beside another", kind, excluded)


def _computable(exclusion: Exclusion, row: Stored, context: CheckContext) -> bool:
    """What is compared can be computed: bounds the wrong way round make no range."""
    read = (exclusion.table.column(name) for name in exclusion.index.reads)
    types = {column.name: judged_type(column) for column in read}
    return context.rows.server.judge(types, [row], exclusion.index.keys)[0] is not None


def _first(exclusion: Exclusion, context: CheckContext) -> Draft:
    """A row that the constraint speaks of, with ranges that have neighbours if there can be."""
    conditions = [f"({text}) IS NOT NULL" for text in exclusion.index.keys]
    conditions += [f"NOT isempty({_quoted(name)})" for name in exclusion.ranges]
    if exclusion.index.predicate is not None:
        conditions.append(f"({exclusion.index.predicate})")
    condition = " AND ".join(conditions)
    draft = row_where(context, exclusion.table, condition, exclusion.read)
    for text in _BOUNDED:
        changed = context.stored(draft.replace(**dict.fromkeys(exclusion.ranges, text)))
        if (
            changed
            and exclusion.ranges
            and holds(context, exclusion.table, changed.stored, condition)
        ):
            return changed
    for changes in () if exclusion.ranges else _nearer(exclusion, draft, context):
        changed = context.stored(draft.replace(**changes))
        if changed and holds(context, exclusion.table, changed.stored, condition):
            return changed
    return draft


def _nearer(
    exclusion: Exclusion, draft: Draft, context: CheckContext
) -> Iterator[dict[str, str | None]]:
    """Where two columns are a range's bounds: the upper one near the lower one.

    A range of nearly all values leaves no place beside it.
    """
    for one, other in permutations(exclusion.read, 2):
        column = exclusion.table.column(other)
        type_ = column.type.root.sql
        if exclusion.table.column(one).type.root.sql == type_:
            low, high = (
                f"{sql.Literal(draft.stored[n]).as_string()}::{type_}" for n in (one, other)
            )
            nearer = f"CASE WHEN {low} < {high} THEN ({low} + ({high} - {low}) / 100) END"
            (text,) = context.rows.server.texts([f"({nearer})::{column.type_sql}"])
            if text is not None:
                yield {other: text}


def _changes(exclusion: Exclusion, first: Draft, context: CheckContext) -> Iterator[Change]:
    yield "", {}
    for name in exclusion.ranges:
        yield from _ranges(exclusion, first, name, context)
    for name in exclusion.read:
        if exclusion.table.column(name).nullable:
            yield "null", {name: None}
        pool = context.rows.plan(exclusion.table.name).pool(name).accepted[:_VALUES]
        for text in pool:
            if text != "empty":
                yield "", {name: text}
    yield from (("", change) for change in _following(exclusion, first, context))


def _ranges(
    exclusion: Exclusion, first: Draft, name: str, context: CheckContext
) -> Iterator[Change]:
    root = exclusion.table.column(name).type.root
    made = sql.Identifier(root.schema, root.name)
    query = sql.SQL(_NEIGHBOURS).format(
        value=sql.Literal(first.stored[name]), type=sql.SQL(root.sql), make=made
    )
    others = [f"{text}::{root.sql}" for text in map(repr, _ELSEWHERE)]
    for text in filter(None, context.rows.server.texts(others)):
        yield "", {name: text}
    for row in context.query(query):
        yield row["kind"] if row["kind"] in ("touching", "empty") else "", {name: row["value"]}


def _following(
    exclusion: Exclusion, first: Draft, context: CheckContext
) -> Iterator[dict[str, str | None]]:
    """Where two columns are a range's bounds: those beside it, and one across its end."""
    for one, other in permutations(exclusion.read, 2):
        type_ = exclusion.table.column(one).type.root.sql
        if type_ == exclusion.table.column(other).type.root.sql:
            low, high = (
                f"{sql.Literal(first.stored[n]).as_string()}::{type_}" for n in (one, other)
            )
            length = f"({high} - {low})"
            kind = exclusion.table.column(other).type_sql  # with its precision
            beyond = [f"{high} + {length}", f"{high} + {length} + {length}", f"{low} - {length}"]
            ends, later, before = context.rows.server.texts(
                [f"({text})::{kind}" for text in beyond]
            )
            if ends is not None:
                yield {one: first.stored[other], other: ends}
                yield {other: ends}
            if later is not None:
                yield {one: ends, other: later}
            if before is not None:
                yield {one: before, other: first.stored[one]}


def _neighbour(exclusion: Exclusion, first: Draft, context: CheckContext) -> Draft:
    """A row that other keys allow beside the first."""
    rest = (i for i in exclusion.table.indexes if i.name != exclusion.index.name)
    read = {name for i in rest if i.unique or i.exclusion for name in i.reads}
    free = [c.name for c in exclusion.table.columns if c.name in read - {*exclusion.read}]
    may = [name for name in free if exclusion.table.column(name).insertable]
    return context.distinct(first, may) or first


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string()


def _shown(text: str | None) -> str:
    return "NULL" if text is None else repr(text)
