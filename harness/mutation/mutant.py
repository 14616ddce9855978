"""Mutant: a schema with one change, as the DDL that makes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql

from harness.postgres.schema_model import Name


@dataclass(frozen=True, slots=True)
class ConditionChange:
    """A condition on the rows of a table that a mutant exchanges for another one."""

    table: Name
    before: str
    after: str
    null_passes: bool
    """Of a CHECK, NULL is as good as true; of all else it is as good as false."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one object. Made by an operator from the catalog of the unbroken schema."""

    kind: str
    """Of object, as ``--kind`` takes it: ``"foreign key"``."""
    object: str
    """``"tasks.tasks_user_id_fkey"``; the schema is named unless it is public."""
    operator: str
    """What was done: ``"dropped"``, ``"column removed"``."""
    ddl: tuple[str, ...]
    """Statements, to be run one after the other."""
    before: str = ""
    """What the schema says, as DDL; empty where something is added."""
    after: str = ""
    """What the mutant says; empty where something is gone."""
    detail: str = ""
    """Tells mutants apart that one operator makes of one object."""
    tables: tuple[Name, ...] = ()
    """Whose rows it may be seen by, the table of the object first."""
    functions: tuple[Name, ...] = ()
    """Whose calls it may be seen by."""
    swap: ConditionChange | None = None
    along: tuple[str, ...] = ()
    """What goes with it and is not made again: a compound mutant."""
    control: tuple[str, ...] = ()
    """The same with the object made again as it was: what that changes is not the mutant's doing.

    Foreign keys of one target act in the order in which they were made.
    """
    apart: bool = False
    """Whether the DDL cannot run in a transaction with tests, so that it needs a clone."""
    speed: bool = False
    """Whether it changes what queries cost and nothing else."""
    same: str = ""
    """The rule by which it changes nothing that anybody can see; empty where none says so."""
    twin: str = ""
    """The rule by which another mutant of the object does the same; empty where none says so."""

    @property
    def id(self) -> str:
        """The same from run to run: ``tasks.tasks_pkey::column_removed:id``."""
        operator = self.operator.replace(" ", "_")
        return f"{self.object}::{operator}{':' + self.detail if self.detail else ''}"

    @property
    def title(self) -> str:
        """For a person: ``tasks.tasks_pkey: column removed (id)``."""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.object}: {self.operator}{detail}"

    @property
    def diff(self) -> str:
        """The change, a line with ``-`` and one with ``+``, and what goes along."""
        lines = [f"- {line}" for line in self.before.splitlines()]
        lines += [f"+ {line}" for line in self.after.splitlines()]
        return "\n".join([*lines, *(f"- {what}" for what in self.along)])

    @property
    def script(self) -> str:
        """The DDL, ready for psql."""
        return "\n".join(f"{statement};" for statement in self.ddl)


def quoted(*names: str) -> str:
    """A name as SQL: ``"public"."tasks"``; what needs no quotes keeps none."""
    return ".".join(
        name if _PLAIN.fullmatch(name) else sql.Identifier(name).as_string() for name in names
    )


# Reserved words are quoted as well: a word that is too many costs nothing.
_RESERVED = (
    " all analyse analyze and any array as asc asymmetric authorization between binary both"
    " case cast check collate collation column concurrently constraint create cross"
    " current_catalog current_date current_role current_schema current_time"
    " current_timestamp current_user default deferrable desc distinct do else end except"
    " false fetch for foreign freeze from full grant group having ilike in initially inner"
    " intersect into is isnull join lateral leading left like limit localtime"
    " localtimestamp natural not notnull null offset on only or order outer overlaps"
    " placing primary references returning right select session_user similar some symmetric"
    " system_user table tablesample then to trailing true union unique user using variadic"
    " verbose when where window with"
)
_PLAIN = re.compile(rf"(?!(?:{'|'.join(_RESERVED.split())})\b)[a-z_][a-z0-9_]*")


def literal(value: str) -> str:
    """A value as SQL."""
    return sql.Literal(value).as_string()


def listed(names: Iterable[str]) -> str:
    """``a, b``."""
    return ", ".join(map(quoted, names))


def plain(name: Name, *parts: str) -> str:
    """What an object is called in ids: ``tasks.title``, ``app.tasks.title``."""
    first = name.name if name.schema == "public" else str(name)
    return ".".join([first, *parts])
