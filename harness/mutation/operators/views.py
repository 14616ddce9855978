"""Views: their queries, whose rights they use, what may be written through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from psycopg import sql

from harness.mutation.declared import Declared, View
from harness.mutation.expressions import Change, changes
from harness.mutation.mutant import Mutant, listed, plain, quoted
from harness.mutation.rebuilding import around_view
from harness.mutation.tokens import NONE, Token, tokens
from harness.postgres.schema_model import Name

_ENDS = (
    *("group", "having", "window", "order", "limit", "offset", "fetch", "union"),
    *("intersect", "except", "for"),
)


class Views:
    """What views show."""

    kind: ClassVar[str] = "view"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each view that is not materialized."""
        for view in declared.views:
            if not view.materialized:
                yield from _of_view(declared, view)


def _of_view(declared: Declared, view: View) -> Iterator[Mutant]:
    query = view.definition.rstrip().rstrip(";")
    with_ = f" WITH ({', '.join(view.options)})" if view.options else ""
    head = f"CREATE OR REPLACE VIEW {quoted(*view.relation)}{with_} AS"
    for change in (*changes(query), *_clauses(query)):
        before, after = _lines(query, change.text)
        yield _mutant(
            view,
            change.operator,
            (f"{head}{change.text}",),
            before=before,
            after=after,
            detail=change.detail,
        )
    yield from _columns(declared, view, query)
    yield from _options(declared, view)


def _mutant(view: View, operator: str, ddl: tuple[str, ...], **more: Any) -> Mutant:
    tables = (view.relation, *dict.fromkeys(Name(s, n) for s, n, _ in view.reads))
    return Mutant(Views.kind, plain(view.relation), operator, ddl, tables=tables, **more)


def _clauses(query: str) -> Iterator[Change]:
    """Without WHERE, with another join, with or without duplicates."""
    found = tokens(query)
    for at, token in enumerate(found):
        before = found[at - 1] if at else NONE
        after = found[at + 1] if at + 1 < len(found) else NONE
        if token.word == "where":
            end = _end_of_where(found, at, len(query))
            yield Change("where dropped", str(at), f"{query[: token.start]}{query[end:]}")
        elif token.word == "left" and after.word == "join":
            text = query[: token.start] + query[after.start :]
            yield Change("join", f"{at}:LEFT to INNER", text)
        elif token.word == "join" and before.word not in _JOINS:
            text = f"{query[: token.start]}LEFT {query[token.start :]}"
            yield Change("join", f"{at}:INNER to LEFT", text)
        elif token.word == "distinct" and before.word == "select" and after.word != "on":
            yield Change("distinct dropped", str(at), query[: token.start] + query[token.end :])
        elif token.word == "union":
            new = "UNION" if after.word == "all" else "UNION ALL"
            end = after.end if after.word == "all" else token.end
            yield Change("union", f"{at}:{new}", query[: token.start] + new + query[end:])


_JOINS = ("left", "right", "full", "cross", "natural", "inner", "outer")


def _end_of_where(found: list[Token], at: int, end: int) -> int:
    """Where the clause ends: at the next one, or at the bracket around its query."""
    depth = 0
    for token in found[at + 1 :]:
        depth += (token.text == "(") - (token.text == ")")
        if depth < 0 or (depth == 0 and token.word in _ENDS):
            return token.start
    return end


def _columns(declared: Declared, view: View, query: str) -> Iterator[Mutant]:
    """Without each of its columns."""
    table = declared.schema.by_name.get(view.relation)
    names = [column.name for column in table.columns] if table else []
    for gone in names if len(names) > 1 else ():
        rest = listed([name for name in names if name != gone])
        fewer = sql.SQL("SELECT {} FROM ({}) AS whole").format(sql.SQL(rest), sql.SQL(query))
        # A view on a query in brackets is not updatable, and so has nothing to check.
        options = tuple(o for o in view.options if not o.startswith("check_option="))
        made = view.create(fewer.as_string(), options)
        ddl = [f"DROP VIEW {quoted(*view.relation)}", *made]
        yield _mutant(
            view,
            "column removed",
            around_view(declared, view.relation, ddl),
            before=quoted(gone),
            detail=gone,
        )


def _options(declared: Declared, view: View) -> Iterator[Mutant]:
    alter = f"ALTER VIEW {quoted(*view.relation)}"
    given = dict(option.partition("=")[::2] for option in view.options)
    table = declared.schema.by_name.get(view.relation)
    changed: list[tuple[str, str, str]] = []
    if declared.version >= 150000:
        off = given.get("security_invoker", "false") in ("false", "off", "0", "no")
        now = "SET (security_invoker = true)" if off else "RESET (security_invoker)"
        changed.append(("security invoker", "" if off else "security_invoker = true", now))
    if "check_option" in given:
        was = f"check_option = {given['check_option']}"
        changed.append(("check option", was, "RESET (check_option)"))
    elif table is not None and table.insertable and not table.triggers:
        changed.append(("check option", "", "SET (check_option = cascaded)"))
    if "security_barrier" in given:
        changed.append(("security barrier", "security_barrier", "RESET (security_barrier)"))
    for operator, was, now in changed:
        yield _mutant(view, operator, (f"{alter} {now}",), before=was, after=now)


def _lines(old: str, new: str) -> tuple[str, str]:
    """The lines in which two queries differ."""
    before, after = old.split("\n"), new.split("\n")
    while before and after and before[0] == after[0]:
        del before[0], after[0]
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    return "\n".join(line.strip() for line in before), "\n".join(line.strip() for line in after)
