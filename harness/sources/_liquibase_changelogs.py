"""Liquibase's changelogs: which SQL files one includes, in which order.

XML, YAML and JSON are read for what they include, and for nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.sources.files import SQL

CHANGELOG = re.compile(r".*(?:change-?log|master).*\.(?:xml|ya?ml|json)", re.IGNORECASE)
"""What the first changelog of a project is called."""
_HARMLESS = frozenset({"include", "includeAll", "property", "preConditions"})
"""What a changelog may list that changes nothing by itself."""
_RESOURCES = "src/main/resources"


def changelogs(folder: Path) -> list[Path]:
    """The changelogs of a directory that include others, the likeliest first."""
    found = [one for one in sorted(folder.iterdir()) if CHANGELOG.fullmatch(one.name)]
    return sorted(found, key=lambda one: "master" not in one.name and "root" not in one.name)


def included(changelog: Path) -> list[Path]:
    """The SQL files that a changelog includes, itself or by others, in their order.

    Empty where one of them has changes of its own: only Liquibase knows these.
    """
    found: list[Path] = []
    return found if _collect(changelog, found, set()) else []


def _collect(changelog: Path, found: list[Path], seen: set[Path]) -> bool:
    seen.add(changelog)
    listed = _listed(changelog)
    if listed is None:
        return False
    for kind, said in listed:
        if kind not in _HARMLESS:
            return False
        for path in _named(kind, said, changelog):
            if path.suffix.lower() in SQL:
                found.append(path)
            elif path.is_file() and path not in seen and not _collect(path, found, seen):
                return False
    return True


def _listed(changelog: Path) -> list[tuple[str, Mapping[str, Any]]] | None:
    """What a changelog lists: of each entry the kind, and what it says; None for no changelog."""
    text = changelog.read_bytes()
    if changelog.suffix == ".xml":
        from xml.etree import ElementTree  # late, as yaml: few projects have either

        try:
            root = ElementTree.fromstring(text)  # noqa: S314  the project's own file
        except ElementTree.ParseError:
            return None
        return [(child.tag.rpartition("}")[2], child.attrib) for child in root]
    import yaml

    try:
        said = json.loads(text) if changelog.suffix == ".json" else yaml.safe_load(text)
        entries = said["databaseChangeLog"]
        return [(kind, dict(said)) for entry in entries for kind, said in dict(entry).items()]
    except (yaml.YAMLError, TypeError, KeyError, ValueError):
        return None


def _named(kind: str, said: Mapping[str, Any], changelog: Path) -> Iterator[Path]:
    """The files that an entry includes."""
    name = str(said.get("path" if kind == "includeAll" else "file", ""))
    if kind == "include" and name:
        yield _resolved(name.removeprefix("classpath:"), changelog)
    elif kind == "includeAll" and name:
        place = _resolved(name.removeprefix("classpath:"), changelog)
        yield from (file for file in sorted(place.rglob("*")) if file.is_file())


def _resolved(name: str, changelog: Path) -> Path:
    """What is named, against the changelog's directory or one above it; it may be missing."""
    for place in changelog.parents:
        for path in (place / name.lstrip("/"), place / _RESOURCES / name.lstrip("/")):
            if path.exists():
                return path
        if (place / ".git").exists():
            break
    return changelog.parent / name.lstrip("/")
