"""A database that a server has from its start, since an earlier run has filled it.

What takes long to make and is the same in many runs, an old history for one, is made once: on a
server of its own, which is shut down in order. Its data directory is an entry of the cache, and
later servers start on a copy.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import HarnessError, ServerError
from harness.postgres.cluster.cluster import Cluster, ephemeral, open_cluster
from harness.postgres.server.cache import Cache, key
from harness.postgres.server.datadir import MAPS, Preload
from harness.postgres.server.process import POLL, STOP_TIMEOUT, launch

_SMALL = {"min_wal_size": "2MB", "max_wal_size": "4MB"}
"""Keeps little of the log, which is copied, too."""
_ENDED = "database system is shut down"
_REPLACED = 3_600
"""Seconds after which an entry of the same project that nobody uses makes room for another."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a server is to have."""

    project: str
    """A short name: an entry of another project is not replaced."""
    key: str
    """Differs when ``fill`` would make something else."""
    fill: Callable[[Cluster], None]
    """Makes it. Raises HarnessError where that cannot be done."""


def with_stored(config: Config, preload: Preload, stored: Stored) -> Cluster:
    """A server of ours that has what is stored; without it where it cannot be made."""

    def chosen(base: Path, cache: Cache) -> Path:
        prefix = f"old-{stored.project}-"
        name = f"{prefix}{key(base.parent.name, stored.key)}"
        new = not cache.place(name).exists()
        try:
            place = cache.entry(name, lambda staging: _build(staging, config, preload, stored))
        except HarnessError:  # the run meets the same, and says it
            return base
        if new:
            cache.discard_others(prefix, name, _REPLACED)
        return place / "data"

    return ephemeral(launch(config, preload, chosen))


def _build(staging: Path, config: Config, preload: Preload, stored: Stored) -> None:
    settings = {**config.settings, **_SMALL}
    with open_cluster(replace(config, settings=settings), preload) as cluster:
        stored.fill(cluster)
        _shut_down(cluster)
        assert cluster.server is not None
        shutil.copytree(cluster.server.datadir, staging / "data", symlinks=True, ignore=MAPS)


def _shut_down(cluster: Cluster) -> None:
    """Have the server write everything and end: a copy of its files is whole then."""
    server = cluster.server
    assert server is not None
    lock = server.datadir / "postmaster.pid"  # the last that goes
    os.kill(int(lock.read_text().split()[0]), signal.SIGINT)
    deadline = time.monotonic() + STOP_TIMEOUT
    while lock.exists() and time.monotonic() < deadline:
        time.sleep(POLL)
    if _ENDED not in server.log_tail():
        raise ServerError(f"the PostgreSQL server did not shut down:\n{server.log_tail()}")
