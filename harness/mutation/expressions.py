"""Changes of an expression, one at a time, the text around it kept (pure).

A comparison, a connective, a constant, an element of a list: what a slip of the hand changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from harness.mutation.tokens import NONE, Token, closing, tokens
from harness.rowgen.expression import (
    AnyOf,
    Array,
    Both,
    Call,
    Cast,
    ColumnRef,
    Comparison,
    Constant,
    Node,
    NullTest,
    columns_of,
    parse,
    walk,
)


class Change(NamedTuple):
    """One change."""

    operator: str
    """``"relational"``."""
    detail: str
    """``"3:<= to <"``: the number of the token, so that the same change elsewhere is another."""
    text: str
    """The whole expression with it."""
    same: str = ""
    """Why a CHECK, which NULL passes, refuses the same with it; empty where it may not."""


RELATIONAL = {
    "<": ("<=", ">", "<>"),
    "<=": ("<", ">=", "="),
    ">": (">=", "<", "<>"),
    ">=": (">", "<=", "="),
    "=": ("<>", "<=", ">="),
    "<>": ("=",),
    "!=": ("=",),
}
_ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*"}
_MATCHING = {"~": "!~", "~*": "!~*", "~~": "!~~", "~~*": "!~~*"}
_MATCHING |= {negated: plain for plain, negated in _MATCHING.items()}
_LENGTHS = ("length", "char_length", "character_length", "octet_length", "lower", "upper")
"""Functions of the server's that are NULL of NULL, and of nothing else end in an error."""
_FUNCTIONS = {
    "now": "clock_timestamp",
    "clock_timestamp": "now",
    "lower": "upper",
    "upper": "lower",
    "min": "max",
    "max": "min",
    "sum": "count",
    "greatest": "least",
    "least": "greatest",
}
_BEFORE_SIGN = ("select", "return", "then", "in", "between", "and", "or", "when", "else", "not")
_MODIFIED = ("varchar", "varying", "numeric", "char", "character", "bpchar", "bit", "interval")
_TESTED = ("null", "distinct", "true", "false", "unknown")


def changes(text: str) -> Iterator[Change]:
    """Every change of an expression."""
    found = tokens(text)
    for at, token in enumerate(found):
        for operator, change, start, end, new in _of_token(found, at):
            detail = f"{at}:{change}"
            yield Change(operator, detail, text[: found[start].start] + new + text[end:])
        if token.text == "[" and at and found[at - 1].word == "array":
            yield from _without_elements(text, found, at)
    yield from _without_operands(text)


_Edit = tuple[str, str, int, int, str]
"""Operator, what it says, the first token's index, the offset of the end, the new text."""


def _of_token(found: list[Token], at: int) -> Iterator[_Edit]:
    token = found[at]
    before = found[at - 1] if at else NONE
    after = found[at + 1] if at + 1 < len(found) else NONE
    if token.kind == "operator" and not _assigns(found, at):
        yield from _of_operator(token, before, after, at)
    elif token.kind == "number" and not _is_modifier(found, at):
        yield from _of_number(token, at)
    elif token.kind == "string" and not _names_object(found, at):
        other = _other_string(token.text, _cast(found, at))
        if other != token.text:
            yield "constant", f"{_short(token.text)} to {_short(other)}", at, token.end, other
    elif token.kind == "word" and before.text != ".":
        yield from _of_word(found, at, before, after)


def _of_operator(token: Token, before: Token, after: Token, at: int) -> Iterator[_Edit]:
    text = token.text
    for other in RELATIONAL.get(text, ()):
        yield "relational", f"{text} to {other}", at, token.end, other
    if text in _MATCHING:
        yield "match negated", text, at, token.end, _MATCHING[text]
    binary = before.kind in ("number", "word", "quoted") or before.text in (")", "]")
    if text in _ARITHMETIC and binary and before.word not in _BEFORE_SIGN and after.text != ")":
        yield "arithmetic", f"{text} to {_ARITHMETIC[text]}", at, token.end, _ARITHMETIC[text]


