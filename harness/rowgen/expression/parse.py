"""From text to tree, by precedence."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal

from harness.rowgen.expression.tokens import Token, string_value, tokens
from harness.rowgen.expression.tree import (
    AnyOf,
    Array,
    Both,
    Call,
    Cast,
    ColumnRef,
    Comparison,
    Constant,
    Field,
    Node,
    Not,
    NullTest,
    Opaque,
)

_COMPARE, _OTHER, _SUM, _PRODUCT, _POWER = 4, 5, 6, 7, 8
_PRECEDENCE = {
    **dict.fromkeys(("<", ">", "=", "<=", ">=", "<>", "!="), _COMPARE),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "%"), _PRODUCT),
    "^": _POWER,
}
# What continues the name of a type: character varying, timestamp(3) with time zone.
_TYPE_WORDS = {"varying", "precision", "with", "without", "time", "zone", "year", "month", "day"}
_TYPE_WORDS |= {"hour", "minute", "second", "to"}
_RESERVED = {"case", "when", "then", "else", "end", "array", "row", "not", "and", "or"}
_VALUES = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
_VALUES |= {"current_user", "session_user", "user", "current_role", "current_catalog"}
_VALUES |= {"current_schema"}


_JUNCTIONS: tuple[Literal["or", "and"], ...] = ("or", "and")


class _NotUnderstood(Exception):  # noqa: N818  control flow inside the parser
    pass


@lru_cache(maxsize=2048)
def parse(text: str) -> Node:
    """The tree of an expression; `Opaque` as a whole where it cannot be read."""
    reader = _Reader(text)
    try:
        node = reader.expression(0)
    except _NotUnderstood:
        return Opaque(text, tuple(reader.names()))
    return node if reader.token.kind == "end" else Opaque(text, tuple(reader.names()))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.place = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def next(self) -> Token:
        token = self.token
        self.place += token.kind != "end"
        return token

    def accept(self, *texts: str) -> bool:
        """Take these tokens if they are next; words by their lower case."""
        ahead = self.tokens[self.place : self.place + len(texts)]
        if [token.word or token.text for token in ahead] != list(texts):
            return False
        self.place += len(texts)
        return True

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise _NotUnderstood

    def since(self, start: int) -> str:
        return self.text[start : self.tokens[self.place - 1].end]

    def names(self, first: int = 0, last: int | None = None) -> list[Node]:
        """Every name that could be a column's, for an expression that was not understood."""
        some = self.tokens[first:last]
        after = zip(some, [*some[1:], self.tokens[-1]], strict=True)
        return [
            ColumnRef(token.text, token.name)
            for token, follower in after
            if token.kind in ("word", "quoted") and follower.text not in ("(", ".")
        ]

    # -- by precedence: OR, AND, NOT, IS, comparison, any other operator, + -, * / %, ^

    def expression(self, least: int) -> Node:
        start = self.token.start
        node = self.prefix(least)
        while (longer := self.longer(node, start, least)) is not None:
            node = longer
        return node

    def longer(self, node: Node, start: int, least: int) -> Node | None:
        """``node`` with what follows it, if that binds tighter than ``least``."""
        for strength, word in enumerate(_JUNCTIONS):
            if least <= strength and self.accept(word):
                return self.both(node, start, word, strength + 1)
        if least <= 3 and self.token.word == "is":
            return self.test(node, start)
        if self.accept("::"):
            return Cast(self.since_type(start), node, self.last_type)
        if self.accept("collate"):
            self.qualified()
            return Cast(self.since(start), node, "")
        if self.accept("at", "time", "zone"):
            zone = self.expression(_POWER)
            return Call(self.since(start), "timezone", (zone, node))
        if self.token.text in ("[", "."):
            return self.accessed(node, start)
        if least <= _OTHER and self.accept("in", "("):
            right = self.subquery(self.tokens[self.place - 1].start)
            return AnyOf(self.since(start), "=", node, right, "any")
        return self.operation(node, start, least)

    def both(self, left: Node, start: int, word: Literal["and", "or"], above: int) -> Node:
        right = self.expression(above)
        first = left.operands if isinstance(left, Both) and left.operator == word else (left,)
        return Both(self.since(start), word, (*first, right))

    def test(self, node: Node, start: int) -> Node:
        self.next()
        negated = self.accept("not")
        if self.accept("null"):
            return NullTest(self.since(start), node, negated)
        if self.accept("distinct", "from"):
            right = self.expression(_OTHER)
            return Comparison(self.since(start), "=" if negated else "<>", node, right)
        if self.accept("true") or self.accept("false"):
            wanted = self.tokens[self.place - 1].word == "true"
            inner = Opaque(self.since(start), (node,))
            return inner if wanted is not negated else Not(self.since(start), node)
        self.next()
        return Opaque(self.since(start), (node,))

    def operation(self, left: Node, start: int, least: int) -> Node | None:
        saved = self.place
        name = self.operator()
        strength = _PRECEDENCE.get(name or "", _OTHER)
        if name is None or strength < least:
            self.place = saved
            return None
        for quantifier in ("any", "all"):
            if self.accept(quantifier, "("):
                if self.token.word == "select":
                    right = self.subquery(self.tokens[self.place - 1].start)
                else:
                    right = self.expression(0)
                    self.expect(")")
                return AnyOf(self.since(start), name, left, right, quantifier)
        right = self.expression(strength + 1)
        return Comparison(self.since(start), name, left, right)

    def operator(self) -> str | None:
        """The operator that is next, taken; ``OPERATOR(schema.name)`` by its name alone."""
        if self.token.kind == "operator":
            return self.next().text
        if not self.accept("operator", "("):
            return None
        while self.token.kind in ("word", "quoted") or self.token.text == ".":
            self.next()
        name = self.next().text
        self.expect(")")
        return name

    def accessed(self, node: Node, start: int) -> Node:
        """A field, or a subscript: asked of the server, made of ``node``."""
        if self.accept("."):
            name = self.next().name
            return Field(self.since(start), node, name)
        self.expect("[")
        inner = [node, self.expression(0)]
        while self.accept(":"):
            inner.append(self.expression(0))
        self.expect("]")
        return Opaque(self.since(start), tuple(inner))

    def prefix(self, least: int) -> Node:
        start = self.token.start
        if self.accept("not"):
            operand = self.expression(2)
            return Not(self.since(start), operand)
        if self.token.kind == "operator":
            self.next()
            operand = self.expression(_POWER)
            return (
                Opaque(self.since(start), (operand,))
                if _varies(operand)
                else _constant(self.since(start))
            )
        return self.primary()

    def primary(self) -> Node:
        start = self.token.start
        token = self.token
        if token.kind in ("string", "number"):
            self.next()
            text = string_value(token.text) if token.kind == "string" else token.text
            return Constant(token.text, text)
        if self.accept("("):
            return self.parenthesised(start)
        if token.kind in ("word", "quoted"):
            return self.named(start)
        raise _NotUnderstood

    def subquery(self, start: int) -> Node:
        """What stands in the parentheses of a query; what ``(SELECT f())`` wraps is read.

        Of any other query the names are told, some of which may be columns outside of it.
        """
        if self.token.word not in ("select", "with"):
            raise _NotUnderstood
        begin = self.place
        if (wrapped := self.wrapped(start)) is not None:
            return wrapped
        self.place, depth = begin, 1
        while depth and self.token.kind != "end":
            depth += {"(": 1, ")": -1}.get(self.next().text, 0)
        if depth:
            raise _NotUnderstood
        return Opaque(self.since(start), tuple(self.names(begin, self.place)))

    def wrapped(self, start: int) -> Node | None:
        """The expression of a query that is nothing else: ``( SELECT auth.uid() AS uid)``."""
        self.next()
        try:
            node = self.expression(0)
        except _NotUnderstood:
            return None
        if self.accept("as"):
            self.next()
        return replace(node, sql=self.since(start)) if self.accept(")") else None

    def parenthesised(self, start: int) -> Node:
        if self.token.word in ("select", "with"):
            return self.subquery(start)
        node = self.expression(0)
        if self.token.text == ",":
            items = [node]
            while self.accept(","):
                items.append(self.expression(0))
            self.expect(")")
            return Opaque(self.since(start), tuple(items))
        self.expect(")")
        return node

    def named(self, start: int) -> Node:
        word = self.token.word
        if word == "case":
            return self.case(start)
        if self.accept("array", "("):
            inner = self.subquery(self.tokens[self.place - 1].start)
            return Opaque(self.since(start), (inner,))
        if self.accept("array", "["):
            return Array(sql=(made := self.listed(start, "]"))[0], items=made[1])
        if word in ("null", "true", "false"):
            self.next()
            return Constant(self.since(start), None if word == "null" else word)
        if word in _RESERVED - {"row"}:
            raise _NotUnderstood
        name = self.qualified()
        if self.accept("("):
            if self.token.word in ("select", "with"):  # EXISTS (SELECT ...)
                inner = self.subquery(self.tokens[self.place - 1].start)
                return Opaque(self.since(start), (inner,))
            # The field of EXTRACT(year FROM x) is no column, even if there is one.
            field = (self.field(),) if name.lower() == "extract" else ()
            text, arguments = self.listed(start, ")")
            return Call(text, name.lower(), (*field, *arguments))
        if word in _VALUES:
            return Call(self.since(start), name, ())
        if self.token.kind == "string":
            # A type in front of its literal, as in DATE '2020-01-01'.
            literal = self.next()
            return Cast(self.since(start), Constant(literal.text, string_value(literal.text)), name)
        return ColumnRef(self.since(start), name)

    def field(self) -> Node:
        token = self.next()
        return Constant(f"'{token.text}'", token.text)

    def qualified(self) -> str:
        """A name, of which the last part counts."""
        name = self.next().name
        while self.token.text == "." and self.tokens[self.place + 1].kind in ("word", "quoted"):
            self.next()
            name = self.next().name
        return name

    def listed(self, start: int, closing: str) -> tuple[str, tuple[Node, ...]]:
        """Arguments to the closing mark, by comma or by keyword: EXTRACT(year FROM x)."""
        items: list[Node] = []
        while not self.accept(closing):
            separators = (",", "from", "for", "in", "using", "both", "leading", "trailing")
            if not any(self.accept(separator) for separator in (*separators, "variadic")):
                items.append(self.expression(0))
        return self.since(start), tuple(items)

    def case(self, start: int) -> Node:
        self.next()
        inner: list[Node] = []
        while not self.accept("end"):
            if not any(self.accept(word) for word in ("when", "then", "else")):
                inner.append(self.expression(0))
        return Opaque(self.since(start), tuple(inner))

    def since_type(self, start: int) -> str:
        """Read a type, keep its text, and return the SQL from ``start`` to its end."""
        begin = self.token.start
        self.qualified()
        while self.token.word in _TYPE_WORDS or self.token.text in ("(", "["):
            closing = {"(": ")", "[": "]"}.get(self.next().text)
            while closing and not self.accept(closing):
                if self.next().kind == "end":
                    raise _NotUnderstood
        self.last_type = self.since(begin)
        return self.since(start)


def _varies(node: Node) -> bool:
    return not isinstance(node, Constant)


def _constant(text: str) -> Constant:
    return Constant(text, text.replace(" ", ""))
