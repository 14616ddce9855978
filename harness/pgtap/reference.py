"""The reference of the library, from the family files themselves.

A family's heading is the first line of its file; an assertion's summary is its
``COMMENT ON FUNCTION``; examples are the rest of a definition's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.core.errors import ConfigError
from harness.core.text import nearest
from harness.pgtap import overloads
from harness.pgtap.library import families, install_sql, statements_of
from harness.pgtap.overloads import Definition, Signature

_COMMENT = re.compile(
    r"COMMENT ON FUNCTION tap\.(?P<name>\w+)\((?P<types>[^;]*?)\)\s+IS '(?P<summary>(?:[^']|'')*)'"
)

_INTRODUCTION = """\
# The assertions

Every function of the built-in library, by family. A part in brackets can be left out;
`name[]|name` takes either type. `harness assertions --sql` prints the SQL of it all.
This page is written by `python -m harness.pgtap.reference`.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One assertion: how it is called, what it tests, and examples."""

    name: str
    signatures: tuple[str, ...]
    summary: str
    notes: str = ""


def entries(text: str) -> Iterator[Entry]:
    """The public assertions of a family file, in its order; one entry per name."""
    found: dict[str, Entry] = {}
    for part in overloads.parse(text):
        for entry in [_defined(part)] if isinstance(part, Definition) else _plain(part):
            known = found.get(entry.name)
            found[entry.name] = _merged(known, entry) if known else entry
    yield from found.values()


def _merged(one: Entry, other: Entry) -> Entry:
    signatures = tuple(dict.fromkeys(one.signatures + other.signatures))
    return Entry(one.name, signatures, one.summary, one.notes or other.notes)


def _defined(definition: Definition) -> Entry:
    summary, _, notes = definition.documentation.partition("\n")
    signatures = tuple(f"{definition.name}({_parameters(s)})" for s in definition.signatures)
    return Entry(definition.name, signatures, summary, notes.strip())


def _parameters(signature: Signature) -> str:
    """Parameters as the docstring of ``overloads`` writes them, optional ones in brackets."""
    text = ""
    for parameter in signature.parameters:
        one = f"{parameter.name} {'|'.join(parameter.types)}"
        if not parameter.optional:
            text += f", {one}" if text and not text.endswith(",] ") else one
        else:
            text += f" [, {one}]" if text else f"[{one},] "
    return text


def _plain(sql: str) -> Iterator[Entry]:
    for match in _COMMENT.finditer(sql):
        types = " ".join(match["types"].split())
        summary = match["summary"].replace("''", "'")
        yield Entry(match["name"], (f"{match['name']}({types})",), summary)


def markdown() -> str:
    """The whole reference as one page."""
    sections = [_section(text) for text in families().values()]
    return "\n".join([_INTRODUCTION, *filter(None, sections)])


def _section(text: str) -> str:
    found = [_item(entry) for entry in entries(text)]
    heading = text.splitlines()[0].removeprefix("-- ").strip().rstrip(".:")
    return "\n".join([f"## {heading}\n", *found]) if found else ""


def _item(entry: Entry) -> str:
    calls = "\n".join(f"`{signature}`  " for signature in entry.signatures)
    notes = f"\n```sql\n{entry.notes}\n```\n" if entry.notes else ""
    return f"### {entry.name}\n\n{calls}\n{entry.summary}\n{notes}"


def listing(name: str | None, sql: bool) -> str:
    """Calls and summaries of all assertions or of one, or the SQL that creates them.

    Raises ConfigError for a name that there is not.
    """
    found = [entry for text in families().values() for entry in entries(text)]
    if name and name not in (names := [entry.name for entry in found]):
        raise ConfigError(f"no assertion {name!r}{nearest(name, names)}")
    if sql:
        return install_sql() if name is None else "\n".join(statements_of(name))
    chosen = [entry for entry in found if name in (None, entry.name)]
    return "\n".join(f"{call}\n    {e.summary}" for e in chosen for call in e.signatures)


if __name__ == "__main__":
    from pathlib import Path

    Path("docs/assertions.md").write_text(markdown(), encoding="utf-8")
