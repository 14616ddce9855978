"""A database that a server has from its start, since an earlier run has filled it.

What takes long to make and is the same in many runs, an old history for one, is made once: on a
server of its own, which is shut down in order. Its data directory is an entry of the cache, and
later servers start on a copy.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import HarnessError, ServerError
from harness.postgres.cluster.cluster import Cluster, ephemeral, open_cluster
from harness.postgres.server.binaries import Binaries
from harness.postgres.server.cache import Cache, key
from harness.postgres.server.datadir import MAPS, Preload
from harness.postgres.server.process import POLL, START_TIMEOUT, Choose, launch

_SMALL = {"min_wal_size": "2MB", "max_wal_size": "4MB"}
"""Keeps little of the log, which is copied, too."""
_ENDED = "database system is shut down"
_TRIED = "tried"
_REPLACED = 3_600
"""Seconds after which an entry of the same project that nobody uses makes room for another."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a server is to have."""

    project: str
    """A short name: an entry of another project is not replaced."""
    kind: str
    """What the names of its entries begin with."""
    key: str
    """Differs when ``fill`` would make something else."""
    database: str
    """What ``fill`` makes."""
    fill: Callable[[Cluster], None]
    """Makes it. Raises HarnessError where that cannot be done."""
    waits: bool = False
    """Whether it is stored by the second run that asks for it, not by the first.

    To store costs a second: a schema that somebody is writing is another one in each run.
    """


def with_stored(config: Config, preload: Preload, stored: Stored) -> Cluster:
    """A server of ours that has what is stored; without it where it cannot be made."""
    return ephemeral(launch(config, preload, choosing(config, preload, stored)))


def choosing(config: Config, preload: Preload, stored: Stored) -> Choose:
    """What chooses the data directory that has what is stored, or else the base."""

    def chosen(base: Path, binaries: Binaries, cache: Cache) -> tuple[Path, str]:
        prefix = f"{stored.kind}-{stored.project}-"
        name = f"{prefix}{key(base.parent.name, *binaries.state(), stored.key)}"
        new = not cache.place(name).exists()
        with _alone(cache, name, stored) if new and stored.waits else nullcontext(True) as begin:
            if not begin:
                return base, ""
            try:
                place = cache.entry(name, lambda staging: _build(staging, config, preload, stored))
            except HarnessError:  # the run meets the same, and says it
                return base, ""
        if new:
            cache.discard_others(prefix, name, _REPLACED)
        return place / "data", stored.database

    return chosen


@contextmanager
def _alone(cache: Cache, name: str, stored: Stored) -> Iterator[bool]:
    """Whether this run is to store something: not the first that asks, and alone.

    What could not be stored is not tried again, and others that run at the same time do without.
    """
    asked = cache.entry("asked", lambda _: None)
    note = asked / stored.project
    opened = os.open(note, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        said = os.read(opened, 200).decode("utf-8", "replace")
        tried = f"{name} {_TRIED}"
        if said == tried:
            yield False
            return
        _write(opened, tried if said == name else name)
        yield said == name
        if cache.place(name).exists():
            _write(opened, name)
    finally:
        os.close(opened)


def _write(opened: int, text: str) -> None:
    os.ftruncate(opened, 0)
    os.pwrite(opened, text.encode(), 0)


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
    deadline = time.monotonic() + START_TIMEOUT  # it writes all that it has
    while lock.exists() and time.monotonic() < deadline:
        time.sleep(POLL)
    if _ENDED not in server.log_tail():
        raise ServerError(f"the PostgreSQL server did not shut down:\n{server.log_tail()}")
