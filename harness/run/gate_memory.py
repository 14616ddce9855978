"""What steps of the gate found, to be said again while nothing that they depend on has changed.

``apply``, ``migrations``, ``properties`` and ``access`` are tried by the harness itself, with rows
and statements that are the same each time: what they found follows from the schema's files, the
configuration, the server's build and the harness, all of which are in the key. So is the day, since
a schema may read the clock. Tests are what the project has written, and run each time: they may
hang on anything.

Only what is green is remembered, and decided: a refusal, or a search that found nothing, may have
been the machine's load. Results that are remembered say so (``facts["remembered"]``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from harness.core.config import Config
from harness.core.digests import content, digest, program
from harness.core.results import Group, Outcome, Result
from harness.instance import Instance
from harness.postgres.server.cache import Cache
from harness.postgres.server.remembered import keep, recall
from harness.run import inputs
from harness.sources.age import BASELINE_FILE
from harness.sources.outside import closed

ENTRY = "gate"
FACT = "remembered"
_GREEN = (Outcome.PASSED, Outcome.ADVICE, Outcome.SKIPPED, Outcome.TODO)


@dataclass(frozen=True, slots=True)
class GateMemory:
    """Where the groups of steps are kept; None where more than files decides what is found."""

    folder: Path | None = None
    key: str = ""

    @classmethod
    def of(cls, instance: Instance) -> GateMemory:
        """That of an instance whose schema has been applied."""
        config, source, server = instance.config, instance.source, instance.cluster.server
        if source is None or server is None or config.since_refs:
            return cls()
        if not inputs.told_by_files(config, source) or not closed(config, source):
            return cls()
        checkout = config.root.stat()  # a fresh one, in CI for one, has everything run
        key = digest(
            (checkout.st_dev, checkout.st_ino),
            datetime.now(UTC).date(),
            program(),
            instance.cluster.version,
            *server.binaries.state(),
            *inputs.installed(),
            *inputs.settings(config),
            *inputs.contents(config, source),
            *(content(path) for path in _read_as_well(config)),
        )
        return cls(Cache(config.cache_dir).entry(ENTRY, lambda _: None), key)

    def recall(self, step: str) -> tuple[Group, ...] | None:
        """What a step found when it was run last; None where it has to be run."""
        if self.folder is None:
            return None
        return recall(self.folder / digest(self.key, step), _Found)

    def keep(self, step: str, groups: Sequence[Group]) -> None:
        """Keep what a step that came to its end has found, if all of it is green and decided."""
        results = [one for group in groups for one in group.all]
        if self.folder is None or not all(one.outcome in _GREEN for one in results):
            return
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        found = _Found(_marked(group, now) for group in groups)
        keep(self.folder / digest(self.key, step), found)


class _Found(tuple[Group, ...]):
    """What a file of ours holds."""


def _read_as_well(config: Config) -> Iterable[Path]:
    """Files that steps read beside the schema: the records, and what is known of old objects."""
    records = (config.properties.get("record"), config.access.get("record"))
    return (config.root / name for name in (*records, BASELINE_FILE) if name)


def _marked(group: Group, when: str) -> Group:
    """The group as it will be told: each result with the time at which it was found."""

    def marked(results: Iterable[Result]) -> tuple[Result, ...]:
        return tuple(one._replace(facts={**one.facts, FACT: when}) for one in results)

    return replace(group, results=marked(group.results), problems=marked(group.problems))
