"""Another build of the same PostgreSQL, where the one that runs lacks what a schema asks for.

What the server refuses decides, and only builds that somebody has fetched are chosen from; the
major version stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import SchemaError
from harness.postgres.cluster import Cluster
from harness.postgres.server import builds
from harness.postgres.server.cache import Cache
from harness.sources.base import MigrationError
from harness.sources.remedies import WITH_CONTRIB, need_of


@dataclass(frozen=True, slots=True)
class Chosen:
    """The programs of a build, and why it was chosen."""

    bindir: Path
    remark: str


def may_move(cluster: Cluster, config: Config) -> bool:
    """Whether there is another build of the cluster's version at all."""
    if config.server or config.bindir or cluster.server is None:
        return False
    return _other(cluster, config) is not None


def better(error: SchemaError, cluster: Cluster, config: Config) -> Chosen | None:
    """The build that has what an error says is missing; None where nothing is, or none has it."""
    need = need_of(error.failure) if isinstance(error, MigrationError) else None
    if need is None or not (need.kind in ("ICU", "libxml") or need.name in WITH_CONTRIB):
        return None
    path = _other(cluster, config)
    if path is None:
        return None
    what = need.name or need.kind
    version = cluster.version // 10_000
    return Chosen(path, f"ran on the PostgreSQL {version} that was fetched: the other lacks {what}")


def _other(cluster: Cluster, config: Config) -> Path | None:
    path = builds.added(cluster.version // 10_000, Cache(config.cache_dir))
    running = cluster.server.binaries.bindir if cluster.server else None
    return None if path is None or path == running else path
