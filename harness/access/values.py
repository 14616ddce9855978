"""Values: what columns hold in the rows of principals, and what else is worth trying in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.access.catalog import Column, Relation
from harness.access.inputs import Inputs
from harness.postgres.schema_model import Table

if TYPE_CHECKING:  # linters read policies with this, and generate no rows
    from harness.rowgen import Rows

NUMBERS = ("1", "2", "21", "3", "4")
"""Each principal's number and text; the third has the first two in it, as a list of texts would."""
STRANGER = "9"
_INTEGERS = ("int2", "int4", "int8", "numeric")
_TEXTS = ("text", "varchar", "bpchar", "citext", "name")
_DOCUMENTS = ("json", "jsonb")
_TIMES = ("timestamptz", "timestamp", "date")
_RANGES = ("tstzrange", "tsrange", "daterange")
_PERIODS = ("[2001-01-01,2002-01-01)", "[2001-01-01,2099-01-01)")
"""One that is over, and one that is not."""

Row = Mapping[str, str | None]


def value_of(column: Column, principal: int, users: Sequence[str]) -> str | None:
    """A principal's value of a column's type; None where the type has none."""
    return value_of_type(column.type, NUMBERS[principal], users[principal] if users else "")


def value_of_type(type_: str, number: str, user: str) -> str | None:
    """The value that stands for a number; the name of a user where there is one."""
    if type_ in _INTEGERS:
        return number
    if type_ == "uuid":
        return f"00000000-0000-4000-8000-{int(number):012d}"
    if type_ == "name" and user:
        return user
    if type_ in _TEXTS:
        return user or number
    if type_.startswith("_") and (one := value_of_type(type_[1:], number, user)) is not None:
        return "{" + one + "}"
    return None


def put(document: dict[str, Any], path: Sequence[str], text: str) -> None:
    """Give a key in a JSON object, and in those inside of it, a value; ``true`` is a boolean."""
    for key in path[:-1]:
        inner = document.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        document = inner
    if not isinstance(document.get(path[-1]), dict):
        document[path[-1]] = json.loads(text) if text in ("true", "false") else text


