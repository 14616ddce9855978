"""Whether an error is the schema's own, since every row meets it in the same place.

A message may hold the row's values, so that those of two rows differ. What was refused then stands
between quotation marks. Where it is part of a value that a column may hold freely, another value
may be right: a text that has to be a date. Where it is no part of any, the function made it itself.
Where the server's language has other marks, nothing is found between them, and nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from harness.properties.statement_result import Answer

ALIKE = 3
"""Rows that have to get the same answer before it is taken for that of every row."""
_QUOTED = (re.compile(r'"(.*)"', re.DOTALL), re.compile(r'^[^"]*"([^("][^"]*)"'))
"""What stands between the first mark and the last, or the next; a whole row has marks inside."""
_CALLS = re.compile(r"\bPL/|SQL")
"""What names a function or statement in ``diag.context``, in each language of the server."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_TOO_LARGE = "22003"
_LITERAL = re.compile(r"'((?:[^']|'')*)'")


def literals(statement: str) -> set[str]:
    """The values that a statement of ours gives to columns, in lower case."""
    return {text.replace("''", "'").lower() for text in _LITERAL.findall(statement)}


def whatever_the_row(
    answers: Sequence[Answer], held: Collection[str], few: Collection[str]
) -> bool:
    """Whether all rows got the same error, that other values would get as well.

    ``held``: what the rows held; ``few``: the values of columns that have a few; in lower case.
    """
    if len(answers) < ALIKE or len({a.sqlstate for a in answers}) > 1:
        return False
    if all(_holds_number(answer, held) for answer in answers):
        return False
    said = {(a.function, a.message) for a in answers}
    if len(said) == 1 and all(_quoted(answers[0].message)):  # an empty one is of a text, mostly
        return True
    if not _is_one_place([_place(answer) for answer in answers]):
        return False
    return all(_is_made(answer.message, held, few) for answer in answers)


def refuses_value(answer: Answer, values: Collection[str]) -> bool:
    """Whether an error is that one of these values cannot be read as what code makes of it."""
    known = {value.lower() for value in values}
    return answer.sqlstate.startswith("22") and not known.isdisjoint(_quoted(answer.message))


def _place(answer: Answer) -> list[str]:
    """The functions and statements that led to an error, with their lines, outermost first."""
    lines = answer.context.splitlines() if answer.inside else []
    return [line for line in reversed(lines) if _CALLS.search(line)]


def _is_one_place(places: Sequence[Sequence[str]]) -> bool:
    """Whether all are the same; what is run for the first time leaves out its own text."""
    shortest = min(places, key=len)
    return bool(shortest) and all(place[: len(shortest)] == shortest for place in places)


def _holds_number(answer: Answer, held: Collection[str]) -> bool:
    """Whether a number of the row stands behind other text where a small one may do: 7-695."""
    large = answer.sqlstate == _TOO_LARGE
    numbers = [text for text in held if _NUMBER.fullmatch(text) and (large or text[0] == "-")]
    return any(text in part[1:] for part in _quoted(answer.message) for text in numbers)


def _is_made(message: str, held: Collection[str], few: Collection[str]) -> bool:
    """Whether a message holds something, and nothing of it comes from a free value."""
    parts = _quoted(message)
    if parts and parts[0] in few:
        return True
    return bool(parts) and not any(part in text for part in parts for text in held)


def _quoted(message: str) -> list[str]:
    """The value that a message holds, in lower case; empty where it holds none."""
    found = [quoted.search(message) for quoted in _QUOTED]
    return [one[1].strip().lower() for one in found if one]
