"""Which revisions and files of a project were there before, so that nobody judges them.

Two things make a revision old: a *baseline* in the configuration, up to which the history is as it
is, and ``--since REF``, which tells what a change touches. A revision that was edited since counts
as new, and so does one that sorts before the baseline and came later: the baseline's file names
those that were there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from harness.core.changes import Changes, changes_of, edited_files
from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.text import count, nearest
from harness.sources.base import Migration, SchemaSource
from harness.sources.ordered import Ordered

BASELINE_FILE = "harness-baseline.txt"
"""In the project's directory: what was there at the baseline."""
COVERED = "revision  "
"""What a line of it begins with that names a revision which was there."""


@dataclass(frozen=True, slots=True)
class Age:
    """What of a project is old."""

    old: tuple[Migration, ...]
    """Revisions that are applied and not judged."""
    new: tuple[Migration, ...]
    baseline: str
    """The last revision of the baseline, by its whole name; empty where there is none."""
    changes: Changes | None
    edited: tuple[Path, ...]
    """Files of revisions that the reference has otherwise."""
    late: tuple[str, ...]
    """Revisions that sort before the baseline and came after it."""
    old_files: frozenset[Path]
    """The up and down migrations of the old revisions."""

    def is_old(self, path: Path) -> bool:
        """Whether nobody judges a file by itself.

        A baseline is about revisions only; of other files a reference knows which are old.
        """
        if path in self.old_files:
            return True
        return self.changes is not None and not self.changes.is_new(path)

    @property
    def remarks(self) -> list[str]:
        """What is said once of a run."""
        said = []
        if self.baseline:
            said.append(f"baseline {self.baseline}: what was there by then is not judged")
        if self.changes is not None:
            revisions = count(len(self.new), "revision")
            said.append(f"since {self.changes.since}: {revisions} judged, {len(self.old)} old")
        root = self.changes.top if self.changes is not None else Path()
        said += [f"edited since, so it counts as new: {p.relative_to(root)}" for p in self.edited]
        if self.late:
            said.append(f"not in {BASELINE_FILE}, so it counts as new: {', '.join(self.late)}")
        return said


def age_of(config: Config, source: SchemaSource | None) -> Age | None:
    """What is old by the configuration; None where everything is judged. Raises ConfigError."""
    if config.elsewhere or not (config.baseline or config.since_refs):
        return None
    every = source.migrations if source is not None else ()
    baseline = _named(config, source) if config.baseline and source is not None else ""
    names = [one.name for one in every]
    last = names.index(baseline) if baseline else -1
    changes = changes_of(config)
    covered = _covered(config.root / BASELINE_FILE) if baseline else frozenset()
    before = names[: last + 1]
    if baseline in covered:  # else the file is of another baseline, or of none
        before = [name for name in before if name in covered]
    late = tuple(name for name in names[: last + 1] if name not in before)
    old = [one for one in every if one.name in before]
    edited: list[Path] = []
    if changes is not None and source is not None:
        own = dict.fromkeys(path for one in every for path in (one.up, one.down) if path)
        edited = edited_files(changes, own)
        new_files = {path for path in own if changes.is_new(path)}
        included = [p for p in source.counted if p not in own and changes.is_new(p)]
        old = [
            one
            for one in every
            if not {one.up, one.down} & {*edited}
            and one.name not in late
            and (one.name in before or not _is_new(one, new_files, included))
        ]
    kept = {one.name for one in old}
    new = [one for one in every if one.name not in kept]
    old_files = frozenset(path for one in old for path in (one.up, one.down) if path)
    return Age(tuple(old), tuple(new), baseline, changes, tuple(edited), late, old_files)


def _covered(path: Path) -> frozenset[str]:
    """The revisions that were there when the file was written; none where there is no file."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:  # whoever reads the results in it says so
        return frozenset()
    return frozenset(line[len(COVERED) :].strip() for line in lines if line.startswith(COVERED))


def _is_new(one: Migration, new_files: set[Path], included: list[Path]) -> bool:
    """Whether a revision, or a file that it includes by its name, is not as it was."""
    if {one.up, one.down} & new_files:
        return True
    if not included:
        return False
    text = one.up.read_text("utf-8", "replace")
    return any(path.name in text for path in included)


def _named(config: Config, source: SchemaSource) -> str:
    """The revision that ``baseline`` means: its name, or an unambiguous beginning of it."""
    wanted = config.baseline or ""
    names = [one.name for one in source.migrations]
    found = [name for name in names if name == wanted] or [
        name for name in names if name.startswith(wanted)
    ]
    if len(found) == 1:
        return found[0]
    if not names:
        raise ConfigError(f"baseline: {source.name} does not tell its revisions one by one")
    if found:
        raise ConfigError(f"baseline: {wanted!r} could be {', '.join(found)}")
    raise ConfigError(f"baseline: there is no revision {wanted!r}{nearest(wanted, names)}")


def without(source: SchemaSource, names: frozenset[str]) -> SchemaSource:
    """The same source without some of its last revisions."""
    left = tuple(one for one in source.migrations if one.name not in names)
    if isinstance(source, Ordered):
        return replace(source, migrations=left)
    earlier: Any = _Earlier(source, left)  # which has the rest of the original
    found: SchemaSource = earlier
    return found


@dataclass(frozen=True)
class _Earlier:
    """A source as it was when it had only these revisions, which its tool applies one by one."""

    _original: SchemaSource
    migrations: tuple[Migration, ...]

    def __getattr__(self, name: str) -> Any:
        """What is no different."""
        return getattr(self._original, name)

    def fingerprint(self) -> str:
        """The original's, and the last revision."""
        last = self.migrations[-1].name if self.migrations else ""
        return f"{self._original.fingerprint()}-{last}"

    def apply(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        """Apply these, one by one."""
        self._original.prepare(connection)
        for one in self.migrations:
            self._original.upgrade(connection, one)
        return tuple(one.name for one in self.migrations)
