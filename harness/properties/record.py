"""The record: what a schema has promised so far, in a file under version control.

A migration that drops a constraint takes the promise out of the catalog, and there is nothing
left to hold the database to. Where there is a record, a promise in it that the catalog makes
no more, or makes with other words, is refuted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core.errors import ConfigError
from harness.postgres.schema_model import Name, Schema, Table
from harness.properties.base import Decision, Outcome, Promise


@dataclass(frozen=True, slots=True)
class Record:
    """Promise -> the words in which it was made."""

    words: dict[Promise, str]

    @classmethod
    def of(cls, schema: Schema, promises: Iterable[Promise]) -> Record:
        """What a schema promises now."""
        return cls({promise: declared(schema, promise) for promise in promises})

    @classmethod
    def read(cls, path: Path) -> Record:
        """The record in a file. Raises ConfigError where it cannot be read."""
        try:
            return cls(dict(map(_promise, json.loads(path.read_text("utf-8")))))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ConfigError(
                f"record: cannot read {path} ({error}); harness properties --record writes it"
            ) from None

    def write(self, path: Path) -> None:
        """One line for each promise, in a stable order: made to be compared."""
        items = sorted(self.words.items())
        lines = [json.dumps(_fields(*item), ensure_ascii=False) for item in items]
        try:
            path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"record: cannot write {path}: {error.strerror}") from None

    def broken(self, now: Record) -> Iterator[Decision]:
        """What was promised, and is not any more, or not in these words."""
        for promise, words in sorted(self.words.items()):
            if promise not in now.words:
                yield _refuted(promise, "no longer promised", words, "nothing of the kind")
            elif now.words[promise] != words:
                yield _refuted(promise, "promised in other words", words, now.words[promise])


def declared(schema: Schema, promise: Promise) -> str:
    """What the catalog says of a promise's object, as SQL."""
    table = schema.by_name[promise.table]
    for found in (table.constraint(promise.object), table.index(promise.object)):
        if found is not None:
            return found.definition
    for trigger in table.triggers:
        if trigger.name == promise.object:
            return trigger.definition
    return " ".join(filter(None, [_column(table, promise.object), *_fed(schema, promise)]))


def _fed(schema: Schema, promise: Promise) -> list[str]:
    """The sequence of a column, as CREATE SEQUENCE has it, for what is promised of it."""
    sequence = schema.sequence_of(schema.by_name[promise.table], promise.object)
    if sequence is None or promise.check != "sequence":
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


def _refuted(promise: Promise, reason: str, before: str, now: str) -> Decision:
    text = f"{reason}\nrecorded: {before or 'without words'}\nnow: {now or 'without words'}"
    return Decision(promise, Outcome.REFUTED, text, ())


def _fields(promise: Promise, words: str) -> dict[str, str]:
    schema, table = promise.table
    return {**promise._asdict(), "table": table, "schema": schema, "declared": words}


def _promise(fields: dict[str, Any]) -> tuple[Promise, str]:
    table = Name(fields["schema"], fields["table"])
    promise = Promise(fields["check"], table, fields["object"], fields["aspect"])
    return promise, str(fields["declared"])
