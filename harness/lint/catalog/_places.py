"""The place of an object: the statement in the schema's files that creates it.

The catalog does not know it. The last statement that creates the object counts, or, if there is
none, the last one that creates its table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.core.results import NOWHERE, Location
from harness.lint.catalog._rule import Object
from harness.lint.statements import parts

_WORDS = {
    "table": r"CREATE\b[^(;]*?\bTABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{name}",
    "view": r"CREATE\b[^(;]*?\bVIEW\s+(?:IF\s+NOT\s+EXISTS\s+)?{name}",
    "policy": r"CREATE\s+POLICY\s+{name}\s+ON\s+(?:ONLY\s+)?{table}",
    "function": r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\s+{name}\s*\(",
    "index": r"CREATE\b[^(;]*?\bINDEX\b[^(;]*?{name}",
    "constraint": r"\bCONSTRAINT\s+{name}",
    "trigger": r"(?:CREATE\b[^(;]*?|DISABLE\s+)\bTRIGGER\s+{name}",
    "grant": r"GRANT\b[^;]*?\bON\b[^;]*?(?:{table}|\bALL\s+TABLES\b)[^;]*?\bTO\b[^;]*?{grantee}",
    "role": r"(?:CREATE|ALTER)\s+(?:ROLE|USER)\s+{name}|GRANT\b[^;]*?\bTO\b[^;]*?{name}",
}
_TABLE = {"policy", "index", "constraint", "trigger", "grant"}


@dataclass
class Places:
    """The statements of files, in the order in which they are applied."""

    texts: Mapping[Path, str]
    _statements: dict[Path, list[tuple[int, str]]] = field(default_factory=dict)

    def of(self, object: Object) -> Location:
        """The first line of the statement that made an object."""
        found = list(self._found(object))
        if not found and object.kind in _TABLE:
            found = list(self._found(Object("table", object.schema, object.table)))
        if not found and object.kind in ("table", "view", "grant"):
            found = list(self._found(Object("view", object.schema, object.table or object.name)))
        return found[-1] if found else NOWHERE

    def _found(self, object: Object) -> Iterator[Location]:
        pattern = re.compile(
            _WORDS[object.kind].format(
                name=_written(object.name),
                table=_written(object.table),
                grantee=_written(object.grantee or "PUBLIC"),
            ),
            re.IGNORECASE | re.DOTALL,
        )
        for path in self.texts:
            for line, text in self._of(path):
                if pattern.search(text):
                    yield Location(path, line)

    def _of(self, path: Path) -> list[tuple[int, str]]:
        if path not in self._statements:
            text = self.texts[path]
            if path.suffix in (".sql", ".pg"):
                found = [(part.first, part.sql) for part in parts(text) if part.kind == "sql"]
            else:
                found = list(enumerate(text.split("\n"), 1))
            self._statements[path] = found
        return self._statements[path]


def _written(name: str) -> str:
    """A pattern of a name, quoted and qualified or not."""
    return rf'(?:[\w"]+\.)?(?<![\w])"?{re.escape(name)}"?(?![\w"])'
