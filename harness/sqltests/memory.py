"""What failed last time, for ``--last-failed`` and ``--failed-first``.

Kept in the harness' cache, one file for each project, so that nothing has to be ignored
by the project's version control.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.core.config import Config
from harness.postgres.server.cache import Cache, key


@dataclass(frozen=True, slots=True)
class Memory:
    """The names of what failed: paths of SQL files, node ids of Python checks."""

    path: Path

    @classmethod
    def of(cls, config: Config) -> Memory:
        """The memory of the project that a configuration is for."""
        return cls(Cache(config.cache_dir).root / "failed" / f"{key(config.root)}.json")

    def failed(self) -> frozenset[str]:
        """What failed in the last run; nothing where there was none."""
        try:
            return frozenset(map(str, json.loads(self.path.read_text("utf-8"))))
        except (OSError, ValueError, TypeError):  # never written, or by another version
            return frozenset()

    def remember(self, ran: Iterable[str], failed: Iterable[str]) -> None:
        """Note what failed; what did not run this time keeps its place."""
        still = sorted((self.failed() - frozenset(ran)) | frozenset(failed))
        with contextlib.suppress(OSError):  # a convenience, and no reason to fail
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_text(json.dumps(still), encoding="utf-8")
