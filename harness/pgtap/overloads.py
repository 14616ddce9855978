"""One definition of an assertion -> all of its SQL overloads.

pgTAP offers most assertions in several signatures: with and without a schema,
with and without a description, for one column or for many. A *definition* says
that once::

    /*# has_{object}([schema name,] {object} name [, description text])
    Tests that a {object} exists.
    describe: 'Table ' || tap._dotted(:schema, :{object}) || ' should exist'
    for object | kinds
        table  | rp
        view   | v
    */
    $$ SELECT tap.ok(tap._has_relation(:schema, :{object}, '{kinds}'), :description) $$;

Reading it from the top:

* **Signatures**: one or more lines that start with the function's name. A part
  in brackets is optional; ``columns name[]|name`` accepts either type (the body
  sees the first one, a single value arrives as an array of one). A signature
  may end in ``-> setof text``; the default is ``text``.
* **Documentation**: the other lines. The first becomes ``COMMENT ON FUNCTION``.
* **describe:** the SQL expression used where ``description`` is left out. It
  belongs to the signatures above it, up to the previous ``describe:``. It may
  go on over lines that are indented deeper. It sees the arguments as they were
  given; one that names a ``:schema`` which was given as NULL is NULL.
* **for**: a table. The definition is repeated for each row, with ``{column}``
  replaced in all of its parts; with two tables, for each pair of their rows.
* **Body**: an expression ``SELECT ...`` (LANGUAGE sql) or a PL/pgSQL block that
  starts with DECLARE or BEGIN. ``:name`` is the argument of that name.

Every other line of a family file is plain SQL and is installed as it stands.

A definition with one signature becomes one function. Otherwise the body becomes
a private function ``_name`` over all parameters, and every overload a one-line
call of it. What an overload leaves out is NULL in the body, or what the parameter
says after ``=``: with ``[, args name[] = '{*}']`` the body can tell "any arguments"
from a NULL that was given. A ``:schema`` that is given but NULL arrives as ``''``,
which no schema is called, so the body can tell "any schema on the search path" (NULL)
from "a schema that does not exist".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product

_DEFINITION = re.compile(r"/\*#(?P<header>.*?)\*/\s*\$\$(?P<body>.*?)\$\$;", re.DOTALL)
_SIGNATURE = re.compile(r"(?P<name>[a-z_{}]+)\((?P<parameters>.*)\)(?:\s*->\s*(?P<returns>.+))?$")
_OPTIONAL = re.compile(r"\[\s*(,?)\s*([a-z_{}]+ [^,]*?)\s*(,?)\s*\](?=\s*(?:,|\[|$|[a-z_{]))")


class LibraryError(Exception):
    """A family file that is not written as the module docstring says."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a signature: the types it accepts, and what it is when left out."""

    name: str
    types: tuple[str, ...]
    optional: bool = False
    default: str = "NULL"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: a set of overloads."""

    parameters: tuple[Parameter, ...]
    returns: str
    describe: str | None


@dataclass(frozen=True, slots=True)
class Overload:
    """One SQL function: its argument names and types, in order."""

    arguments: tuple[tuple[str, str], ...]
    signature: Signature

    @property
    def types(self) -> str:
        """The argument types as they stand in CREATE FUNCTION."""
        return ", ".join(type_ for _, type_ in self.arguments)


@dataclass(frozen=True, slots=True)
class Definition:
    """One assertion with all of its signatures."""

    name: str
    signatures: tuple[Signature, ...]
    documentation: str
    body: str

    @property
    def parameters(self) -> dict[str, str]:
        """Every parameter of any signature, with the type that the body sees."""
        found: dict[str, str] = {}
        longest_first = sorted(self.signatures, key=lambda s: len(s.parameters), reverse=True)
        for signature in longest_first:
            for parameter in signature.parameters:
                found.setdefault(parameter.name, parameter.types[0])
        return found

    @property
    def defaults(self) -> dict[str, str]:
        """What the body sees of a parameter that an overload leaves out."""
        types = self.parameters
        return {
            p.name: f"{p.default}::{types[p.name]}"
            for signature in reversed(self.signatures)
            for p in signature.parameters
        }

    @property
    def overloads(self) -> tuple[Overload, ...]:
        """Every function this definition stands for, without repeats, in a stable order."""
        unique: dict[str, Overload] = {}
        for signature in self.signatures:
            for overload in _overloads(signature):
                unique.setdefault(overload.types, overload)
        return tuple(unique.values())


def _overloads(signature: Signature) -> Iterator[Overload]:
    choices = (
        [*((p.name, type_) for type_ in p.types), *([None] if p.optional else [])]
        for p in signature.parameters
    )
    for choice in product(*choices):
        yield Overload(tuple(argument for argument in choice if argument), signature)


def parse(text: str) -> list[str | Definition]:
    """Split a family file into plain SQL and definitions, in the order of the file."""
    parts: list[str | Definition] = []
    position = 0
    for match in _DEFINITION.finditer(text):
        if text[position : match.start()].strip():
            parts.append(text[position : match.start()].strip())
        parts.extend(_definitions(match["header"], match["body"]))
        position = match.end()
    if "/*#" in text[position:]:
        raise LibraryError(f"no $$ body $$; after: {text[position:].strip()[:80]}")
    if text[position:].strip():
        parts.append(text[position:].strip())
    return parts


def _definitions(header: str, body: str) -> Iterator[Definition]:
    lines, rows = _split_for_table(header)
    for row in rows:
        yield _definition([_fill(line, row) for line in lines], _fill(body, row).strip())


def _split_for_table(header: str) -> tuple[list[str], list[dict[str, str]]]:
    """The lines above the tables, and one row of values for every repetition."""
    lines = header.strip().splitlines()
    starts = [i for i, line in enumerate(lines) if line.lstrip().startswith("for ")]
    tables = [_table(lines[start:end]) for start, end in pairwise([*starts, len(lines)])]
    rows = [{k: v for row in choice for k, v in row.items()} for choice in product(*tables)]
    return lines[: starts[0]] if starts else lines, rows


def _table(lines: list[str]) -> list[dict[str, str]]:
    columns = [cell.strip() for cell in lines[0].strip().removeprefix("for ").split("|")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines[1:] if line.strip()]
    if wrong := [row for row in rows if len(row) != len(columns)]:
        raise LibraryError(f"{lines[0].strip()}: {len(columns)} columns expected in row {wrong[0]}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _fill(text: str, row: dict[str, str]) -> str:
    for column, value in row.items():
        text = text.replace("{" + column + "}", value)
    return text


@dataclass(slots=True)
class _Header:
    name: str = ""
    signatures: list[Signature] = field(default_factory=list)
    described: int = 0
    documentation: list[str] = field(default_factory=list)


def _definition(lines: list[str], body: str) -> Definition:
    header = _Header()
    for line in _joined(lines):
        if match := _SIGNATURE.match(line):
            header.name = header.name or match["name"]
            header.signatures.append(_signature(match))
        elif line.startswith("describe:"):
            _describe(header, line.removeprefix("describe:").strip())
        else:
            header.documentation.append(line)
    if not header.signatures or not header.documentation:
        raise LibraryError(f"a signature and a line of documentation are needed: {lines}")
    return Definition(
        header.name, tuple(header.signatures), "\n".join(header.documentation).strip(), body
    )


def _joined(lines: list[str]) -> list[str]:
    """Join indented lines to the line they continue."""
    joined: list[str] = []
    for line in lines:
        if line.startswith((" ", "\t")) and joined and line.strip():
            joined[-1] += " " + line.strip()
        else:
            joined.append(line.strip())
    return joined


def _describe(header: _Header, expression: str) -> None:
    for index in range(header.described, len(header.signatures)):
        plain = header.signatures[index]
        header.signatures[index] = Signature(plain.parameters, plain.returns, expression)
    header.described = len(header.signatures)


def _signature(match: re.Match[str]) -> Signature:
    text = _OPTIONAL.sub(r"\1 ?\2\3", match["parameters"])
    parameters = tuple(_parameter(part.strip()) for part in text.split(",") if part.strip())
    return Signature(parameters, match["returns"] or "text", None)


def _parameter(text: str) -> Parameter:
    declaration, _, default = text.removeprefix("?").partition(" = ")
    name, _, types = declaration.partition(" ")
    if not types:
        raise LibraryError(f"a parameter needs a name and a type: {text!r}")
    return Parameter(
        name, tuple(t.strip() for t in types.split("|")), text.startswith("?"), default or "NULL"
    )
