"""Reads the configuration of a run: where a setting is taken from, and what it may be.

Nothing else of the harness looks at ``pyproject.toml``, at the environment or at
defaults. A setting is taken from the first of: the command line, the environment
(only ``HARNESS_SERVER``, ``HARNESS_CACHE_DIR`` and ``HARNESS_TEMP_DIR``, whether it is GitHub's,
and the base of a pull request where that is asked for), ``[tool.harness]`` in
``pyproject.toml``, convention. ``DATABASE_URL`` and ``PG*`` are never read: tests must
not find production by accident.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from harness.core.config import (
    ACCESS,
    GATE,
    KEYS,
    MIGRATIONS,
    MUTATION,
    PROPERTIES,
    TESTS_CONVENTIONS,
    Config,
    Keys,
)
from harness.core.errors import ConfigError
from harness.core.files import of_toml, table_of
from harness.core.text import nearest


class FoundSchema(Protocol):
    """What looking for a schema has found."""

    @property
    def path(self) -> Path | None:
        """The schema; None where there is none, or several are."""

    @property
    def choices(self) -> tuple[Path, ...]:
        """Those several."""

    def tests(self) -> tuple[Path, ...]:
        """Directories with assertion files, which are looked for when this is asked."""


Find = Callable[[Path, Path], FoundSchema]
"""``find(start, root)``: the schema of a project, for a command that is run in ``start``."""


def load(
    start: Path | None = None, find: Find | None = None, *, writes_tests: bool = False, **flags: Any
) -> Config:
    """The configuration for a directory, with the command line's flags on top.

    ``find`` looks for the schema where none is named. With ``writes_tests``, the place of the tests
    need not exist yet. A flag that is None was not given. Raises ConfigError for unknown or
    unusable values.
    """
    try:
        folder = (start or Path.cwd()).resolve()
    except FileNotFoundError:
        raise ConfigError("the working directory is gone: cd to the project") from None
    root, table = _pyproject(folder)
    values = _checked(table, f"{root / 'pyproject.toml'}: [tool.harness]")
    values |= _environment(os.environ)
    given = _checked({k: v for k, v in flags.items() if v is not None}, "option")
    start_with = Config(root=root, configured=table is not None, **_github(os.environ))
    own = _set(start_with, values, root)
    config = _set(own, given, folder)
    explicit = values.keys() | given.keys()
    found = find(folder, root) if find is not None else None
    if found is not None and "schema" not in values:
        if "schema" not in given:
            own = config = replace(config, schema=found.path, choices=found.choices)
        elif own.properties or own.access:  # which know names of the project's schema
            own = replace(own, schema=found.path)
        else:
            own = config
    config = replace(
        _conventional(config, explicit), since_refs=_since_refs(config.since, os.environ)
    )
    if found is not None and not config.tests and "tests" not in explicit:
        config = replace(config, tests=found.tests())
    config = config if config.schema == own.schema else _about_another(config)
    return _existing(config, writes_tests)


def _set(config: Config, settings: Mapping[str, Any], base: Path) -> Config:
    values = {key: converted(key, value, base) for key, value in settings.items()}
    if "variables" in values:  # those of the command line on top of the project's
        values["variables"] = {**config.variables, **values["variables"]}
    return replace(config, **values)


def _about_another(config: Config) -> Config:
    """What is configured of the project's schema is not said of one that a flag names."""
    kept = {k: v for k, v in config.properties.items() if k not in ("record", "tenant")}
    access = {k: v for k, v in config.access.items() if k != "record"}
    return replace(config, properties=kept, access=access, elsewhere=True)


def _pyproject(folder: Path) -> tuple[Path, dict[str, Any] | None]:
    for candidate in (folder, *folder.parents):
        path = candidate / "pyproject.toml"
        if path.is_file():
            return candidate, _tool_harness(path)
    return folder, None


def _tool_harness(path: Path) -> dict[str, Any] | None:
    try:
        table = table_of(of_toml(path.read_text(encoding="utf-8")), "tool").get("harness")
    except (ValueError, OSError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.harness] must be a table")
    return table


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    names = {key: f"HARNESS_{key.upper()}" for key in ("server", "cache_dir", "temp_dir")}
    return {key: environ[name] for key, name in names.items() if environ.get(name)}


def _github(environ: Mapping[str, str]) -> dict[str, Any]:
    if environ.get("GITHUB_ACTIONS") != "true":
        return {}
    summary = environ.get("GITHUB_STEP_SUMMARY")
    return {"github": True, "github_summary": Path(summary) if summary else None}


