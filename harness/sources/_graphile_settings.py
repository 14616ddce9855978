"""The settings of graphile-migrate: ``.gmrc``, which is JSON with comments and trailing commas.

``"placeholders": {":DATABASE_VISITOR": "!ENV"}`` asks the environment for a value. One that is set
nowhere gets its own name in small letters: what matters in a run is that it is the same everywhere.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path
from typing import Any

from harness.core.errors import ConfigError
from harness.sources.files import read

GMRC = ".gmrc"
_EXAMPLES = (".env", ".env.example", ".env.sample", ".env.template", ".env.dist")
_TOKEN = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|//[^\n]*|/\*.*?\*/"
    r"|(?P<comma>,)(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])|(?P<key>[A-Za-z_$][\w$]*)(?=\s*:)",
    re.DOTALL,
)
"""What JSON5 has and JSON has not: comments, a comma at the end, keys and texts without quotes."""
_VARIABLE = re.compile(r"\s*(?:export\s+)?(?P<name>\w+)\s*=\s*(?P<value>.*?)\s*$")


@dataclass(frozen=True)
class Settings:
    """What ``.gmrc`` says, as far as it changes which SQL is run."""

    placeholders: Mapping[str, str] = field(default_factory=dict)
    """Name with its colon -> what is put in its place."""
    invented: tuple[str, ...] = ()
    """Variables that are set nowhere."""
    session: Mapping[str, str] = field(default_factory=dict)
    """Settings of the session: ``pgSettings``."""
    first: tuple[Path, ...] = ()
    """SQL that is run on a new database before the migrations: ``afterReset``."""
    commands: tuple[str, ...] = ()
    """Programs that ``afterReset`` runs there, too."""


def settings(project: Path, migrations: Path) -> Settings:
    """Those of a project; none where it has no ``.gmrc``. Raises ConfigError."""
    path = project / GMRC
    if not path.is_file():
        return Settings()
    found = _parsed(path)
    placeholders, invented = _placeholders(found.get("placeholders") or {}, project)
    actions = list(_actions(found.get("afterReset")))
    files = [Path(normpath(migrations / action)) for kind, action in actions if kind == "sql"]
    if missing := [file for file in files if not file.is_file()]:
        raise ConfigError(f"{path}: afterReset names {missing[0]}, which is not there")
    session = {str(k): str(v) for k, v in (found.get("pgSettings") or {}).items()}
    commands = tuple(action for kind, action in actions if kind != "sql")
    return Settings(placeholders, invented, session, tuple(files), commands)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_TOKEN.sub(_as_json, "\n".join(read(path))))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: settings in braces are expected")
    return found


def _as_json(token: re.Match[str]) -> str:
    if text := token["text"]:
        return text if text[0] == '"' else json.dumps(text[1:-1].replace("\\'", "'"))
    if key := token["key"]:
        return json.dumps(key)
    return "\n" * token[0].count("\n")  # the lines of messages stay


def _placeholders(
    given: Mapping[str, Any], project: Path
) -> tuple[dict[str, str], tuple[str, ...]]:
    known: dict[str, str] = {}
    invented: list[str] = []
    for placeholder, value in given.items():
        name = placeholder.removeprefix(":")
        if value == "!ENV":
            value = os.environ.get(name) or _of_files(project, name)
            if not value:
                value = name.lower()
                invented.append(name)
        known[placeholder] = str(value)
    return known, tuple(invented)


def _of_files(project: Path, name: str) -> str:
    """The value of a variable in the project's ``.env``, or in the example of one."""
    for place in (project, project.parent, project.parent.parent):
        for file in (place / one for one in _EXAMPLES):
            for line in read(file, "replace") if file.is_file() else ():
                found = _VARIABLE.match(line)
                if found and found["name"] == name and (value := found["value"].strip("\"'")):
                    return value
        if (place / ".git").exists():
            break
    return ""


def _actions(given: Any) -> Iterator[tuple[str, str]]:
    """``sql`` and a file, or ``command`` and a program, for a database that is no shadow."""
    for action in given if isinstance(given, list) else [given] if given else []:
        if isinstance(action, str):
            yield "sql", action.removeprefix("!")
        elif action.get("shadow") is not True:
            kind = str(action.get("_", "sql"))
            yield kind, str(action.get("file" if kind == "sql" else "command", ""))
