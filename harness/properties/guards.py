"""Guards: what keeps rows as they should be, and is not tried with rows.

Functions' bodies, policies and the switches of row level security, views, sequences, the CHECKs
of domains, the labels of enums, privileges: with a record, what changes there is told, as a
constraint is that is gone. Without one, nobody notices.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from importlib.resources import files
from typing import Any

import psycopg

from harness.postgres.psql.lexer import uncommented
from harness.postgres.schema_model import Name
from harness.properties.base import Property
from harness.properties.record import GUARD, Guard

_COMMENTED = re.compile(r"LANGUAGE (?:sql|plpgsql)\b")
"""Functions whose comments are written as those of SQL."""

UNNOTICED = (
    "no record is configured: nobody notices if a constraint, a policy, a grant or a function body"
    ' is changed or dropped: record = "properties.json" in [tool.harness.properties]'
)


def guards(connection: psycopg.Connection[Any], ignore: Collection[str] = ()) -> Iterator[Guard]:
    """Each guard of a database with its words, as SQL or nearly; not those of extensions.

    A function's words are its program, without comments.
    """
    query = (files("harness.properties") / "sql" / "guards.sql").read_text("utf-8")
    with psycopg.RawCursor(connection) as cursor:
        cursor.execute(query.encode(), [list(ignore)])
        rows = cursor.fetchall()
    for kind, schema, name, part, words in rows:
        said = str(words)
        program = uncommented(said) if kind == "function" and _COMMENTED.match(said) else said
        prop = Property(GUARD, Name(schema, name), part, kind)
        yield Guard(prop, " ".join(program.split()), " ".join(said.split()))
