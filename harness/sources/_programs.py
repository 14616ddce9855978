"""Programs among migrations in SQL: only their own tool runs both.

With Knex, db-migrate and node-pg-migrate a migration may be a program that does nothing but run the
SQL file of its name, which lies beside it or in ``sql/`` or ``sqls/`` below. Such a program is the
SQL file's migration; any other one is a part of the schema that nobody but its tool can apply.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from harness.core.errors import ConfigError
from harness.sources.base import Migration
from harness.sources.files import by_command

_SCRIPTS = frozenset({".cjs", ".js", ".mjs", ".ts"})
_RUNNERS = {
    ".go": ("go", "run", "./cmd/migrate", "up"),
    ".php": ("php", "artisan", "migrate"),
    ".py": ("python", "-m", "migrate"),
    ".rb": ("bin/rails", "db:migrate"),
}
"""How programs of a language are usually run, for the remedy."""
_NODE = {
    "db-migrate": ("npx", "db-migrate", "up"),
    "node-pg-migrate": ("npx", "node-pg-migrate", "up"),
}
_KNEX = ("sh", "-c", "npx knex migrate:latest --connection $DATABASE_URL")
_DOES_MORE = re.compile(
    r"(?:create|drop|alter|rename|add|remove)(?:Table|Column|Index|Schema|Constraint|Type)"
    r"|\.(?:table|insert|update|del|dropColumn|into|createQueryBuilder)\s*\("
    r"|[`'\"]\s*(?i:CREATE|ALTER|DROP|INSERT|UPDATE|DELETE)\s",
)
"""What a program has that makes something itself: calls of a query builder, and statements."""


def refuse_programs(programs: Iterable[Path], migrations: Collection[Migration]) -> None:
    """Raise ConfigError for a program that does not just run one of the migrations."""
    names = {migration.name for migration in migrations}
    for one in programs:
        if not (one.stem in names and _runs_its_file(one)):
            raise ConfigError(
                f"{one}: a migration that is a program, between migrations in SQL: only its"
                f" own tool runs both; {by_command(one.parent, *_runner(one))}"
            )


def _runs_its_file(program: Path) -> bool:
    """Whether a script makes nothing by itself that can be seen."""
    text = program.read_text("utf-8", "replace")
    return program.suffix in _SCRIPTS and not _DOES_MORE.search(text)


def _runner(program: Path) -> tuple[str, ...]:
    """The command that usually runs it: what ``package.json`` names, for scripts."""
    if program.suffix in _RUNNERS:
        return _RUNNERS[program.suffix]
    for place in program.parents:
        package = place / "package.json"
        if package.is_file():
            text = package.read_text("utf-8", "replace")
            return next((run for name, run in _NODE.items() if f'"{name}"' in text), _KNEX)
    return _KNEX
