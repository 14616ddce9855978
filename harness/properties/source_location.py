"""Where a property is declared: the line of the schema's files, as far as text tells.

The catalog does not know. A constraint, trigger or sequence is looked for by its name, a column
in the statements on its table, and what the server named itself, ``tasks_user_id_fkey``, by its
column. What is not found is where its table is created.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.core.results import Location
from harness.postgres.schema_model import Name
from harness.properties.base import Property

_MADE = (
    r"(?:\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+|CONSTRAINT\s+)?(?:TRIGGER|SEQUENCE|INDEX)"
    r"|(?<!DROP\s)(?<!VALIDATE\s)(?<!RENAME\s)(?<!ALTER\s)(?<!\bON\s)\bCONSTRAINT)"
    r"\s+(?:IF\s+NOT\s+EXISTS\s+)?"
)
_COLUMN = r"(?:^|[(,]|(?<!DROP\s)\bCOLUMN\b(?:\s+IF\s+NOT\s+EXISTS)?|\bADD\b)\s*"
_KINDS = re.compile(r"_(?:fkey|key|pkey|check|not_null|excl)\d*$")
_FLAGS = re.IGNORECASE | re.MULTILINE

Sources = Mapping[Path, str]
"""The text of each file, in the order in which they are applied."""


def located(prop: Property, sources: Sources) -> Location | None:
    """The line that declares a property; where it is declared several times, the last one."""
    name, table = prop.object, prop.table
    column = _KINDS.sub("", name.removeprefix(f"{table.name}_"))
    found = [*_of(_MADE + _written(name), sources)]
    found = found or [*_of_column(name, table, sources)] or [*_of_column(column, table, sources)]
    return found[-1] if found else of_table(table, sources)


def of_table(table: Name, sources: Sources) -> Location | None:
    """The line where a table is created."""
    created = r"\bCREATE\b[^;()]*?\b(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    return next(_of(created + _written(table.name), sources), None)


def _written(name: str) -> str:
    """A pattern of a name, quoted and qualified or not."""
    return rf'(?:[\w"]+\.)?"?{re.escape(name)}"?(?![\w"])'


def _of(pattern: str, sources: Sources) -> Iterator[Location]:
    compiled = re.compile(pattern, _FLAGS)
    for path, text in sources.items():
        for match in compiled.finditer(text):
            yield _location(path, text, match.end())


def _of_column(name: str, table: Name, sources: Sources) -> Iterator[Location]:
    """Where a column is defined or altered, in each statement on its table."""
    statement = re.compile(
        rf"\b(?:CREATE|ALTER)\b[^;()]*?\bTABLE\b[^;(]*?\s{_written(table.name)}.*?(?:;[ \t]*$|\Z)",
        _FLAGS | re.DOTALL,
    )
    column = re.compile(rf'{_COLUMN}"?{re.escape(name)}"?(?![\w"])(?=\s+\S)', _FLAGS)
    for path, text in sources.items():
        for match in statement.finditer(text):
            if found := column.search(match[0]):
                yield _location(path, text, match.start() + found.end())


def _location(path: Path, text: str, offset: int) -> Location:
    return Location(path, text.count("\n", 0, offset) + 1)
