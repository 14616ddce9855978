"""SQL, and settings, of another database than PostgreSQL: what is said where they are met.

Asked only where PostgreSQL has refused a statement, or where there is no schema that it could run.
What it understands is never judged by this.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.postgres.psql.lexer import bare
from harness.postgres.session import Failure

_STATES = frozenset({"42601", "42704", "42883", "42804"})
"""Syntax, types, functions and defaults that PostgreSQL has not."""
_MARKS = (
    ("MySQL", r"AUTO_INCREMENT|ENGINE ?= ?\w+|`\w+`|\bON UPDATE CURRENT_TIMESTAMP|\bUNSIGNED\b"
              r"|\bCHARSET\b|\b(?:MEDIUM|LONG)(?:TEXT|INT|BLOB)\b|\bTINY(?:TEXT|BLOB)\b|\bUUID\(\)"),
    ("SQLite", r"\bAUTOINCREMENT\b|\bPRAGMA \w+|\bWITHOUT ROWID\b|\bDATETIME\(''|\bSTRFTIME\("),
    ("SQL Server", r"\bIDENTITY\(\d+, ?\d+\)|\bNVARCHAR\b|\bUNIQUEIDENTIFIER\b|\bGETDATE\(\)"
                   r"|\[\w+\]\.\[\w+\]|\bDATETIME2\b"),
    ("H2", r"\bRANDOM_UUID\(\)"),
    ("Oracle", r"\bVARCHAR2\b|\bNUMBER\(\d+|\bSYSDATE\b|\bCLOB\b"),
)  # fmt: skip
_TYPES = re.compile(r"\b(DATETIME|BLOB|TINYINT)\b")
_NO_TYPE = "42704"
_OTHERS = {
    "MySQL": r"mysql|mariadb",
    "SQLite": r"sqlite|better-sqlite3|libsql",
    "SQL Server": r"mssql|sqlserver|tedious",
    "Oracle": r"oracledb|oracle:thin|ojdbc",
    "MongoDB": r"mongodb|mongoose",
}
_OURS = re.compile(r"postgres|psycopg|asyncpg|pg8000|lib/pq|\bpgx?\b|cockroach", re.IGNORECASE)
_SETTINGS = (
    *("knexfile.*", "*/knexfile.*", "ormconfig.*", "data-source.*", "src/data-source.*"),
    *("config/config.js*", "config/database.*", "database.json", "refinery.toml", "dbconfig.yml"),
    *("drizzle.config.*", "*/drizzle.config.*", "prisma/schema.prisma", "*/prisma/schema.prisma"),
    *("flyway.toml", "flyway.conf", "sqitch.conf", ".env", ".env.example", "Cargo.toml", "go.mod"),
    *("src/main/resources/application*.*", "*/src/main/resources/application*.*"),
    *("requirements*.txt", "pyproject.toml", "package.json", "composer.json", "Gemfile"),
    *("pom.xml", "build.gradle", "build.gradle.kts", "docker-compose.y*ml", "compose.y*ml"),
)
"""Files that say which database a project has, patterns of ``Path.glob``."""
_ENGINES = ("sqlc.y*ml", "sqlc.json", "*/sqlc.y*ml", "*/sqlc.json")
"""Files that say of which database the SQL itself is, whatever else the project depends on."""
_ENGINE = re.compile(r"\bengine[\"']?\s*:\s*[\"']?(\w+)")


@dataclass(frozen=True, slots=True)
class Other:
    """Another database, and what shows it."""

    database: str
    shown: str
    """A word of SQL, or a file of settings and what it does."""

    def __str__(self) -> str:
        return (
            f"{self.shown} {self.database}, and the harness runs PostgreSQL alone; if the project"
            " has a schema for PostgreSQL, too, name it with --schema"
        )


def of_failure(failure: Failure) -> Other | None:
    """What a refused statement has that another database has, and PostgreSQL not."""
    if failure.sqlstate not in _STATES:
        return None
    plain = bare(failure.statement or failure.query)
    if failure.sqlstate == _NO_TYPE and (found := _TYPES.search(plain)):
        named = of_project(Path.cwd())
        return named or Other("MySQL or SQLite", f"{found[1]} is a type of")
    for database, marks in _MARKS:
        if found := re.search(marks, plain):
            shown = "a name in backticks" if found[0].startswith("`") else found[0]
            return Other(database, f"{shown} is SQL of")
    return None


def of_project(project: Path) -> Other | None:
    """What the settings of a project name; None where they name PostgreSQL, several or none."""
    return _named(project, _ENGINES, _ENGINE) or _named(project, _SETTINGS)


def _named(
    project: Path, places: Sequence[str], said: re.Pattern[str] | None = None
) -> Other | None:
    """The only other database of some files, each read whole or for what a pattern finds."""
    named: dict[str, str] = {}
    for pattern in places:
        for path in sorted(project.glob(pattern)):
            readable = path.is_file() and os.access(path, os.R_OK, effective_ids=True)
            text = path.read_text("utf-8", "replace") if readable else ""
            if said is not None:
                text = "\n".join(said.findall(text))
            if _OURS.search(text):
                return None
            for database, words in _OTHERS.items():
                if re.search(words, text, re.IGNORECASE):
                    shown = path.relative_to(project).as_posix()
                    named.setdefault(database, f"{shown} names")
    return Other(*next(iter(named.items()))) if len(named) == 1 else None
