"""The settings of ``[tool.harness]``: keys, what belongs there, one value in its type."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.core.errors import ConfigError
from harness.core.text import nearest

Keys = Mapping[str, tuple[type, str]]
"""Key -> type and what is expected, in words."""

PROPERTIES: Keys = {
    "enabled": (bool, "true or false"),
    "tenant": (str, "the name of a column"),
    "examples": (int, "a number"),
    "allow": (dict, "a table of property = reason"),
    "record": (str, "the path of a file"),
}


MIGRATIONS: Keys = {
    "enabled": (bool, "true or false"),
    "blocked": (float, "a number of seconds such as 1.0"),
    "rows": (int, "a number"),
    "many": (int, "a number"),
    "reversible": (bool, "true or false"),
    "allow": (dict, "a table of revision::rule = reason"),
}


def checked(name: str, known: Keys, value: Any) -> dict[str, Any]:
    """The table of that name. Raises TypeError, ValueError for what does not belong there."""
    if not isinstance(value, dict):
        raise TypeError(f"a table is expected: [tool.harness.{name}]")
    for key, given in value.items():
        if key not in known:
            raise ValueError(f"unknown key {key!r}{nearest(key, list(known))}")
        kind, wanted = known[key]
        whole = kind is float and type(given) is int
        if type(given) is not kind and not whole:
            raise ValueError(f"{key}: {wanted} is expected, not {given!r}")
    return value


def converted(key: str, value: Any, base: Path) -> Any:
    """One setting in its type, paths against ``base``."""
    convert = _CONVERSIONS.get(key, _text)
    try:
        return convert(value, base)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{key}: {error}") from error


def _text(value: Any, _: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"a text is expected, not {value!r}")
    return value


def _path(value: Any, base: Path) -> Path:
    return (base / Path(_text(str(value), base)).expanduser()).resolve()


def _schema(value: Any, base: Path) -> Path | None:
    return None if str(value) == "none" else _path(value, base)


def _paths(value: Any, base: Path) -> tuple[Path, ...]:
    many = value if isinstance(value, (list, tuple)) else [value]
    return tuple(_path(one, base) for one in many)


def _words(value: Any, _: Path) -> tuple[str, ...]:
    """A program and its arguments: a list, or a text that is split as a shell would."""
    words = shlex.split(value) if isinstance(value, str) else value
    if not isinstance(words, (list, tuple)) or not words or not all(map(_is_word, words)):
        raise ValueError(f"a program and its arguments are expected, not {value!r}")
    return tuple(words)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _variable(value: Any, _: Path) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError(f"the name of an environment variable is expected, not {value!r}")
    return value


def _switch(value: Any, _: Path) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"true or false is expected, not {value!r}")
    return value


def _choice(value: Any, _: Path) -> str:
    if value not in ("builtin", "extension"):
        raise ValueError(f"'builtin' or 'extension' is expected, not {value!r}")
    return str(value)


def _jobs(value: Any, _: Path) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) < 1:
        raise ValueError(f"a number of at least 1 is expected, not {value!r}")
    return int(value)


def _seconds(value: Any, _: Path) -> float:
    try:
        seconds = 0.0 if isinstance(value, bool) else float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ValueError(f"a number of seconds above 0 is expected, not {value!r}")
    return seconds


def _settings(value: Any, _: Path) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("a table of server settings is expected, such as { work_mem = '64MB' }")
    on_off = {True: "on", False: "off"}
    return {k: on_off[v] if isinstance(v, bool) else str(v) for k, v in value.items()}


def _variables(value: Any, _: Path) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, (str, int)) for v in value.values()):
        raise TypeError("a table of texts is expected, such as { owner = 'alice' }")
    for name in value:
        if not re.fullmatch(r"(?:\w|[^\x00-\x7f])+", name, re.ASCII):
            raise ValueError(f"{name!r} cannot be the name of a variable")
    return {name: str(v) for name, v in value.items()}


def _table(name: str, keys: Keys) -> Callable[[Any, Path], dict[str, Any]]:
    return lambda value, _: checked(name, keys, value)


_CONVERSIONS = {
    "schema": _schema,
    "tests": _paths,
    "bindir": _path,
    "cache_dir": _path,
    "temp_dir": _path,
    "command": _words,
    "command_down": _words,
    "command_url": _variable,
    "command_tcp": _switch,
    "strict": _switch,
    "fail_on": _words,
    "pgtap": _choice,
    "jobs": _jobs,
    "timeout": _seconds,
    "settings": _settings,
    "variables": _variables,
    "properties": _table("properties", PROPERTIES),
    "migrations": _table("migrations", MIGRATIONS),
}
