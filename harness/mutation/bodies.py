"""Changes of a function's body in PL/pgSQL: statements, conditions, RETURN, handlers (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.mutation.expressions import Change, changes
from harness.mutation.tokens import NONE, Token, tokens

_STARTS = ("begin", "then", "else", "loop")
_NO_STATEMENT = (
    *("end", "begin", "declare", "else", "elsif", "elseif", "exception", "when", "loop"),
    *("if", "for", "while", "case", "foreach", "null"),
)


def body_changes(body: str) -> Iterator[Change]:
    """Every change of a body; declarations keep their types."""
    found = tokens(body)
    begin = next((n for n, token in enumerate(found) if token.word == "begin"), 0)
    for at in range(begin, len(found)):
        before = found[at - 1] if at else NONE
        if (before.word in _STARTS or before.text == ";") and _is_statement(found[at]):
            yield from _of_statement(body, found, at)
        if found[at].word in ("if", "elsif", "while") and before.word != "end":
            yield from _of_condition(body, found, at)
        if found[at].word == "exception" and before.text == ";":
            yield from _of_handlers(body, found, at)
    start = found[begin].start if found else 0
    assigned = {at - begin for at in range(begin, len(found)) if _assigns(found, at)}
    for change in changes(body[start:]):
        if not (change.operator == "relational" and int(change.detail.split(":")[0]) in assigned):
            yield change._replace(text=body[:start] + change.text)


def _assigns(found: list[Token], at: int) -> bool:
    """Whether a ``=`` is an assignment, which PL/pgSQL allows to be written so."""
    back = at - 1
    while back > 1 and (found[back].kind in ("word", "quoted") and found[back - 1].text == "."):
        back -= 2
    before = found[back - 1] if back else NONE
    return found[at].text == "=" and (before.word in _STARTS or before.text == ";")


def _is_statement(token: Token) -> bool:
    return token.kind in ("word", "quoted") and token.word not in _NO_STATEMENT


def _of_statement(body: str, found: list[Token], at: int) -> Iterator[Change]:
    end = next((n for n in range(at, len(found)) if found[n].text == ";"), None)
    if end is None:
        return
    text = " ".join(body[found[at].start : found[end].start].split())
    left, right = body[: found[at].start], body[found[end].end :]
    if found[at].word != "return":
        yield Change("statement removed", f"{at}:{text[:40]}", f"{left}NULL;{right}")
        return
    value = found[at + 1].word
    if value in ("query", "next"):
        yield Change("statement removed", f"{at}:{text[:40]}", f"{left}NULL;{right}")
    elif end > at + 1 and value != "null":
        yield Change("return", f"{at}:{text[7:40]} to NULL", f"{left}RETURN NULL;{right}")


def _of_condition(body: str, found: list[Token], at: int) -> Iterator[Change]:
    """IF and WHILE with a condition that is negated, or always the same."""
    end, cases = at + 1, 0
    while end < len(found) and (cases or found[end].word not in ("then", "loop")):
        cases += (found[end].word == "case") - (found[end].word == "end")
        if found[end].text == ";":
            return
        end += 1
    if end == len(found) or end == at + 1:
        return
    condition = body[found[at + 1].start : found[end - 1].end]
    left, right = body[: found[at + 1].start], body[found[end - 1].end :]
    short = " ".join(condition.split())[:30]
    yield Change("condition", f"{at}:{short} negated", f"{left}NOT ({condition}){right}")
    yield Change("condition", f"{at}:{short} to false", f"{left}false{right}")
    if found[at].word != "while":  # a loop without an end says nothing
        yield Change("condition", f"{at}:{short} to true", f"{left}true{right}")


def _of_handlers(body: str, found: list[Token], at: int) -> Iterator[Change]:
    """A block without its exception handlers."""
    depth, end = 0, at
    for end in range(at, len(found)):
        word = found[end].word
        if word == "end" and depth == 0:
            break
        if word in ("begin", "if", "case", "loop") and found[end - 1].word != "end":
            depth += 1
        elif word == "end":
            depth -= 1
    text = body[: found[at].start] + body[found[end].start :]
    yield Change("handlers removed", str(at), text)