def _of_number(token: Token, at: int) -> Iterator[_Edit]:
    if "." in token.text:
        others = [f"{token.text}1", f"1{token.text}"]
    else:
        number = int(token.text)
        others = [str(number + 1), *([str(number - 1)] if number else [])]
    for other in others:
        yield "constant", f"{token.text} to {other}", at, token.end, other


def _of_word(found: list[Token], at: int, before: Token, after: Token) -> Iterator[_Edit]:
    token = found[at]
    word = token.word
    if word == "and" and not _of_between(found, at):
        yield "logical", "AND to OR", at, token.end, "OR"
    elif word == "or":
        yield "logical", "OR to AND", at, token.end, "AND"
    elif word in ("true", "false") and before.word != "is" and before.word != "not":
        other = "false" if word == "true" else "true"
        yield "constant", f"{word} to {other}", at, token.end, other
    elif word == "is" and after.word == "not":
        yield "null test", "IS NOT to IS", at, after.end, "IS"
    elif word == "is" and after.word in _TESTED:
        yield "null test", "IS to IS NOT", at, token.end, "IS NOT"
    elif word == "not" and before.word != "is" and after.word not in ("null", "found"):
        yield "negation removed", "NOT", at, token.end, ""
    elif word in _FUNCTIONS and after.text == "(":
        yield "function", f"{word} to {_FUNCTIONS[word]}", at, token.end, _FUNCTIONS[word]
    elif word in ("any", "all") and before.kind == "operator":
        other = "ALL" if word == "any" else "ANY"
        yield "quantifier", f"{word.upper()} to {other}", at, token.end, other


def _of_between(found: list[Token], at: int) -> bool:
    """Whether an AND is that of ``BETWEEN a AND b``."""
    for before in reversed(found[max(0, at - 12) : at]):
        if before.word == "between":
            return True
        if before.word in ("and", "or", "where", "then"):
            return False
    return False


def _assigns(found: list[Token], at: int) -> bool:
    """Whether a ``=`` is that of an option: ``RAISE ... USING ERRCODE = '23514'``."""
    option = found[at - 1].word in _RAISED if at else False
    return option and at > 1 and (found[at - 2].word == "using" or found[at - 2].text == ",")


_RAISED = ("errcode", "message", "detail", "hint", "constraint", "column", "table", "schema")


def _cast(found: list[Token], at: int) -> str:
    """The type that a string is cast to: ``'18 years'::interval``."""
    cast = at + 2 < len(found) and found[at + 1].text == "::"
    return found[at + 2].word or found[at + 2].text if cast else ""


def _other_string(text: str, type_: str) -> str:
    """A string in the place of another that is a value of the same type, as far as one tells."""
    if type_ in _TEXTS:
        # RAISE counts the placeholders of its message.
        marks = " %" * text.count("%") if text != "'mutant'" else ""
        return "''" if text == "'mutant'" else f"'mutant{marks}'"
    # '18 years' to '19 years', '1900-01-01' to '1900-01-02'
    last = re.search(r"(\d+)(?=\D*$)", text)
    if last is None or type_ not in _MEASURES:
        return text
    digits = last[1]
    other = str(int(digits) + 1 if int(digits) != 31 else 30).zfill(len(digits))
    return text[: last.start()] + other + text[last.end() :]


_TEXTS = ("", "text", "character", "varchar", "bpchar", "name", "citext")
_MEASURES = (
    *("date", "timestamp", "timestamptz", "time", "timetz", "interval", "integer", "bigint"),
    *("smallint", "numeric", "double", "real", "money"),
)


def _is_modifier(found: list[Token], at: int) -> bool:
    """Whether a number is that of a type, ``numeric(10,2)``, or a position such as ``$1``."""
    back = at - 1
    while back > 0 and (found[back].kind == "number" or found[back].text == ","):
        back -= 1
    of_type = found[back].text == "(" and back > 0 and found[back - 1].word in _MODIFIED
    return of_type or (at > 0 and found[at - 1].text == "$")


def _names_object(found: list[Token], at: int) -> bool:
    """Whether a string names something of the schema: ``'tasks_id_seq'::regclass``."""
    return (
        at + 2 < len(found)
        and found[at + 1].text == "::"
        and found[at + 2].word in ("regclass", "regtype", "regproc", "regprocedure")
    )


