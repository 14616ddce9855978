"""A test file for one table that is being written, and whether its assertions hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from harness.core.results import NOWHERE
from harness.core.text import count
from harness.mutation.mutant import Mutant, literal
from harness.pgtap.tap import TapReader
from harness.postgres.schema_model import Table

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A statement of a test file; an assertion counts in its plan."""

    text: str
    asserts: bool = True


@dataclass
class Scaffold:
    """A test file for one table."""

    table: Table
    steps: list[Step] = field(default_factory=list)
    tried: int = 0
    """Changes of the table's objects that were tried."""
    unnoticed: list[str] = field(default_factory=list)
    about: str = "what it is made of, and what it accepts and refuses"
    prefix: str = ""
    """Stands before the table's name in the file's."""
    objections: list[str] = field(default_factory=list)
    """What the reader has to know of the file."""

    @property
    def text(self) -> str:
        """The file."""
        plan = sum(step.asserts for step in self.steps)
        head = f"-- {self.table}: {self.about}."
        body = "\n".join(step.text for step in self.steps)
        end = "SELECT * FROM finish();\nROLLBACK;\n"
        return f"{head}\nBEGIN;\nSELECT plan({plan});\n\n{body}\n\n{end}"

    @property
    def file(self) -> str:
        """What it is called."""
        name = self.table.name
        whole = name.name if name.schema == "public" else f"{name.schema}_{name.name}"
        return f"{self.prefix}{re.sub(r'[^a-z0-9_]+', '_', whole.lower())}.sql"

    @property
    def said(self) -> str:
        """What verifying it came to."""
        noticed = self.tried - len(self.unnoticed)
        asserted = count(sum(step.asserts for step in self.steps), "assertion")
        said = f"{asserted}, {noticed} of {count(self.tried, 'change')} noticed"
        more = [f"not noticed: {one}" for one in self.unnoticed] + self.objections
        return "\n    ".join([said, *more])


def is_(expression: str, value: str, title: str) -> str:
    """An assertion that an expression is this text."""
    return f"SELECT is(\n    {expression},\n    {literal(value)},\n    {literal(title)}\n);"


def keep_what_passes(connection: Connection, made: Scaffold) -> None:
    """Leave out assertions that do not hold on the schema as it is."""
    kept = list[Step]()
    with connection.transaction(force_rollback=True):
        connection.execute("SELECT no_plan()")
        for step in made.steps:
            try:
                with connection.transaction():
                    rows = connection.execute(step.text.encode()).fetchall() if step.asserts else []
                    if not step.asserts:
                        connection.execute(step.text.encode())
            except psycopg.Error:
                continue
            if _passes(rows):
                kept.append(step)
    made.steps = kept


def notices(connection: Connection, made: Scaffold, mutant: Mutant) -> bool | None:
    """Whether an assertion fails on a mutant; None where the change cannot be made."""
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction():
                connection.execute("SET LOCAL check_function_bodies = off")
                for statement in mutant.ddl:
                    connection.execute(statement.encode())
        except psycopg.Error:
            return None
        connection.execute("SELECT no_plan()")
        for step in made.steps:
            try:
                with connection.transaction():
                    cursor = connection.execute(step.text.encode())
                    rows = cursor.fetchall() if step.asserts else []
            except psycopg.Error:
                return True
            if not _passes(rows):
                return True
    return False


def _passes(rows: Sequence[tuple[Any, ...]]) -> bool:
    """Whether no test failed in the TAP that an assertion gave, each value a piece of it."""
    reader = TapReader(needs_tests=False)
    for value in (value for row in rows for value in row):
        reader.feed(str(value), NOWHERE)
    return all(one.outcome.ok for one in reader.results)


def holds(connection: Connection, text: str) -> bool:
    """Whether an assertion passes on the schema as it is."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SELECT no_plan()")
            return _passes(connection.execute(text.encode()).fetchall())
    except psycopg.Error:
        return False
