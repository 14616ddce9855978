"""Functions and procedures: what they do, and under which conditions they run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from harness.mutation.bodies import body_changes
from harness.mutation.declared import Declared, Function
from harness.mutation.expressions import Change, changes
from harness.mutation.mutant import Mutant, quoted
from harness.mutation.tokens import tokens
from harness.postgres.schema_model import Name, Table

_VOLATILITIES = ("IMMUTABLE", "STABLE", "VOLATILE")


class Functions:
    """Bodies in SQL and PL/pgSQL, and the options of functions."""

    kind: ClassVar[str] = "function"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each function: of its options, then of its body."""
        for function in declared.functions:
            callers = _callers(function, declared.functions)
            tables = tuple(dict.fromkeys(_tables(declared, function, callers)))
            everywhere = any(one.elsewhere for one in callers)
            calls = () if everywhere else tuple(Name(one.schema, one.name) for one in callers)
            without = _plainness(function, declared.functions)
            for mutant in (*_options(function, tables, without), *_bodies(function, tables)):
                yield replace(mutant, functions=calls)


def _tables(declared: Declared, function: Function, callers: Sequence[Function]) -> Iterator[Name]:
    """The tables and views that it may be seen by: that it names, or that run it or a caller."""
    for table in declared.schema:
        triggers = {(one.function.schema, one.function.name) for one in table.triggers}
        text = "\n".join(_expressions(declared, table))
        runs = any((o.schema, o.name) in triggers or o.name in text for o in callers)
        if runs or table.name.name in function.source:
            yield table.name


def _expressions(declared: Declared, table: Table) -> Iterator[str]:
    """Everything of a table or view that may call a function, as text."""
    yield from (check.expression or "" for check in table.checks)
    yield from (index.definition for index in table.indexes)
    for column in table.columns:
        yield column.default or column.generated or ""
        yield from (one.expression for domain in column.type.domains for one in domain.checks)
    yield from (f"{p.using} {p.check}" for p in declared.policies if p.table == table.name)
    yield from (view.definition for view in declared.views if view.relation == table.name)


def _callers(function: Function, functions: Sequence[Function]) -> list[Function]:
    """The function, and those that call it, also through others."""
    found = {function.name: function}
    new = [function.name]
    while new:
        called = new.pop()
        for other in functions:
            if called in other.source and other.name not in found:
                found[other.name] = other
                new.append(other.name)
    return [*found.values()]


def _mutant(
    function: Function, tables: tuple[Name, ...], operator: str, ddl: str, **more: Any
) -> Mutant:
    return Mutant(Functions.kind, str(function), operator, (ddl,), tables=tables, **more)


_SQL = (
    *("select", "perform", "insert", "update", "delete", "merge", "execute", "call", "into"),
    *("for", "open", "fetch", "truncate", "lock", "copy", "with", "table", "values", "query"),
)


_HARMLESS = (
    *("now", "clock_timestamp", "lower", "upper", "trim", "btrim", "ltrim", "rtrim", "length"),
    *("coalesce", "nullif", "greatest", "least", "round", "abs", "format", "concat", "replace"),
    *("char_length", "date_trunc", "extract", "to_jsonb", "jsonb_build_object", "md5", "left"),
    *("row", "age", "date_part", "regexp_replace", "concat_ws", "substring", "to_char", "timezone"),
    *("make_date", "split_part", "substr", "lpad", "rpad", "initcap", "reverse", "strpos"),
    *("ceil", "ceiling", "floor", "trunc", "mod", "power", "sqrt", "sign", "repeat", "cardinality"),
)
"""Functions of the server's that ask for no privilege and read no table."""
_MOVING = (
    *("now", "clock_timestamp", "age", "date_trunc", "date_part", "extract", "to_char", "timezone"),
    *("format", "concat", "concat_ws", "to_jsonb", "jsonb_build_object"),
)
"""Those of them that look at the clock, or at settings of the session."""
_KEYWORDS = (
    *("if", "elsif", "while", "and", "or", "not", "in", "when", "then", "return", "any", "all"),
)
"""What may stand before a parenthesis and calls nothing."""
_CLOCK = (
    *("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"),
    *("date", "time", "timetz", "timestamp", "timestamptz", "regclass", "regtype"),
)
"""Words that read the clock or, as a type that text is cast to, settings of the session."""
_WHO = ("current_user", "session_user", "user", "current_role", "current_catalog")


