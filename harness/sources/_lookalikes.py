"""What looks like a schema that only its own tool can run, and what to write to have it run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.sources import _other_databases as other_databases
from harness.sources._index_file import proposal


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool whose migrations are programs, or in a form of its own."""

    name: str
    marks: tuple[str, ...]
    """Files below a project that show it: patterns of ``Path.glob``."""
    schema: str
    """The directory of what it applies; ``{found}`` is that of the first file."""
    command: str
    text: str = ""
    """What a file has to contain, a regular expression; empty for any."""
    tcp: bool = False
    settings: tuple[str, str] = ("", "")
    """What the file that the command names ``{settings}`` contains, and where it usually is."""


_JS = tuple(f"**/migrations/*.{end}" for end in ("js", "cjs", "mjs", "ts"))
_SEQUELIZE = '["sh", "-c", "npx sequelize-cli db:migrate --url $DATABASE_URL"]'
_KNEX = '["sh", "-c", "npx knex migrate:latest --connection $DATABASE_URL"]'
"""Their own settings name a database, which is the developer's; Sequelize knows no sockets."""
TOOLS = (
    Tool("Rails", ("db/schema.rb", "db/migrate/*.rb"), "db", '["bin/rails", "db:schema:load"]'),
    Tool("Ecto", ("priv/repo/migrations/*.exs",), "priv/repo/migrations",
         '["mix", "ecto.migrate"]', tcp=True),
    Tool("Laravel", ("database/migrations/*.php",), "database/migrations",
         '["php", "artisan", "migrate", "--force"]', tcp=True),
    Tool("Doctrine", ("migrations/Version*.php",), "migrations",
         '["php", "bin/console", "doctrine:migrations:migrate", "-n"]', tcp=True),
    Tool("Knex", _JS, "{found}", _KNEX, r"\bknex\b"),
    Tool("Knex", ("knexfile.*", "*/knexfile.*"), "{found}", _KNEX),
    Tool("Sequelize", _JS, "{found}", _SEQUELIZE, r"queryInterface", True),
    Tool("Sequelize", (".sequelizerc", "*/.sequelizerc"), "{found}", _SEQUELIZE, tcp=True),
    Tool("node-pg-migrate", ("migrations/*.js", "migrations/*.ts"), "migrations",
         '["npx", "node-pg-migrate", "up"]', r"pgm\b"),
    Tool("TypeORM", ("**/migrations/*.ts", "**/migration/*.ts"), "{found}",
         '["npx", "typeorm-ts-node-commonjs", "migration:run", "-d", "{settings}"]',
         r"MigrationInterface", settings=(r"new DataSource\b", "src/data-source.ts")),
    Tool("Kysely", ("**/migrations/*.ts",), "{found}", '["npx", "kysely", "migrate:latest"]',
         r"\bKysely\b"),
    Tool("MikroORM", ("**/migrations/*.ts",), "{found}", '["npx", "mikro-orm", "migration:up"]',
         r"mikro-orm"),
    Tool("Entity Framework", ("**/Migrations/*ModelSnapshot.cs",), "{found}",
         '["dotnet", "ef", "database", "update"]', tcp=True),
    Tool("SeaORM", ("**/src/m*.rs",), "{found}", '["sea-orm-cli", "migrate", "up"]',
         r"sea_orm_migration"),
    Tool("Liquibase", ("**/*changelog*.xml", "**/*changelog*.y*ml", "**/*changelog*.sql"),
         "{found}", '["sh", "-c", "liquibase --changelog-file={file}'
         ' --url=jdbc:postgresql://$PGHOST:$PGPORT/$PGDATABASE --username=$PGUSER'
         ' --password=$PGPASSWORD update"]', tcp=True),
    Tool("Prisma without migrations", ("prisma/schema.prisma", "**/schema.prisma"), "{found}",
         '["npx", "prisma", "db", "push"]'),
    Tool("Drizzle without migrations", ("drizzle.config.*", "*/drizzle.config.*"), "{found}",
         '["npx", "drizzle-kit", "push", "--force"]'),
    Tool("Atlas", ("*.hcl", "schema/*.hcl"), "{found}",
         '["sh", "-c", "atlas schema apply --auto-approve --url $DATABASE_URL --to file://{file}"]',
         r"(?m)^\s*table\s+\""),
)  # fmt: skip
_SKIPPED = ("node_modules", ".git", "vendor", "target", "dist", "build", ".venv", "venv")


def lookalikes(project: Path) -> list[str]:
    """A paragraph for each tool whose files are in a project: what was found, and the remedy."""
    other = other_databases.of_project(project)
    if other is not None:
        return [str(other)]
    files = FilesBelow(project)
    return [*(_remedy(tool, file, files) for tool, file in _tools(files)), *_loose_sql(files)]


def programs(project: Path) -> list[str]:
    """The remedies alone, for migrations that are programs; none for a tool's other files."""
    files = FilesBelow(project)
    return [_remedy(tool, file, files) for tool, file in _tools(files) if _is_migration(file)]


