"""What a change touches of a schema's mutants: those that the schema did not have before.

The schema as it was at the merge base is taken out of git, applied on the same server, and asked
for its mutants. A mutant that it had as well is old: whoever left it alone is not asked about it.
A test file that was edited or is gone is kept as it was, for it may have noticed what its successor
does not.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from harness.core import scratch
from harness.core.changes import Changes
from harness.core.config import Config
from harness.core.errors import ConfigError, HarnessError, ScriptError
from harness.core.results import SQL
from harness.instance import Instance
from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant
from harness.mutation.operators import mutants
from harness.mutation.sql_files import says
from harness.postgres.psql import Script
from harness.postgres.session import PG_PROVE
from harness.sources import open_source
from harness.sources.base import SchemaSource
from harness.sqltests.files import AssertionFile, Isolation

Identity = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class Before:
    """A schema and its tests, as they were before a change."""

    identities: frozenset[Identity]
    """Of its mutants."""
    files: Sequence[AssertionFile]
    """SQL tests that were edited or are gone, as they were."""
    texts: Sequence[str]
    """What tests said that were edited or are gone, and cannot be run as they were."""

    def is_new(self, mutant: Mutant) -> bool:
        """Whether the schema did not have it: its object was added or changed."""
        return identity(mutant) not in self.identities

    def is_touched(self, mutant: Mutant) -> bool:
        """Whether it is new, or a test was edited or is gone that spoke of one of its tables."""
        formerly = [file.script.content.decode("utf-8", "replace") for file in self.files]
        return self.is_new(mutant) or self._spoken_of(mutant, [*self.texts, *formerly])

    def is_unknown(self, mutant: Mutant) -> bool:
        """Whether it is new, or nobody can say any more whether a test noticed it."""
        return self.is_new(mutant) or self._spoken_of(mutant, self.texts)

    def _spoken_of(self, mutant: Mutant, texts: Sequence[str]) -> bool:
        return any(says(text, name.name) for text in texts for name in mutant.tables)


def identity(mutant: Mutant) -> Identity:
    """What makes a mutant the same one in another state of a schema."""
    return mutant.id, mutant.ddl, mutant.before


def before(instance: Instance, changes: Changes) -> Before:
    """What there was at the merge base. Raises ConfigError where that schema does not apply."""
    config = instance.config
    found = _tests(config, changes)
    with scratch.directory("since-") as folder:
        old = _moved(config, changes, folder)
        _take_out(changes, config.root, folder)
        there = old.schema is not None and old.schema.exists()
        identities = _identities(instance, old, changes) if there else frozenset[Identity]()
    return Before(identities, *found)


def _take_out(changes: Changes, root: Path, folder: Path) -> None:
    """Write the project's files as the merge base has them."""
    place = root.relative_to(changes.top).as_posix()
    command = ["git", "archive", "--format=tar", changes.base, *([place] if place != "." else [])]
    done = subprocess.run(command, cwd=changes.top, capture_output=True, check=False)
    if done.returncode:
        raise ConfigError(f"since: git archive: {done.stderr.decode('utf-8', 'replace').strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _moved(config: Config, changes: Changes, folder: Path) -> Config:
    """The configuration for the files there; what is not in the work tree stays where it is."""

    def moved(path: Path) -> Path:
        inside = path.is_relative_to(changes.top)
        return folder / path.relative_to(changes.top) if inside else path

    return replace(
        config,
        root=moved(config.root),
        schema=moved(config.schema) if config.schema else None,
        before=tuple(map(moved, config.before)),
        since=None,
        since_refs=(),
    )


def _identities(instance: Instance, old: Config, changes: Changes) -> frozenset[Identity]:
    with ExitStack() as stack:
        try:
            other = Instance(old, instance.cluster, open_source(old))
            stack.callback(other.close)
            declared = declared_of(other)
        except HarnessError as error:
            said = f"since: the schema at {changes.base[:12]} cannot be applied"
            raise ConfigError(f"{said}: {error}") from None
        return frozenset(map(identity, mutants(declared)))


def declared_of(instance: Instance) -> Declared:
    """What the schema of an instance declares."""
    source = instance.source
    provided = source.provided if source else frozenset[str]()
    notes = [".".join(name) for name in instance.bookkeeping]
    ignored = [instance.config.pgtap_schema]
    with instance.template.cloned() as database, database.connect() as connection:
        declared = Declared.read(connection, ignored, notes, provided)
    return _without_the_platforms(declared, source) if source and provided else declared


def _without_the_platforms(declared: Declared, source: SchemaSource) -> Declared:
    """Without privileges that no file of the project speaks of: the platform has granted them."""
    text = "\n".join(path.read_text("utf-8", "replace") for path in source.files).lower()
    by_default = declared.default_privileges if "default privileges" in text else ()
    own = [one for one in declared.privileges if one.kind != "SCHEMA" or "on schema" in text]
    return replace(declared, privileges=tuple(own), default_privileges=by_default)


def _tests(config: Config, changes: Changes) -> tuple[list[AssertionFile], list[str]]:
    files: list[AssertionFile] = []
    texts: list[str] = []
    for path in sorted(_candidates(config.tests, changes)):
        old = changes.before(path)
        if not old:
            continue  # whatever is new notices no less than nothing
        file = _as_it_was(path, old) if path.suffix in SQL else None
        if file is not None and file.isolation is not Isolation.SERVER and not file.sets_up:
            files.append(file)
        else:
            texts.append(old.decode("utf-8", "replace"))
    return files, texts


def _as_it_was(path: Path, old: bytes) -> AssertionFile | None:
    """A file before the change; None where it could not be run then, either."""
    try:
        return AssertionFile.of(Script.parse(old.decode(), path, PG_PROVE))
    except (ScriptError, UnicodeDecodeError):
        return None


def _candidates(places: Collection[Path], changes: Changes) -> set[Path]:
    """Tests that are new, edited or gone."""
    there = {
        path for place in places for path in ([place] if place.is_file() else place.rglob("*"))
    }
    here = {path for path in changes.known if any(p == path or p in path.parents for p in places)}
    wanted = {path for path in there | here if path.suffix in (*SQL, ".py")}
    return {path for path in wanted if changes.is_new(path) or path not in there}