def _without_elements(text: str, found: list[Token], opening: int) -> Iterator[Change]:
    """``ARRAY['a', 'b']``, which IN becomes: without each of its elements."""
    end = closing(found, opening)
    starts, depth = [opening + 1], 0
    for at in range(opening + 1, end):
        depth += (found[at].text in ("(", "[")) - (found[at].text in (")", "]"))
        if found[at].text == "," and depth == 0:
            starts.append(at + 1)
    for number, first in enumerate(starts if len(starts) > 1 else ()):
        last = number + 1 == len(starts)
        # The comma before the last one goes with it, after all others the one behind.
        left = text[: found[first - 1].start if last else found[first].start]
        right = text[found[end].start if last else found[starts[number + 1]].start :]
        element = text[found[first].start : found[end if last else starts[number + 1] - 1].start]
        yield Change("element removed", f"{first}:{_short(element.strip())}", left + right)


def _without_operands(text: str) -> Iterator[Change]:
    """Each AND and OR without each of its operands."""
    whole = parse(text)
    positive = [*_positive(whole)]
    for node in walk(whole):
        if not isinstance(node, Both) or text.count(node.sql) != 1:
            continue
        for number, operand in enumerate(node.operands):
            others = [one for one in node.operands if one is not operand]
            new = f" {node.operator.upper()} ".join(f"({one.sql})" for one in others)
            place = text.index(node.sql)
            detail = f"{place}.{number}:{_short(operand.sql)}"
            same = (
                _null_anyway(operand, others) if node in positive and node.operator == "or" else ""
            )
            yield Change("operand removed", detail, text.replace(node.sql, new), same)


def _positive(node: Node) -> Iterator[Node]:
    """What has nothing but AND and OR around it: there, NULL refuses a row no more than true."""
    yield node
    for part in node.parts if isinstance(node, Both) else ():
        yield from _positive(part)


def _null_anyway(operand: Node, others: Sequence[Node]) -> str:
    """``x IS NULL OR x > 0``: where x is NULL, the other side is NULL, which is as good as true.

    Unless that side may end in an error, which the first one kept it from.
    """
    if not isinstance(operand, NullTest) or operand.negated:
        return ""
    column = operand.operand
    harmless = all(map(_never_fails, others))
    if isinstance(column, ColumnRef) and harmless and any(_strict(o, column) for o in others):
        return f"a comparison is NULL where {column.name} is, and a CHECK lets NULL pass"
    return ""


def _strict(node: Node, column: ColumnRef) -> bool:
    """Whether comparisons are NULL for certain where a column is."""
    if isinstance(node, Comparison):
        return _strict(node.left, column) or _strict(node.right, column)
    if isinstance(node, AnyOf):  # of an empty list, it is false
        listed = isinstance(node.right, Array) and bool(node.right.items)
        return listed and _strict(node.left, column)
    if isinstance(node, Both):  # one that is false would decide
        return all(_strict(operand, column) for operand in node.operands)
    if isinstance(node, Cast):
        return _strict(node.operand, column)
    if isinstance(node, Call) and node.name in _LENGTHS:
        return any(_strict(argument, column) for argument in node.arguments)
    return isinstance(node, ColumnRef) and node.name == column.name


def _never_fails(node: Node) -> bool:
    """Whether there is nothing but comparisons of columns with constants and each other."""
    if isinstance(node, Cast):
        inner = node.operand
        return isinstance(inner, Constant) or (isinstance(inner, ColumnRef) and node.type == "text")
    if isinstance(node, Comparison):
        known = node.operator in RELATIONAL or (
            node.operator in _MATCHING and not columns_of(node.right)
        )
        return known and _never_fails(node.left) and _never_fails(node.right)
    if isinstance(node, AnyOf) and node.operator not in RELATIONAL:
        return False
    if isinstance(node, Call):
        return node.name in _LENGTHS and all(map(_never_fails, node.arguments))
    plain = isinstance(node, (ColumnRef, Constant, Both, NullTest, AnyOf, Array))
    return plain and all(map(_never_fails, node.parts))


def _short(text: str) -> str:
    """A text on one line, of a length that ids and lines of a terminal bear."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else f"{flat[:37]}..."