@dataclass
class Values:
    """The values of one table's columns, as far as conditions read them."""

    inputs: Inputs
    users: Sequence[str]
    """Role names, one a principal, where ``current_user`` is read; empty otherwise."""
    source: Rows
    table: Table
    relation: Relation

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that some condition reads."""
        return self.inputs.of_relation(self.relation)

    def may_give(self, name: str) -> bool:
        """Whether an INSERT may give a column a value."""
        known = {column.name: column for column in self.table.columns}
        return name in known and known[name].insertable

    def principal_value(self, name: str, number: int) -> str | None:
        """Another value for each principal: its own, or one of the few that the column takes."""
        column = self.relation.column(name)
        if column.kind == "e":
            return column.labels[number % len(column.labels)]
        if column.type in _DOCUMENTS:
            return self._document(name, number)
        value = value_of(column, number, self.users if self._is_users(column) else ())
        if value is None:
            return None
        if name in self.inputs.folders and column.type in _TEXTS:
            own = value_of_type("uuid", NUMBERS[number], "") if self.inputs.uuids else value
            value = f"{own}/file"
        plan = self.source.plan(self.table)
        if not plan.own(name):
            return value
        accepted = [one for one in plan.pool(name).accepted if one]
        if value in accepted or not accepted:
            return value
        return accepted[number % len(accepted)]

    def plain(self, row: Row) -> dict[str, str | None]:
        """A row without objects of ours, which a condition of the table may refuse."""
        return {
            name: text
            for name, text in row.items()
            if self.relation.column(name).type not in _DOCUMENTS
        }

    def _document(self, name: str, number: int) -> str | None:
        """An object in which each key that conditions read has a value; None where none is."""
        found: dict[str, Any] = {}
        for path in sorted(path for column, path in self.inputs.keys if column == name):
            put(found, path, NUMBERS[number])
        if name in self.inputs.own_keys:
            texts = self.inputs.literals or ("true",)
            put(found, [self._key(number)], texts[number % len(texts)])
        return json.dumps(found) if found else None

    def _key(self, number: int) -> str:
        """What a principal is called as a key of an object."""
        user = self.users[number] if self.users else ""
        own = value_of_type("uuid" if self.inputs.uuids else "text", NUMBERS[number], user)
        return own or NUMBERS[number]

    def _is_users(self, column: Column) -> bool:
        """Whether a column holds names of users."""
        inputs = self.inputs
        if not inputs.by_user:
            return False
        return column.type == "name" or not (inputs.settings or inputs.documents)

    def groups(self) -> list[tuple[str, ...]]:
        """Columns that move together: those of a foreign key, or one that is read."""
        keys = [tuple(key.columns) for key in self.table.foreign_keys if key.target]
        inside = {name for key in keys for name in key}
        single = [
            (name,)
            for name in self.read
            if name not in inside
            and self.may_give(name)
            and not self.table.column(name).identity
            and value_of(self.relation.column(name), 0, self.users) is not None
        ]
        return [*dict.fromkeys(keys), *single]

    def literal_choice(self, number: int) -> dict[str, str | None]:
        """For each column that literals are compared with, one of them."""
        found: dict[str, str | None] = {}
        for name in self.literal_columns(self.read):
            accepted = [*self._literals(name), NUMBERS[0]]
            if self.source.plan(self.table).own(name) or self.relation.column(name).kind == "e":
                accepted.pop()  # not every text is one of its values
            found[name] = accepted[number % len(accepted)]
        for name in self.read:
            type_ = self.relation.column(name).type
            if type_ == "bool" and self.may_give(name):
                found[name] = ("false", "true")[number % 2]
            elif type_ in _RANGES and self.may_give(name):
                found[name] = _PERIODS[number % 2]
            elif values := self._numbers(name):
                found[name] = values[number % len(values)]
        return found | self._times(number)

    def _numbers(self, name: str) -> list[str]:
        """Numbers of conditions, and those above them, for a column that says no whose."""
        column, texts = self.relation.column(name), self.inputs.numbers
        if column.type not in _INTEGERS or column.in_key or not self.may_give(name):
            return []
        above = (str(int(text) + 1) for text in texts[:2])
        return [] if name in self._identifying else list(dict.fromkeys([*texts, *above]))

    def flags(self) -> dict[str, str | None]:
        """Whatever is false by default and read, as true: accepted, active."""
        known = {column.name: column for column in self.table.columns}
        return {
            name: "true"
            for name in self.read
            if self.may_give(name)
            and self.relation.column(name).type == "bool"
            and known[name].default == "false"
        }

    def _times(self, number: int) -> dict[str, str | None]:
        """For each time that is read: from then until then, around now or around no time."""
        names = [n for n in self.read if self.may_give(n)]
        times = [n for n in names if self.relation.column(n).type in _TIMES]
        early, late = ("2001-01-01", "2099-01-01")[:: 1 if number % 2 else -1]
        found: dict[str, str | None] = dict.fromkeys(times, early)
        for name in times[-1:]:
            found[name] = late
        return found

    def literal_columns(self, names: Iterable[str]) -> list[str]:
        """Columns that literals are compared with, and that say nothing of whose the row is."""
        return [n for n in names if n not in self._identifying and self._literals(n)]

    @property
    def _identifying(self) -> set[str]:
        """Columns that say whose a row is."""
        inside = {name for key in self.table.foreign_keys for name in key.columns}
        return inside | (self.inputs.principal & set(self.read))

    def _literals(self, name: str) -> list[str]:
        """Texts of conditions that a column can hold."""
        if not self.may_give(name):
            return []
        column = self.relation.column(name)
        if column.kind == "e":
            return list(column.labels)
        if column.type not in _TEXTS:
            return []
        plan = self.source.plan(self.table)
        texts = list(self.inputs.literals)
        if own := plan.own(name):
            judged = self.source.server.judge(
                {name: "text"}, [{name: text} for text in texts], [c.sql for c in own]
            )
            pairs = zip(texts, judged, strict=True)
            texts = [t for t, a in pairs if a is not None and "f" not in a]
            others = [one for one in plan.pool(name).accepted if one and one not in texts]
            return [*texts[:6], *others[:1]] if texts else []
        return texts[:6]

    def in_key(self, group: Sequence[str]) -> bool:
        """Whether a key of the table would have each of these rows twice."""
        return any(set(key.columns) <= set(group) for key in self.table.keys)

    def choices(self, base: Row) -> dict[str, list[str | None]]:
        """For each column that is read and says nothing of whose the row is: values to try."""
        found: dict[str, list[str | None]] = {}
        for name in self.read:
            if not self.may_give(name) or self.table.column(name).identity:
                continue
            values = self.of(name)
            if values:
                found[name] = values
        return found

    def of(self, name: str) -> list[str | None]:
        """Values to try in a column."""
        column = self.relation.column(name)
        nullable = self.table.column(name).nullable
        null: list[str | None] = [None] if nullable else []
        if column.type == "bool":
            return ["false", "true", *null]
        if column.type in _TIMES:
            return [*null, "2001-01-01", "2099-01-01"]
        if column.type in _RANGES:
            return [*null, *_PERIODS]
        if column.type in _DOCUMENTS:
            return [*null, *self._documents(name)]
        if column.type.startswith("_"):
            return [*self._lists(column), "{}"]
        if name in self._identifying:
            return [*self._lists(column), *self.below(name), *self._empty(name)]
        return [*null, *(self._numbers(name) or self._literals(name))]

    def below(self, name: str) -> list[str]:
        """Paths below the first principal's and beside it, where conditions take paths apart."""
        if self.relation.column(name).type not in _TEXTS:
            return []
        return [f"{NUMBERS[0]}{one}{NUMBERS[1]}" for one in self.inputs.separators]

    def _documents(self, name: str) -> Iterator[str]:
        """The first principal's object with one key otherwise."""
        own = self._document(name, 0)
        for column, path in sorted(self.inputs.keys) if own else ():
            for text in (*self.inputs.literals[:3], "true") if column == name else ():
                changed = json.loads(own or "")
                put(changed, path, text)
                yield json.dumps(changed)
        if own and name in self.inputs.own_keys:
            for text in (*self.inputs.literals[:3], "true"):
                yield json.dumps({**json.loads(own), self._key(0): text})
            second = self._document(name, 1)
            yield json.dumps(json.loads(second or "{}") | json.loads(own))

    def _empty(self, name: str) -> list[str | None]:
        """The empty text, where that is the default: what a setting is that was not set."""
        column = self.table.column(name)
        default = column.default or column.type.default or ""
        return [""] if re.match(r"''(?!')", default) else []

    def _lists(self, column: Column) -> list[str | None]:
        """Values that are of two principals at once."""
        users = self.users if self._is_users(column) else ()
        pair = [
            value_of_type(column.type.lstrip("_"), NUMBERS[n], users[n] if users else "")
            for n in (0, 1)
        ]
        if None in pair:
            return []
        both = ",".join(str(one) for one in pair)
        if column.type.startswith("_"):
            return ["{" + both + "}"]
        return [both] if column.type in ("text", "varchar") and not column.in_key else []