def _since_refs(since: str | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The git references that ``since`` stands for, the most exact first."""
    if since in (None, "none"):
        return ()
    if since != "auto":
        return (str(since),)
    # The first names a commit. GitHub's and GitLab's checkouts fetch the others as branches.
    names = ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "GITHUB_BASE_REF")
    commit, github = (environ.get(name, "") for name in names)
    gitlab = environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
    branches = [f"origin/{name}" for name in (github, gitlab) if name]
    return tuple(filter(None, [commit, *branches]))


def _checked(table: Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    known = {key.replace("_", "-"): key for key in KEYS}
    checked = {}
    for key, value in (table or {}).items():
        plain = key.replace("_", "-")
        if plain not in known:
            raise ConfigError(f"{where}: unknown key {key!r}{nearest(plain, known)}")
        checked[known[plain]] = value
    return checked


def _conventional(config: Config, explicit: Collection[str]) -> Config:
    """Fill what nobody said."""
    if "schema" in explicit and config.schema is None:
        config = replace(config, schemaless=True)
    if "tests" not in explicit:
        places = [config.root / name for name in TESTS_CONVENTIONS]
        config = replace(config, tests=tuple(path for path in places if path.is_dir())[:1])
    return replace(config, jobs=config.jobs or os.cpu_count() or 1)


def _existing(config: Config, writes_tests: bool) -> Config:
    if config.schema is not None and not config.schema.exists():
        raise ConfigError(f"schema: {config.schema} does not exist; name another with --schema")
    for path in config.tests:
        if not path.exists() and not writes_tests:
            raise ConfigError(f"tests: {path} does not exist; name another with --tests")
    for path in config.before:
        if not path.is_file():
            raise ConfigError(f"before: {path} is not a file")
    return config


# --- what a setting may be -------------------------------------------------------------


def converted(key: str, value: Any, base: Path) -> Any:
    """One setting in its type, paths against ``base``."""
    try:
        return converter(key)(value, base)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{key}: {error}") from error


def converter(key: str) -> Callable[[Any, Path], Any]:
    """What makes a setting's value of what is written in a file or on a command line."""
    return _CONVERSIONS.get(key, _text)


def _text(value: Any, _: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"a string is expected, not {value!r}")
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


def _versions(value: Any, _: Path) -> tuple[int, ...]:
    many = value if isinstance(value, (list, tuple)) else [value]
    wrong = [one for one in many if isinstance(one, bool) or not str(one).isdecimal()]
    if not many or wrong:
        raise ValueError(
            f"major versions of PostgreSQL such as [16, 17] are expected, not {value!r}"
        )
    return tuple(dict.fromkeys(int(one) for one in many))


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
        raise TypeError("a table of strings is expected, such as { owner = 'alice' }")
    for name in value:
        if not re.fullmatch(r"(?:\w|[^\x00-\x7f])+", name, re.ASCII):
            raise ValueError(f"{name!r} cannot be the name of a variable")
    return {name: str(v) for name, v in value.items()}


@dataclass(frozen=True)
class _Table:
    """A table below ``[tool.harness]`` that has these keys."""

    name: str
    keys: Keys

    def __call__(self, value: Any, _: Path) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise TypeError(f"a table is expected: [tool.harness.{self.name}]")
        for key, given in value.items():
            if key not in self.keys:
                raise ValueError(f"unknown key {key!r}{nearest(key, list(self.keys))}")
            kind, wanted, *_for = self.keys[key]
            whole = kind is float and type(given) is int
            listed = isinstance(kind, tuple) and isinstance(given, bool | str) and given in kind
            if type(given) is not kind and not whole and not listed:
                raise ValueError(f"{key}: {wanted} is expected, not {given!r}")
        return value


_CONVERSIONS: dict[str, Callable[[Any, Path], Any]] = {
    "schema": _schema,
    "tests": _paths,
    "before": _paths,
    "create_roles": _switch,
    "bindir": _path,
    "versions": _versions,
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
    "properties": _Table("properties", PROPERTIES),
    "access": _Table("access", ACCESS),
    "migrations": _Table("migrations", MIGRATIONS),
    "mutation": _Table("mutation", MUTATION),
    "gate": _Table("gate", GATE),
}


TABLES = {key: one.keys for key, one in _CONVERSIONS.items() if isinstance(one, _Table)}
"""Key that is a table of its own -> the keys of that table."""
