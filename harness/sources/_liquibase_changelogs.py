"""Liquibase's changelogs: which SQL files one includes, in which order.

XML, YAML and JSON are read for what they include, and for nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from harness.sources.files import SQL

CHANGELOG = re.compile(r".*(?:change-?log|master).*\.(?:xml|ya?ml|json)", re.IGNORECASE)
"""What the first changelog of a project is called."""
_INCLUDES = re.compile(
    r"""<include\b[^>]*?\bfile\s*=\s*["'](?P<xml>[^"']+)"""
    r"""|<includeAll\b[^>]*?\bpath\s*=\s*["'](?P<xml_all>[^"']+)"""
    r"""|\binclude"?\s*:\s*\{?[^}]*?\bfile"?\s*:\s*["']?(?P<list>[^\s"',}]+)"""
    r"""|\bincludeAll"?\s*:\s*\{?[^}]*?\bpath"?\s*:\s*["']?(?P<list_all>[^\s"',}]+)"""
)
_CHANGES = re.compile(r"<changeSet\b|\bchangeSet\"?\s*:")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
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
    text = _COMMENT.sub("", changelog.read_text("utf-8", "replace"))
    if changelog.suffix != ".xml":
        text = re.sub(r"(?m)^\s*#.*$", "", text)
    if _CHANGES.search(text):
        return False
    for path in _named(text, changelog):
        if path.suffix.lower() in SQL:
            found.append(path)
        elif path.is_file() and path not in seen and not _collect(path, found, seen):
            return False
    return True


def _named(text: str, changelog: Path) -> Iterator[Path]:
    for one in _INCLUDES.finditer(text):
        name = one[one.lastgroup or 0].removeprefix("classpath:")
        path = _resolved(name, changelog)
        if one.lastgroup in ("xml_all", "list_all"):
            yield from (file for file in sorted(path.rglob("*")) if file.is_file())
        else:
            yield path


def _resolved(name: str, changelog: Path) -> Path:
    """What is named, against the changelog's directory or one above it; it may be missing."""
    for place in changelog.parents:
        for path in (place / name.lstrip("/"), place / _RESOURCES / name.lstrip("/")):
            if path.exists():
                return path
        if (place / ".git").exists():
            break
    return changelog.parent / name.lstrip("/")
