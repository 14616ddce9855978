"""The reference of the library, from the family files themselves.

A family's heading is the first line of its file; an assertion's summary is its
``COMMENT ON FUNCTION``; notes are the rest of a definition's documentation, up to its own
example. The page's examples are those of ``docs/examples/assertions.sql``, which is a test.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import ConfigError
from harness.core.text import nearest
from harness.pgtap import overloads
from harness.pgtap.library import families, install_sql, statements_of
from harness.pgtap.overloads import Definition, Signature

_COMMENT = re.compile(
    r"COMMENT ON FUNCTION tap\.(?P<name>\w+)\((?P<types>[^;]*?)\)\s+IS '(?P<summary>(?:[^']|'')*)'"
)

_INTRODUCTION = """\
# Assertions

An assertion is an SQL function that tests one thing and returns a line of TAP. This one returns
`ok 1 - Table orders should exist` if there is a table `orders`, and a line that begins with
`not ok` if there is none:

```sql
SELECT has_table('orders');
```

Look here for the name or the arguments of an assertion. [Writing tests](guides/writing-tests.md)
shows a whole test file. Each assertion below has an example. The examples test
[this schema](examples/schema.sql), and all of them pass.

Above each example are the signatures of the assertion:

- You can leave out a part in brackets: `has_table([schema name,] table name [, description text])`
  is a table's name, with or without the schema before it and the test's description after it.
- `columns name[]|name` takes an array of names or a single name.
- The description is the last argument of most assertions. Without it, the assertion writes one
  itself, such as `Table orders should exist`.

`harness assertions` prints all signatures, and `harness assertions --sql` the SQL that creates
them. `python -m harness.pgtap.reference` writes this page.

## All assertions

"""
_EXAMPLE = re.compile(r"^-- example: (\w+)\n((?:.+\n)+)", re.MULTILINE)
EXAMPLES = Path("docs/examples/assertions.sql")
"""In a checkout; an installed harness does not need them."""


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


def examples(text: str) -> dict[str, str]:
    """Assertion -> the statements that show it, from the file of examples.

    What cannot stand in that file, such as a second plan, is a comment there.
    """
    found = _EXAMPLE.finditer(text)
    return {match[1]: re.sub("^-- ", "", match[2].rstrip(), flags=re.M) for match in found}


def markdown(examples: Mapping[str, str]) -> str:
    """The whole reference as one page. Raises KeyError for an assertion without an example."""
    documented = {_heading(text): list(entries(text)) for text in families().values()}
    found = {heading: assertions for heading, assertions in documented.items() if assertions}
    sections = [_section(heading, one, examples) for heading, one in found.items()]
    return "\n".join([_INTRODUCTION + _contents(found), *sections])


def _heading(text: str) -> str:
    return text.splitlines()[0].removeprefix("-- ").strip().rstrip(".:")


def _contents(found: Mapping[str, Sequence[Entry]]) -> str:
    """A table of the families, each with its assertions."""
    lines = ["| subject | assertions |", "|---|---|"]
    for heading, assertions in found.items():
        anchor = re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", heading).lower())
        names = ", ".join(f"`{entry.name}`" for entry in assertions)
        lines.append(f"| [{heading}](#{anchor}) | {names} |")
    return "\n".join(lines) + "\n"


def _section(heading: str, assertions: Sequence[Entry], examples: Mapping[str, str]) -> str:
    items = [_item(entry, examples[entry.name]) for entry in assertions]
    return "\n".join([f"## {heading}\n", *items])


def _item(entry: Entry, example: str) -> str:
    notes = re.split(r"(?::|^)\n? *SELECT", entry.notes)[0].strip().rstrip(":")
    said = f"{entry.summary} {notes.removesuffix('.')}." if notes else entry.summary
    text = textwrap.fill(said, 100, break_long_words=False, break_on_hyphens=False)
    calls = "\n".join(entry.signatures)
    parts = [f"### {entry.name}", text, f"```text\n{calls}\n```", f"```sql\n{example}\n```"]
    return "\n\n".join(parts) + "\n"


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
    found = examples(EXAMPLES.read_text("utf-8"))
    Path("docs/assertions.md").write_text(markdown(found), encoding="utf-8")
