"""What a run depends on, as far as files and versions tell it: the keys of what is remembered."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import fields
from pathlib import Path

from harness.core.config import Config
from harness.core.digests import content
from harness.core.results import SQL
from harness.sources import SchemaSource

_NO_MATTER = frozenset({"jobs", "cache_dir", "temp_dir", "github", "github_summary"})
"""Settings that change nothing of what is found."""
_COPIES = re.compile(rb"\\copy\b")
_READS = re.compile(rb"\\(?:i|ir|include|include_relative|copy)\b")
"""Commands of psql that read another file; what tests and migrations include is known."""


def told_by_files(config: Config, source: SchemaSource) -> bool:
    """Whether a server of ours has the schema that SQL files say, with what they include."""
    if config.server or not source.migrations or any(p.suffix not in SQL for p in source.files):
        return False
    return not any(_READS.search(content(path)) for path in config.before)


def copies(paths: Collection[Path]) -> bool:
    """Whether a script copies from a file on the client, which nobody follows."""
    return any(_COPIES.search(content(path)) for path in paths)


def settings(config: Config) -> Iterator[str]:
    """The configuration, with the command line in it."""
    for field in fields(config):
        if field.name not in _NO_MATTER:
            yield f"{field.name}={getattr(config, field.name)!r}"


def contents(config: Config, source: SchemaSource) -> Iterator[bytes | str]:
    """What the schema is made of, and how it is undone."""
    yield source.fingerprint()
    own = {path for one in source.migrations for path in (one.up, one.down) if path}
    for path in (*source.counted, *source.files, *config.before, *sorted(own)):
        yield str(path)
        yield content(path)
    for folder in sorted({path.parent for path in (*source.files, *own)}):
        # What lies beside the migrations, and is none, is said, too.
        yield " ".join(sorted(path.name for path in folder.iterdir())) if folder.is_dir() else ""


def installed() -> Iterator[str]:
    """Python, and the names of what is installed, which hold versions."""
    yield sys.version
    names = {
        entry.name
        for place in map(Path, dict.fromkeys(sys.path))
        if place.is_dir()
        for entry in place.iterdir()
        if entry.suffix == ".dist-info"
    }
    yield from sorted(names)
