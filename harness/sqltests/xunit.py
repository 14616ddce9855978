"""The test functions that a schema itself defines, as a file that runs them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from psycopg import sql

from harness.core.results import Group, Location, Result
from harness.postgres.psql import Script
from harness.postgres.session import PG_PROVE
from harness.sqltests.files import AssertionFile

_RUN = "BEGIN;\nSELECT * FROM runtests({});\nROLLBACK;\n"


def file(schema: str, match: str | None) -> AssertionFile:
    """A script that runs the functions of a schema whose names match, ``^test`` by default."""
    arguments = f"{sql.Literal(schema).as_string()}::name"
    if match:
        arguments += f", {sql.Literal(match).as_string()}::text"
    return AssertionFile.of(Script.parse(_RUN.format(arguments), Path(schema), PG_PROVE))


def located(run: Group, sources: Sequence[Path]) -> Group:
    """The same run with each result where its function is written, if that is found."""
    texts = {path: path.read_text("utf-8", "replace") for path in sources}
    return replace(run, results=tuple(_located(result, texts) for result in run.results))


def _located(result: Result, texts: dict[Path, str]) -> Result:
    """Look for ``schema.name``, which is how runtests() describes a function."""
    name = result.title.strip().rpartition(".")[2].strip('"')
    written = re.compile(rf'\bFUNCTION\s+(?:[\w"]+\.)?"?{re.escape(name)}"?\s*\(', re.IGNORECASE)
    for path, text in texts.items():
        if match := written.search(text):
            line = text.count("\n", 0, match.start()) + 1
            return result._replace(location=Location(path, line))
    return result
