"""EXCLUDE constraints: dropped, an element less, another operator, predicate or moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant, plain, quoted
from harness.mutation.tokens import closing, tokens
from harness.postgres.schema_model import Constraint, Table

_OTHER = {"&&": "=", "=": "<>", "<>": "=", "-|-": "&&"}


class Exclusions:
    """What keeps rows from overlapping."""

    kind: ClassVar[str] = "exclude"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each EXCLUDE."""
        for table in declared.tables:
            for constraint in table.constraints:
                if constraint.kind == "exclude" and not constraint.inherited:
                    for operator, detail, definition in _definitions(constraint):
                        yield _mutant(table, constraint, operator, detail, definition)


def _definitions(constraint: Constraint) -> Iterator[tuple[str, str, str]]:
    """Operator, detail and the new definition; none is dropped."""
    text = constraint.definition
    yield "dropped", "", ""
    found = tokens(text)
    opening = next(n for n, token in enumerate(found) if token.text == "(")
    end = closing(found, opening)
    head, tail = text[: found[opening].end], text[found[end].start :]
    elements = _elements(text[found[opening].end : found[end].start])
    for number, element in enumerate(elements):
        rest = [other for other in elements if other is not element]
        if rest:
            yield "element removed", element.strip(), f"{head}{','.join(rest)}{tail}"
        what, _, operator = element.rpartition(" WITH ")
        if operator.strip() in _OTHER:
            new = f"{what} WITH {_OTHER[operator.strip()]}"
            changed = [*elements[:number], new, *elements[number + 1 :]]
            yield "operator", new.strip(), f"{head}{','.join(changed)}{tail}"
    if tail.startswith(") WHERE ("):
        after = tokens(tail)
        stop = after[closing(after, 2)].end
        rest_of = tail[stop:]
        yield "predicate dropped", "", f"{head}{','.join(elements)}){rest_of}"
        negated = f") WHERE (NOT {tail[len(') WHERE ') : stop]}){rest_of}"
        yield "predicate negated", "", f"{head}{','.join(elements)}{negated}"
    if not constraint.deferrable:
        yield "deferred", "", f"{text} DEFERRABLE INITIALLY DEFERRED"


def _elements(text: str) -> list[str]:
    """The elements between the brackets: commas in brackets of their own divide nothing."""
    parts, depth, start = list[str](), 0, 0
    for token in tokens(text):
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if token.text == "," and depth == 0:
            parts.append(text[start : token.start])
            start = token.end
    return [*parts, text[start:]]


def _mutant(
    table: Table, constraint: Constraint, operator: str, detail: str, definition: str
) -> Mutant:
    where, name = quoted(*table.name), quoted(constraint.name)
    drop = f"ALTER TABLE {where} DROP CONSTRAINT {name}"
    add = f"ALTER TABLE {where} ADD CONSTRAINT {name} {definition}"
    return Mutant(
        kind=Exclusions.kind,
        object=plain(table.name, constraint.name),
        operator=operator,
        ddl=(drop, add) if definition else (drop,),
        before=f"CONSTRAINT {name} {constraint.definition}",
        after=f"CONSTRAINT {name} {definition}" if definition else "",
        detail=detail,
        tables=(table.name,),
    )