class _Plainness(NamedTuple):
    """What a function does without."""

    sql: bool
    """It runs no SQL, so that nobody reads its volatility."""
    rights: bool
    """Nor does it ask who runs it, or call what may ask."""
    pure: bool
    """Its answer hangs on its arguments alone, so that its volatility says what calls cost."""


def _plainness(function: Function, others: Sequence[Function]) -> _Plainness:
    """Of a function whose body is a string.

    A trigger function that is not volatile may write nothing, and sees no row of the statement
    that fires it.
    """
    found = tokens(function.source)
    if not found:
        return _Plainness(False, False, False)
    words = [token.word or token.text.strip('"') for token in found]
    names = {other.name for other in others if other is not function}
    read = {*_SQL} if function.language == "plpgsql" else {*_SQL, "from"} - {"select"}
    plain = not {*words} & {*read, *names}
    after = [token.text for token in found[1:]]
    called = {
        word
        for token, word, then in zip(found, words, after, strict=False)
        if then == "(" and token.kind in ("word", "quoted") and word not in _KEYWORDS
    }
    rights = plain and called <= {*_HARMLESS} and not {*words} & {*_WHO}
    pure = rights and not function.trigger and not {*words} & {*_MOVING, *_CLOCK}
    return _Plainness(plain and function.trigger, rights, pure)


def _options(function: Function, tables: tuple[Name, ...], without: _Plainness) -> Iterator[Mutant]:
    alter = f"ALTER {function.identifier}"

    def option(operator: str, was: str, now: str, **more: Any) -> Mutant:
        ddl = f"{alter} {now}"
        return _mutant(function, tables, operator, ddl, before=was, after=now, **more)

    if not function.procedure:
        same = "a trigger function without SQL does the same" if without.sql else ""
        for word in _VOLATILITIES:
            if word != function.volatility:
                was = function.volatility
                yield option("volatility", was, word, detail=word, same=same, speed=without.pure)
        if function.parameters:
            words = ("STRICT", "CALLED ON NULL INPUT")
            was, now = words if function.strict else words[::-1]
            yield option("strict", was, now)
        if function.parallel != "UNSAFE":
            was = f"PARALLEL {function.parallel}"
            yield option("parallel", was, "PARALLEL UNSAFE", speed=True)
    was, now = "SECURITY DEFINER", "SECURITY INVOKER"
    if not function.definer:
        was, now = now, was
    same = "it does nothing that asks for a privilege" if without.rights else ""
    yield option("security", was, now, same=same)
    for setting in function.settings:
        name, _, value = setting.partition("=")
        yield option("setting dropped", f"SET {name} = {value}", f"RESET {quoted(name)}")


def _bodies(function: Function, tables: tuple[Name, ...]) -> Iterator[Mutant]:
    source = function.source
    if not source or function.definition.count(source) != 1:
        return  # SQL-standard bodies are kept as parse trees
    for change in _changes(function):
        if change.text != source:
            before, after = _changed_lines(source, change.text)
            yield _mutant(
                function,
                tables,
                change.operator,
                function.definition.replace(source, change.text),
                before=before,
                after=after,
                detail=change.detail,
            )


def _changes(function: Function) -> Iterator[Change]:
    if function.language == "plpgsql":
        return body_changes(function.source)
    return changes(function.source)


def _changed_lines(old: str, new: str) -> tuple[str, str]:
    """The lines in which two bodies differ, without what they have in common around them."""
    before, after = old.split("\n"), new.split("\n")
    while before and after and before[0] == after[0]:
        del before[0], after[0]
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    return "\n".join(before), "\n".join(after)
