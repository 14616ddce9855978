"""The record: the properties that a schema has had so far, in a file under version control.

A migration that drops a constraint takes the property out of the catalog, and there is nothing
left to hold the database to. Where there is a record, a property in it that the catalog declares
no more, or declares in other words, fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from harness.core.errors import ConfigError
from harness.core.files import of_json
from harness.core.results import Outcome
from harness.postgres.schema_model import Name, Schema, Table
from harness.properties.base import Decision, Property
from harness.properties.checks.sequence.feed import feeds

GUARD = "guard"
"""The check of what is recorded and not tried: functions, policies, views, privileges."""
_RULE = "rule"
_NARROWING = ("policy", "row security")
"""Guards that change what is there already for who reads and writes a table: new ones count."""
_WIDENING = "grants on "
"""What the privileges on a column are called."""


class Guard(NamedTuple):
    """What is recorded and not tried, in its words."""

    prop: Property
    words: str
    earlier: str
    """Its words as earlier versions recorded them, with the comments of a function's body."""


@dataclass(frozen=True, slots=True)
class Record:
    """Property -> the words in which it is declared."""

    words: dict[Property, str]
    earlier: Mapping[Property, str] = field(default_factory=dict)
    """The words of guards as earlier versions recorded them."""

    @classmethod
    def of(cls, schema: Schema, properties: Iterable[Property]) -> Record:
        """The properties that a schema has now."""
        return cls({prop: declared(schema, prop) for prop in properties})

    @classmethod
    def read(cls, path: Path) -> Record:
        """The record in a file. Raises ConfigError where it cannot be read."""
        try:
            return cls(dict(map(_property, of_json(path.read_text("utf-8")))))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ConfigError(
                f"record: cannot read {path} ({error}); harness properties --record writes it"
            ) from None

    def write(self, path: Path) -> None:
        """One line for each property, in a stable order: made to be compared."""
        try:
            path.write_text(self.text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"record: cannot write {path}: {error.strerror}") from None

    @property
    def text(self) -> str:
        """The file of it: one line for each property, in a stable order."""
        items = sorted(self.words.items())
        lines = [json.dumps(_fields(*item), ensure_ascii=False) for item in items]
        return "[\n" + ",\n".join(lines) + "\n]\n"

    def with_guards(self, guards: Iterable[Guard]) -> Record:
        """The same, and what guards the rows without being a property that is tried."""
        found = list(guards)
        words = {one.prop: one.words for one in found}
        return Record({**self.words, **words}, {one.prop: one.earlier for one in found})

    def broken(self, now: Record) -> Iterator[Decision]:
        """What was declared, and is not any more, or not in these words."""
        for prop, words in sorted(self.words.items()):
            if prop not in now.words and prop.check == GUARD:
                yield _failed(prop, "no longer there", words, "nothing of the kind")
            elif prop not in now.words:
                yield _failed(prop, "no longer declared", words, "nothing of the kind")
            elif now.words[prop] != words and prop.check == GUARD:
                if words == now.earlier.get(prop):
                    continue
                yield _failed(prop, "in other words", words, now.words[prop])
            elif words and now.words[prop] != words:  # earlier ones have no words of some
                yield _failed(prop, "declared differently", words, now.words[prop])
        yield from self._added(now)

    def _added(self, now: Record) -> Iterator[Decision]:
        """What guards a recorded table, or opens it, and was not there when it was recorded."""
        guards = [prop for prop in self.words if prop.check == GUARD]
        known = {prop.table for prop in guards}
        rules = any(prop.aspect == _RULE for prop in guards)  # earlier records have none
        narrowing = {*_NARROWING, *[_RULE] * rules}
        for prop, words in sorted(now.words.items()):
            new = prop.check == GUARD and prop not in self.words and prop.table in known
            if new and (prop.aspect in narrowing or prop.object.startswith(_WIDENING)):
                yield _failed(prop, "new", "nothing of the kind", words)


def declared(schema: Schema, prop: Property) -> str:
    """What the catalog says of a property's object, as SQL."""
    table = schema.by_name.get(prop.table)
    if table is None:  # a materialized view, whose definition is a guard
        return ""
    if "." in prop.object and prop.check == "check":
        for column in table.columns:
            for domain in column.type.domains:
                for check in domain.checks:
                    if prop.object == f"{column.name}.{check.name}":
                        return f"{domain} CHECK ({check.expression})"
    for found in (table.constraint(prop.object), table.index(prop.object)):
        if found is not None:
            return found.definition
    for trigger in table.triggers:
        if trigger.name == prop.object:
            return trigger.definition
    return " ".join(filter(None, [_column(table, prop.object), *_fed(schema, prop)]))


def _fed(schema: Schema, prop: Property) -> list[str]:
    """The sequence of a column, as CREATE SEQUENCE has it, for the properties of it."""
    if prop.check != "sequence":
        return []
    found = feeds(schema.by_name[prop.table], schema)
    sequence = next((f.sequence for f in found if f.column.name == prop.object), None)
    if sequence is None:
        return []
    words = f"START {sequence.start} INCREMENT {sequence.increment} MINVALUE {sequence.minimum}"
    cycle = "CYCLE" if sequence.cycle else "NO CYCLE"
    return [f"{words} MAXVALUE {sequence.maximum} CACHE {sequence.cache} {cycle}"]


def _column(table: Table, name: str) -> str:
    """A column as CREATE TABLE has it; of any other object nothing is said."""
    column = next((column for column in table.columns if column.name == name), None)
    if column is None:
        return ""
    words = [column.type_sql, *["NOT NULL"] * column.not_null]
    words += [f"DEFAULT {column.default}"] * (column.default is not None and not column.generated)
    words += [f"GENERATED {(column.identity or '').upper()} AS IDENTITY"] * bool(column.identity)
    words += [f"GENERATED ALWAYS AS ({column.generated})"] * bool(column.generated)
    return " ".join(words)


def _failed(prop: Property, reason: str, before: str, now: str) -> Decision:
    text = f"{reason}\nrecorded: {before or 'without words'}\nnow: {now or 'without words'}"
    return Decision(prop, Outcome.FAILED, text, ())


def _fields(prop: Property, words: str) -> dict[str, str]:
    schema, table = prop.table
    return {**prop._asdict(), "table": table, "schema": schema, "declared": words}


def _property(fields: dict[str, Any]) -> tuple[Property, str]:
    known = ("schema", "table", "check", "object", "aspect")
    if not all(isinstance(fields[name], str) for name in known):
        raise TypeError(f"texts are expected, not {fields!r}"[:200])
    table = Name(fields["schema"], fields["table"])
    prop = Property(fields["check"], table, fields["object"], fields["aspect"])
    return prop, str(fields["declared"])
