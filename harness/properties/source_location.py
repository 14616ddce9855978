"""Where a property is declared: the line of the schema's files, as far as text tells.

The catalog does not know. A constraint, trigger or sequence is looked for by its name, a column
in the statements on its table, and what the server named itself, ``tasks_user_id_fkey``, by its
column. What is not found is where its table is created.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from harness.core.results import Location
from harness.postgres.schema_model import Name
from harness.properties.base import Property

_FLAGS = re.IGNORECASE | re.MULTILINE
# Each ends where a name begins: ``CREATE TRIGGER app."``, ``ADD CONSTRAINT ``.
_QUALIFIED = r'(?:[\w"]+\.)?"?\Z'
_MADE = re.compile(
    r"(?:\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+|CONSTRAINT\s+)?(?:TRIGGER|SEQUENCE|INDEX)"
    r"|(?<!DROP\s)(?<!VALIDATE\s)(?<!RENAME\s)(?<!ALTER\s)(?<!\bON\s)\bCONSTRAINT)"
    r"\s+(?:IF\s+NOT\s+EXISTS\s+)?" + _QUALIFIED,
    _FLAGS,
)
_CREATED = re.compile(
    r"\bCREATE\b[^;()]*?\b(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?" + _QUALIFIED, _FLAGS
)
_ON_TABLE = re.compile(r"\b(?:CREATE|ALTER)\b[^;()]*?\bTABLE\b[^;(]*?\s" + _QUALIFIED, _FLAGS)
_ON = re.compile(r"\bON\s+(?:ONLY\s+)?" + _QUALIFIED, _FLAGS)
_COLUMN = re.compile(
    r"(?:^|[(,]|(?<!DROP\s)\bCOLUMN\b(?:\s+IF\s+NOT\s+EXISTS)?|\bADD\b)\s*" r'"?\Z', _FLAGS
)
# And these begin where it ends.
_NO_MORE = re.compile(r'"?(?![\w"])')
_DEFINED = re.compile(r'"?(?![\w"])(?=\s+\S)')
_END = re.compile(r";[ \t]*$|\Z", re.MULTILINE)
_WORD = re.compile(r"\w+")
_KINDS = re.compile(r"_(?:fkey|key|pkey|check|not_null|excl)\d*$")
_BEFORE = 400
"""Characters before a name in which stands what makes it: keywords, white space, a schema."""

Sources = Mapping[Path, str]
"""The text of each file, in the order in which they are applied."""


def located(prop: Property, sources: Sources) -> Location | None:
    """The line that declares a property; where it is declared several times, the last one.

    Other tables may have triggers and constraints of the same name, which are left alone.
    """
    return _declarations(tuple(sources.items())).of(prop.object, prop.table)


def of_table(table: Name, sources: Sources) -> Location | None:
    """The line where a table is created."""
    return _declarations(tuple(sources.items())).of_table(table)


class _Text:
    """One file with an index of its words."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self._lines = [match.start() for match in re.finditer("\n", text)]
        self._places: dict[str, list[int]] = {}
        for match in _WORD.finditer(text):
            self._places.setdefault(match[0].lower(), []).append(match.start())

    def location(self, offset: int) -> Location:
        """The line of a character."""
        return Location(self.path, bisect_left(self._lines, offset) + 1)

    def occurrences(
        self, name: str, after: re.Pattern[str], start: int = 0, end: int | None = None
    ) -> Iterator[int]:
        """Where a name begins, quoted or not, that is followed by what ``after`` demands."""
        end, word = len(self.text) if end is None else end, _WORD.search(name)
        if word is None:
            every = [m.start() for m in re.finditer(re.escape(name), self.text)] if name else []
            places, shift = every, 0
        else:
            places, shift = self._places.get(word[0].lower(), []), word.start()
        for place in places[bisect_left(places, start) : bisect_right(places, end)]:
            begin, stop = place - shift, place - shift + len(name)
            same = self.text[max(begin, 0) : stop].lower() == name.lower()
            if same and after.match(self.text, stop, end):
                yield begin

    def ends_before(self, before: re.Pattern[str], begin: int, start: int = 0) -> bool:
        """Whether what stands before a character is what ``before`` demands."""
        return bool(before.search(self.text, max(start, begin - _BEFORE), begin))

    def names_after_on(self, table: str, begin: int) -> bool:
        """Whether the statement that a character is in goes on with ``ON`` and a table's name."""
        end = self.text.find(";", begin)
        last = len(self.text) if end < 0 else end
        places = self.occurrences(table, _NO_MORE, begin, last)
        return any(self.ends_before(_ON, place, begin) for place in places)

    def statements(self, table: str) -> list[tuple[int, int]]:
        """Where each CREATE or ALTER TABLE of a table begins and ends."""
        found: list[tuple[int, int]] = []
        for begin in self.occurrences(table, _NO_MORE):
            last = found[-1][1] if found else 0
            head = max(self.text.rfind(mark, 0, begin) + 1 for mark in ";(")
            if begin >= last and (match := _ON_TABLE.search(self.text, max(head, last), begin)):
                end = _END.search(self.text, begin)
                found.append((match.start(), end.end() if end else len(self.text)))
        return found


