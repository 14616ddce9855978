"""The up migration of a revision as plain SQL, at the line numbers of its file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from harness.lint._identity import text
from harness.lint.statements import parts, plain
from harness.postgres.psql.lexer import bare
from harness.postgres.session import transaction_control
from harness.sources import SchemaSource
from harness.sources.sections import Sectioned

_APART = re.compile(r"CONCURRENTLY\b")
_UPGRADE = re.compile(r"def upgrade\b|\s*operations\s*=")
_INTERRUPTS = re.compile(r"^COMMIT;\s*$.*^BEGIN;\s*$", re.MULTILINE | re.DOTALL)
_PLACEHOLDER = re.compile(r"\$\{[^}\n]*\}|@ext(?:schema(?::[\w-]+)?|owner)@")
"""Flyway's, and those that CREATE EXTENSION fills in."""


@dataclass(frozen=True, slots=True)
class UpScript:
    """What is run of a file, and whether its tool puts a transaction around it."""

    path: Path
    sql: str
    transaction: bool
    line: int = 0
    """Of a program, the line that what it writes is said of; 0 for an SQL file."""


def up_script(source: SchemaSource, path: Path) -> UpScript:
    """The up migration that a file has; what is no SQL in it is a comment. Raises ScriptError."""
    if isinstance(source, Sectioned):
        section, _ = source.sections(path)
        return UpScript(path, plain(section.text), section.transaction)
    written = source.offline.get(path)
    if written is not None:
        if _INTERRUPTS.search(written):  # autocommit_block(): its tool's transaction is around that
            return UpScript(path, f"BEGIN;\n{written}\nCOMMIT;\n", False, _upgrade_of(path))
        return UpScript(path, written, "CONCURRENTLY" not in written.upper(), _upgrade_of(path))
    sql = _PLACEHOLDER.sub(_named, text(path))
    statements = [part.sql for part in parts(sql) if part.kind == "sql"]
    apart = any(transaction_control(one) or _APART.search(bare(one)) for one in statements)
    return UpScript(path, plain(sql), not apart)


def _upgrade_of(path: Path) -> int:
    """The line of a revision at which its up migration begins."""
    lines = text(path).split("\n")
    return next((n for n, line in enumerate(lines, 1) if _UPGRADE.match(line)), 1)


def _named(found: re.Match[str]) -> str:
    """A name as long as the placeholder, which may stand where only a name can."""
    return "p" * len(found[0])