def _tools(files: FilesBelow) -> Iterator[tuple[Tool, Path]]:
    """The tools of a project, each with the first file that shows it."""
    seen: set[str] = set()
    for tool in TOOLS:
        if tool.name not in seen and (file := files.first(tool)) is not None:
            seen.add(tool.name)
            yield tool, file


def _is_migration(file: Path) -> bool:
    """Whether a program is one of the migrations, by its name or its directory's."""
    code = file.suffix in (".cjs", ".cs", ".exs", ".js", ".mjs", ".php", ".rb", ".rs", ".ts")
    return code and file.parent.name.lower() in ("migrate", "migration", "migrations")


_PROJECT = frozenset(
    {".git", "package.json", "Gemfile", "composer.json", "pom.xml", "build.gradle", "mix.exs"}
    | {"build.gradle.kts", "pyproject.toml", "Cargo.toml", "go.mod", "requirements.txt"}
)
"""What the directory of a project has."""


def owner(path: Path) -> list[str]:
    """The same for a directory of migrations itself, by the tool of the project above it."""
    for one in (path.parent, path.parent.parent):
        if any((one / name).exists() for name in _PROJECT):
            return lookalikes(one)
    return []


@dataclass(frozen=True)
class FilesBelow:
    """The files of a project, but for what is installed or built."""

    project: Path

    def all(self) -> Iterator[Path]:
        """Each of them, in the order of their names."""
        yield from self._all

    @cached_property
    def _all(self) -> tuple[Path, ...]:
        return tuple(self._walked())

    def _walked(self) -> Iterator[Path]:
        for place, folders, names in os.walk(self.project):
            depth = len(Path(place).relative_to(self.project).parts)
            hidden = (n for n in folders if n.startswith("."))
            skipped = {*_SKIPPED, *hidden}
            folders[:] = sorted(n for n in folders if n not in skipped) if depth < 7 else []
            yield from (Path(place, name) for name in sorted(names))

    def first(self, tool: Tool) -> Path | None:
        """The first file that shows a tool."""
        for mark in tool.marks:
            patterns = {mark, mark.removeprefix("**/")}
            for path in self.all():
                inside = path.relative_to(self.project)
                if any(_fits(inside, one) for one in patterns) and _says(path, tool.text):
                    return path
        return None

    def settings(self, tool: Tool) -> str:
        """The file that the command of a tool names; empty where it names none."""
        says, usual = tool.settings
        programs = (path for path in self.all() if says and path.suffix in (".ts", ".js"))
        found = next((path for path in programs if _says(path, says)), self.project / usual)
        return found.relative_to(self.project).as_posix()


def _fits(path: Path, pattern: str) -> bool:
    """As ``PurePath.full_match`` of later Pythons: ``**`` is any number of directories."""
    parts = re.split(r"(\*\*/|\*)", pattern)
    made = "".join({"**/": "(?:.*/)?", "*": "[^/]*"}.get(p, re.escape(p)) for p in parts)
    return re.fullmatch(made, path.as_posix()) is not None


def _says(path: Path, text: str) -> bool:
    if not text:
        return True
    readable = os.access(path, os.R_OK, effective_ids=True)
    return readable and bool(re.search(text, path.read_text("utf-8", "replace")))


def _remedy(tool: Tool, file: Path, files: FilesBelow) -> str:
    shown = file.relative_to(files.project)
    values = {"found": shown.parent.as_posix(), "file": shown.as_posix()}
    values["settings"] = files.settings(tool)

    def filled(text: str) -> str:
        return re.sub(r"\{(found|file|settings)\}", lambda m: values[m[1]], text)

    lines = [
        f"{shown}: {tool.name}, whose migrations only the tool itself runs; in pyproject.toml:",
        "  [tool.harness]",
        '  source = "command"',
        f'  schema = "{filled(tool.schema)}"',
        f"  command = {filled(tool.command)}",
        *(["  command-tcp = true"] if tool.tcp else []),
    ]
    return "\n".join(lines)


def _loose_sql(files: FilesBelow) -> list[str]:
    """Where else there is SQL: the directories with most of it."""
    counts: dict[Path, int] = {}
    for path in files.all():
        if path.suffix == ".sql":
            counts[path.parent] = counts.get(path.parent, 0) + 1
    most = sorted(counts, key=lambda one: (-counts[one], one))[:5]
    if not most:
        return []
    named = ", ".join(
        f"{one.relative_to(files.project).as_posix()} ({counts[one]})" for one in most
    )
    said = f"SQL files are in {named}; --schema takes one of these directories, or one file. "
    return [f"{said}Where they belong together, {_index(files.project, most, counts)}"]


def _index(project: Path, most: list[Path], counts: dict[Path, int]) -> str:
    """What to write, where the directories with SQL lie: ``sql`` of ``sql/tables`` and others."""
    top = Path(os.path.commonpath(most))
    found = [file for one in counts if one.is_relative_to(top) for file in one.glob("*.sql")]
    return proposal(top, found, top.relative_to(project).as_posix())