class _Declarations:
    """The texts, and where on which tables they have statements.

    To look through all texts for each of thousands of properties took longer than to decide them.
    """

    def __init__(self, sources: tuple[tuple[Path, str], ...]) -> None:
        self._texts = [_Text(path, text) for path, text in sources]
        self._statements: dict[Name, list[tuple[_Text, int, int]]] = {}
        self._known: dict[tuple[str, Name], Location | None] = {}
        self._named: dict[str, list[tuple[_Text, int]]] = {}
        """Where something of that name is made: columns of many tables are called alike."""

    def of(self, name: str, table: Name) -> Location | None:
        """Where an object of a table, or one of its columns, is declared last."""
        if (name, table) not in self._known:
            self._known[name, table] = self._looked_for(name, table)
        return self._known[name, table]

    def _looked_for(self, name: str, table: Name) -> Location | None:
        column = _KINDS.sub("", name.removeprefix(f"{table.name}_"))
        if name not in self._named:
            self._named[name] = [*self._places(_MADE, name)]
        made = self._named[name]
        own = [one for one in made if self._is_on(*one, table)]
        found = [text.location(begin + len(name)) for text, begin in own or made]
        found = found or [*self._column(name, table)] or [*self._column(column, table)]
        return found[-1] if found else self.of_table(table)

    def of_table(self, table: Name) -> Location | None:
        """Where a table is created first."""
        found = next(self._places(_CREATED, table.name), None)
        return found[0].location(found[1] + len(table.name)) if found else None

    def _places(self, before: re.Pattern[str], name: str) -> Iterator[tuple[_Text, int]]:
        for text in self._texts:
            for begin in text.occurrences(name, _NO_MORE):
                if text.ends_before(before, begin):
                    yield text, begin

    def _is_on(self, text: _Text, begin: int, table: Name) -> bool:
        """Whether what is made there is the table's: inside of its statement, or ``ON`` it."""
        inside = (t is text and start <= begin < end for t, start, end in self._of(table))
        return any(inside) or text.names_after_on(table.name, begin)

    def _column(self, name: str, table: Name) -> Iterator[Location]:
        """Where a column is defined or altered, in each statement on its table."""
        for text, start, end in self._of(table):
            for begin in text.occurrences(name, _DEFINED, start, end):
                if text.ends_before(_COLUMN, begin, start):
                    yield text.location(begin + len(name))
                    break

    def _of(self, table: Name) -> list[tuple[_Text, int, int]]:
        """Each statement on a table: its text, where it begins and where it ends."""
        if table not in self._statements:
            self._statements[table] = [
                (text, *place) for text in self._texts for place in text.statements(table.name)
            ]
        return self._statements[table]


@lru_cache(maxsize=2)
def _declarations(sources: tuple[tuple[Path, str], ...]) -> _Declarations:
    return _Declarations(sources)
