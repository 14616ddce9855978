"""Assertions whose arguments are read one place further than they are meant.

``hasnt_column('public', 'accounts', 'email')`` is a table, a column and a description to pgTAP: the
table public has no column accounts, and the assertion passes whatever accounts has. What is called
so in the schema says what an argument is meant for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from harness.lint.statements import parts

SHIFTED = "HL09"
Told = tuple[int, str, str]
_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_SCHEMA = re.compile(
    rf"\bCREATE\s+SCHEMA\s+(?:IF\s+NOT\s+EXISTS\s+)?(?!IF\b|AUTHORIZATION\b)({_NAME})",
    re.IGNORECASE,
)
_RELATION = re.compile(
    r"\bCREATE\s+(?:[A-Z]+\s+){0,4}?(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"(?:({_NAME})\s*\.\s*)?({_NAME})",
    re.IGNORECASE,
)
"""``CREATE TABLE app.root``, ``CREATE UNLOGGED TABLE IF NOT EXISTS root``."""
_LITERAL = r"'(?:[^']|'')*'"
_CALL = re.compile(rf"\b([a-z_]+)\s*\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)\s*\)", re.IGNORECASE)
"""A call all of whose arguments are strings, as ``hasnt_table('app', 'root')``."""
_QUALIFIED = re.compile(r"(\w+)\.(\w+)")
_BARE = re.compile(r"[\w$]+")
_RELATIONS = {"table", "relation", "view", "sequence", "materialized_view", "foreign_table"}
"""What parameters are called that take the name of a relation."""
_OTHERS = {"composite", "domain", "enum", "function", "type"}
"""The same of what else is in a schema."""
_NAMED = {(one,) for one in _RELATIONS | _OTHERS}


@dataclass(frozen=True, slots=True)
class Names:
    """What objects of a schema are called."""

    schemas: frozenset[str]
    relations: frozenset[str]
    others: frozenset[str] = frozenset()
    """Types and functions."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Names:
        """What the texts of SQL files create; public is always there."""
        schemas, relations = {"public"}, set[str]()
        for text in texts:
            schemas |= {_plain(found[1]) for found in _SCHEMA.finditer(text)}
            for found in _RELATION.finditer(text):
                schemas |= {_plain(found[1])} if found[1] else set()
                relations.add(_plain(found[2]))
        return cls(frozenset(schemas), frozenset(relations))

    def __or__(self, other: Names) -> Names:
        """The names of both."""
        return Names(
            self.schemas | other.schemas,
            self.relations | other.relations,
            self.others | other.others,
        )


def may_be_shifted(script: str, made: Names) -> bool:
    """Whether a call may be a finding, whatever the schema has besides what its text shows."""
    return any(_is_open(call, values, made) for _, call, values in _calls(script))


def shifted(script: str, names: Names) -> Iterator[Told]:
    """Calls in which a schema or a table stands where pgTAP does not read one."""
    known = names | Names.of([script])
    for line, function, values in _calls(script):
        if complaint := _complaint(function, values, known):
            yield line, SHIFTED, complaint


def _calls(script: str) -> Iterator[tuple[int, str, list[str]]]:
    """The line, the function and the arguments of each call that has only strings."""
    for part in parts(script) if _CALL.search(script) else ():
        for call in _CALL.finditer(part.sql) if part.kind == "sql" else ():
            values = [v[1:-1].replace("''", "'") for v in re.findall(_LITERAL, call[2])]
            line = part.last - part.sql.rstrip().count("\n", call.start())
            yield line, call[1].lower(), values


def _is_open(function: str, values: Sequence[str], made: Names) -> bool:
    parameters = _read_as(function, len(values))
    if _asks_in_schema(function, parameters):
        return values[0] not in made.schemas
    if parameters[:1] not in _NAMED:
        return False
    if _QUALIFIED.fullmatch(values[0]):
        return function.startswith("hasnt_")
    if len(values) > 1 and function.startswith("hasnt_") and values[1] in made.schemas:
        return True
    return len(values) > 1 and values[0] not in made.relations


def _asks_in_schema(function: str, parameters: Sequence[str]) -> bool:
    """Whether an assertion that something is missing reads its schema first."""
    inside = parameters[:1] == ("schema",) and parameters[1:2] and parameters[1] != "description"
    return bool(inside) and function.startswith("hasnt_")


def _complaint(function: str, values: Sequence[str], known: Names) -> str:
    parameters = _read_as(function, len(values))
    qualified = _QUALIFIED.fullmatch(values[0])
    named = parameters[:1] and parameters[0] in _RELATIONS | _OTHERS
    if qualified and named and qualified[1] in known.schemas and function.startswith("hasnt_"):
        what = parameters[0].replace("_", " ")
        return (
            f"{values[0]!r} is one name to {function}(), which reads {', '.join(parameters)} here,"
            f" and no {what} has it: write {qualified[1]!r}, {qualified[2]!r} and a description"
        )
    if _asks_in_schema(function, parameters):
        return _swapped(function, values, parameters, known)
    if not named or len(values) < 2:
        return ""
    second, as_read = values[1], f"{function}() reads {', '.join(parameters)} here"
    if values[0] in known.relations | known.others:
        meant = second in known.schemas and len(values) > 2
        if not (meant and function.startswith("hasnt_") and _BARE.fullmatch(values[-1])):
            return ""
        return f"{second!r} is a schema and no {parameters[1]}: {as_read}; name the schema first"
    if second not in known.relations and not _BARE.fullmatch(values[-1]):
        return ""  # the last one is a sentence, and so a description that was meant as one
    if values[0] in known.schemas:
        what = parameters[0].replace("_", " ")
        return f"{values[0]!r} is a schema and no {what}: {as_read}; {_REMEDY}"
    if second in known.relations and parameters[0] in _RELATIONS:
        return f"{second!r} is a table and no {parameters[1]}: {as_read}; {_REMEDY}"
    return ""


def _swapped(function: str, values: Sequence[str], parameters: Sequence[str], known: Names) -> str:
    """What is said of a table where the schema belongs: nothing is there, so nothing is missed."""
    first, second = values[0], values[1]
    if first in known.schemas or not (first in known.relations or second in known.schemas):
        return ""
    as_read = f"{function}() reads {', '.join(parameters)} here"
    return f"{first!r} is no schema: {as_read}; name the schema first"


_REMEDY = "add a description, or write the last name as 'name'::name"


@cache
def _signatures() -> dict[str, list[list[tuple[str, str]]]]:
    """Function -> the parameters, with their types, of each of its overloads."""
    from harness.pgtap import library, overloads  # late: few files have anything to ask of it

    found: dict[str, list[list[tuple[str, str]]]] = {}
    for text in library.families().values():
        for one in overloads.parse(text):
            if not isinstance(one, str):
                found.setdefault(one.name, []).extend(list(o.arguments) for o in one.overloads)
    return found


@cache
def _read_as(function: str, count: int) -> tuple[str, ...]:
    """The parameters that PostgreSQL takes so many plain strings for.

    Among overloads of the same length it prefers, place by place, the type text.
    """
    fitting = [one for one in _signatures().get(function, ()) if len(one) == count]
    fitting = [one for one in fitting if all(not type_.endswith("[]") for _, type_ in one)]
    for place in range(count):
        texts = [one for one in fitting if one[place][1] == "text"]
        fitting = texts or fitting
    return tuple(name for name, _ in fitting[0]) if len(fitting) == 1 else ()


def _plain(name: str) -> str:
    """A name as the catalog has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
