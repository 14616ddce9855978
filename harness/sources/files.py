"""Which files a directory of migrations has: their names, their numbers, lines that mark them.

Nothing here loads more than the standard library: a project is looked at before anything else is
loaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from harness.core.errors import ConfigError, ScriptError


def sql_files(path: Path) -> list[Path]:
    """The SQL files of a directory in the order of their names; a file is its own."""
    return [path] if path.is_file() else sorted(path.glob("*.sql"))


def folder(path: Path, *below: str) -> Path:
    """The directory of a project that has the migrations: itself, else a usual one below it."""
    places = (path, *(path / name for name in below))
    return next((place for place in places if sql_files(place)), path)


def marked(path: Path, marker: re.Pattern[str]) -> bool:
    """Whether a line of one of the files is the marker of a tool."""
    found = sql_files(path)
    return any(marker.match(line) for file in found for line in read(file, "replace"))


def numbered(found: list[Path], pattern: re.Pattern[str], tool: str) -> dict[Path, int]:
    """File -> version, group 1 of its name's match; ConfigError where none or not its own."""
    versions: dict[Path, int] = {}
    owners: dict[int, Path] = {}
    for file in found:
        match = pattern.fullmatch(file.name)
        if match is None:
            raise ConfigError(
                f"{file}: {tool} would skip it: its name has no version; move it out of"
                f" {file.parent}, or rename it{_renamed(file, found, pattern)} if it is a migration"
            )
        versions[file] = number = int(match[1])
        if (other := owners.setdefault(number, file)) != file:
            raise ConfigError(
                f"{file}: {tool} knows version {number} as {other.name} already; rename one of"
                f" them{_renamed(file, found, pattern)}, or move it out of {file.parent}"
            )
    return versions


def _renamed(file: Path, found: list[Path], pattern: re.Pattern[str]) -> str:
    """`` to 0004_name.sql``: the name that a file would have as the last one; empty for none."""
    used = (re.match(r"\d+", one.name) for one in found if pattern.fullmatch(one.name))
    last = max((match[0] for match in used if match), key=int, default="0")
    number = str(int(last) + 1).zfill(len(last))
    stem = re.sub(r"^[\W\d_]+", "", file.stem) or file.stem
    kind = file.stem.rpartition(".")[2]
    if kind == "down":  # its number is that of the file that it undoes
        return ""
    ends = [f".{kind}.sql" if kind == "up" else ".sql", ".sql", ".up.sql"]
    names = (f"{number}_{stem.removesuffix(f'.{kind}')}{end}" for end in ends)
    return next((f" to {name}" for name in names if pattern.fullmatch(name)), "")


SQL = frozenset({".sql", ".ddl", ".pgsql", ".psql"})
"""How the names of files end that hold SQL, in small letters."""
_CODE = frozenset(
    {".cjs", ".cs", ".ex", ".exs", ".go", ".java", ".js", ".kt", ".mjs", ".php", ".pl", ".py"}
    | {".rb", ".rs", ".sh", ".ts"}
)
_ASIDE = frozenset(
    {"seed", "seeds", "test", "tests", "fixture", "fixtures", "testdata", "example", "examples"}
    | {"archive", "archived", "backup", "backups", "deprecated", "legacy", "old", "rollback"}
    | {"rollbacks", "down", "queries", "manual", "docs"}
)
"""Directories below the migrations that hold no part of a schema."""
_SKIPPED = frozenset({"__pycache__", "node_modules"})
_PROGRAMS = frozenset({".cjs", ".go", ".js", ".mjs", ".php", ".py", ".rb", ".ts"})
_NUMBERED = re.compile(r"\d+[_.-]")
_BELOW = ("sql", "sqls")
"""Directories of SQL files that programs in the directory above run."""


def numbered_programs(folder: Path) -> list[Path]:
    """Programs among the SQL files of a directory, named as migrations are."""
    places = (folder, folder.parent) if folder.name in _BELOW else (folder,)
    return [
        path
        for place in places
        for path in sorted(place.iterdir())
        if path.suffix in _PROGRAMS and _NUMBERED.match(path.name)
    ]


def passed_over(place: Path, known: Iterable[Path], aside: bool = False) -> list[Path]:
    """Files in a directory or below it that may be a part of the schema and are not known.

    With ``aside`` also those in directories that hold seeds or tests, by their names, and
    programs; without, SQL alone.
    """
    named = {*known}
    wanted = SQL | _CODE if aside else SQL
    left = [
        path
        for path in sorted(place.rglob("*"))
        if path.suffix.lower() in wanted and path not in named and path.is_file()
    ]
    found = {path.resolve() for path in named} if left else set[Path]()
    return [
        path
        for path in left
        if path.resolve() not in found and not _hidden(path.relative_to(place), aside)
    ]


def _hidden(path: Path, aside: bool) -> bool:
    names = {part.lower() for part in path.parts[:-1]}
    own = path.name == "__init__.py" or any(part.startswith(".") for part in path.parts)
    return own or bool(names & (_SKIPPED if aside else _SKIPPED | _ASIDE))


def by_command(place: Path, *command: str) -> str:
    """The remedy for migrations that only their tool runs: what to write into pyproject.toml."""
    words = ", ".join(json.dumps(word) for word in command)
    return "\n".join(
        [
            "in pyproject.toml, with the command that your project migrates with:",
            "  [tool.harness]",
            '  source = "command"',
            f"  schema = {json.dumps(str(place))}",
            f"  command = [{words}]",
        ]
    )


def read(path: Path, errors: str = "strict") -> list[str]:
    """The lines of a file, without their newline. Raises ScriptError."""
    try:
        content = path.read_bytes()
        return content.decode("utf-8-sig", errors).split("\n")
    except OSError as error:
        raise ScriptError(path, 1, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ScriptError(path, line, "not valid UTF-8") from None
