"""The files that sqlfluff is told to leave alone, without loading sqlfluff.

``.sqlfluffignore`` has patterns as ``.gitignore`` has them; so has the setting ``ignore_paths`` of
``.sqlfluff`` and of ``pyproject.toml``. Each is about the directory that it stands in and those
below. sqlfluff looks into the directories between the working directory and a file; the directory
of the configuration stands for the working directory here.
"""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from harness.core.errors import ConfigError


def not_ignored(files: Iterable[Path], root: Path) -> list[Path]:
    """The files that no pattern leaves out, in their order. Raises ConfigError."""
    return [path for path in files if not _is_ignored(path, root)]


def _is_ignored(path: Path, root: Path) -> bool:
    return any(
        spec.match_file(path.relative_to(folder).as_posix())
        for folder in _between(path.parent, root)
        for spec in _specs(folder)
    )


def _between(folder: Path, root: Path) -> Iterator[Path]:
    """A file's directory and those above it, up to the root if that is one."""
    yield folder
    if folder != root and root in folder.parents:
        for above in folder.parents:
            yield above
            if above == root:
                return


@cache
def _specs(folder: Path) -> tuple[Any, ...]:
    lines = [found for found in map(_lines, map(folder.joinpath, _READERS)) if found]
    if not lines:
        return ()
    from pathspec import GitIgnoreSpec  # late: hardly any project has such a file

    return tuple(GitIgnoreSpec.from_lines(several) for several in lines)


def _lines(path: Path) -> Sequence[str]:
    if not path.is_file():
        return ()
    try:
        return _READERS[path.name](path.read_text("utf-8"))
    except (ValueError, configparser.Error) as error:
        raise ConfigError(f"{path}: {error}") from None


def _of_ini(text: str) -> Sequence[str]:
    if "ignore_paths" not in text:
        return ()
    parser = configparser.ConfigParser(delimiters="=", interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    return _several(parser.get("sqlfluff", "ignore_paths", fallback=""))


def _of_toml(text: str) -> Sequence[str]:
    if "ignore_paths" not in text:
        return ()
    core = tomllib.loads(text).get("tool", {}).get("sqlfluff", {}).get("core", {})
    return _several(core.get("ignore_paths", ""))


def _several(value: object) -> Sequence[str]:
    """Patterns in a list, or in a text with commas."""
    if isinstance(value, list):
        return [str(one) for one in value]
    return [one.strip() for one in str(value).split(",") if one.strip()]


_READERS: dict[str, Callable[[str], Sequence[str]]] = {
    ".sqlfluffignore": str.splitlines,
    ".sqlfluff": _of_ini,
    "pyproject.toml": _of_toml,
}
