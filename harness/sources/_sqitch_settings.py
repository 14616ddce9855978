"""sqitch.conf: where a project has its plan and its scripts, and its variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import ConfigError
from harness.sources.files import read
from harness.sources.recognition import SQITCH_CONF, SQITCH_PLAN

_HEADER = re.compile(r"\s*\[\s*([\w.-]+)(\s+\"[^\"]*\")?\s*\]")
_VALUE = re.compile(
    r"(?P<key>[\w-]+)\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<plain>[^#;\"]*?))\s*(?:[#;].*)?"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Directories are absolute; ``variables`` are psql's, by what they are for."""

    plan: Path
    folders: Mapping[str, Path]
    """Of ``deploy``, ``revert`` and ``verify``."""
    reworked: Mapping[str, Path]
    """The same, for changes that a later one of the same name replaces."""
    extension: str
    variables: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, root: Path) -> Settings:
        """The settings of a project's root. ConfigError where it is not for PostgreSQL."""
        parser = _parsed(root / SQITCH_CONF)
        values = _section(parser, "core") | _section(parser, 'engine "pg"')
        if (engine := values.get("engine", "pg")) != "pg":
            raise ConfigError(f"{root / SQITCH_CONF}: engine = {engine}: only pg is supported")
        top = root / values.get("top_dir", ".")
        folders = {way: _place(root, values, f"{way}_dir", top / way) for way in WAYS}
        again = values.get("reworked_dir")
        usual = {way: root / again / way if again else folders[way] for way in WAYS}
        reworked = {way: _place(root, values, f"reworked_{way}_dir", usual[way]) for way in WAYS}
        plan = _place(root, values, "plan_file", top / SQITCH_PLAN)
        return cls(plan, folders, reworked, values.get("extension", "sql"), _variables(parser))


WAYS = ("deploy", "revert", "verify")


def _place(root: Path, values: Mapping[str, str], key: str, usual: Path) -> Path:
    return (root / values[key] if key in values else usual).resolve()


def _parsed(path: Path) -> ConfigParser:
    """Git's form: indented keys, ``[section "name"]``, comments with ``#`` or ``;``."""
    parser = ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # variables have their case
    if path.is_file():
        try:
            parser.read_string("\n".join(map(_line, read(path))), str(path))
        except Error as error:
            raise ConfigError(f"{path}: {error}") from None
    return parser


def _line(line: str) -> str:
    """A line without what follows a value, sections in lower case up to their second part."""
    if found := _HEADER.match(line):
        return f"[{found[1].lower()}{found[2] or ''}]"
    if found := _VALUE.fullmatch(line.strip()):
        return f"{found['key']} = {found['quoted'] or found['plain'] or ''}"
    return line.strip()


def _section(parser: ConfigParser, name: str) -> dict[str, str]:
    items = parser.items(name) if parser.has_section(name) else []
    own_case = name.endswith('variables"')
    return {key if own_case else key.lower(): value or "" for key, value in items}


def _variables(parser: ConfigParser) -> dict[str, dict[str, str]]:
    """Those of deploying hold for reverting and verifying as well."""
    names = ('core "variables"', 'engine "pg.variables"', 'deploy "variables"')
    common = {key: value for name in names for key, value in _section(parser, name).items()}
    return {way: common | _section(parser, f'{way} "variables"') for way in WAYS}
