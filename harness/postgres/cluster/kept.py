"""Databases that were left for somebody to look at, and the record of them.

One record for each project, in the harness' cache, so that another process finds what a
run has kept. It never holds a password: a named server's is asked for again. What is on
an ephemeral server goes with it, when its marker is removed; on a named one databases are
dropped one by one, and never any that the harness did not make.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import PGconn, Ping

from harness.core.errors import ConfigError, ServerError
from harness.postgres.cluster.cluster import Cluster
from harness.postgres.server.cache import Cache, key
from harness.postgres.server.supervisor import MARKER

SECRETS = frozenset(
    {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
)
OURS = "harness_"
"""What the name of every database begins with that the harness makes."""

ANSWER_WITHIN = 5
STOP_WITHIN = 20.0
"""Seconds that a server may take to answer, and an ephemeral one to be gone."""

_PLACE = ("service", "host", "hostaddr", "port", "user")
_UNSAID = {"service", "host", "port", "user", "dbname", "client_encoding", "connect_timeout"}
"""What a DSN for people says elsewhere than among its options, or not at all."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A database that was kept; it never holds a password, whatever it is made from."""

    file: str
    """The test file whose database it was, as the person at the terminal knows it."""
    database: str
    conninfo: Mapping[str, str]
    """How to connect to its server."""
    folder: Path | None
    """The directory of an ephemeral server; None on a named one."""
    root: Path
    """The project's."""

    def __post_init__(self) -> None:
        said = {k: str(v) for k, v in self.conninfo.items() if v is not None}
        object.__setattr__(self, "conninfo", {k: said[k] for k in said if k not in SECRETS})

    @classmethod
    def of(cls, cluster: Cluster, database: str, file: str, root: Path) -> Kept:
        """What there is to say about a database of a cluster."""
        folder = Path(cluster.conninfo["host"]) if cluster.ephemeral else None
        return cls(file, database, cluster.conninfo, folder, root)


def keep(cache: Cache, cluster: Cluster, kept: list[Kept]) -> None:
    """Record databases of a cluster, and have it outlive us where it is ephemeral.

    Nobody may drop them from now on. Raises ServerError where the server is gone already.
    """
    if not kept:
        return
    record(cache, kept)  # first: what is kept without a record, nobody could drop
    if cluster.server:
        cluster.server.keep()


def record(cache: Cache, kept: list[Kept]) -> None:
    """Add to what is recorded for a project."""
    for one in kept:
        path = _path(cache, one.root)
        with _locked(cache):
            _write(path, [*_read(path), one])


def kept(cache: Cache, root: Path, server: str | None = None) -> list[Kept]:
    """What is kept for a project, the most recent last; what is gone is forgotten.

    A named server that does not answer is left out, and not forgotten: it may be back
    tomorrow. ``server`` is a URL to take its password from.
    """
    states = [(one, _state(one, server)) for one in _read(_path(cache, root))]
    _forget(cache, root, [one for one, there in states if there is False])
    return [one for one, there in states if there]


def drop(cache: Cache, root: Path, drop_named: Callable[[Kept], None]) -> int:
    """Drop what is kept for a project; how many databases that were.

    ``drop_named`` drops one on a named server. Raises ServerError for what could not be
    dropped, and stays recorded.
    """
    kept(cache, root)
    dropped, complaints = [], []
    for one in _read(_path(cache, root)):
        try:
            _drop(one, drop_named)
            dropped.append(one)
        except ServerError as error:
            complaints.append(str(error))
    _forget(cache, root, dropped)
    if complaints:
        raise ServerError("\n".join(complaints))
    return len(dropped)


def login(one: Kept, server: str | None) -> dict[str, Any]:
    """How to connect to the server of a kept database; it may hold a password.

    That is the one in ``server``, where it names the same server and user. Raises
    ConfigError where it cannot be read.
    """
    given = _given(server)
    secrets = {k: v for k, v in given.items() if k in SECRETS and _place(given) == _place(one)}
    return {"dbname": "postgres", **one.conninfo, **secrets}


def dsn_text(one: Kept) -> str:
    """The connection string of a kept database, for people and for psql: no password."""
    conninfo = one.conninfo
    host, port = conninfo.get("host", ""), conninfo.get("port", "")
    others = {k: v for k, v in conninfo.items() if v and k not in _UNSAID}
    if not host or "," in host + port or "service" in conninfo:
        named = {k: conninfo[k] for k in _PLACE if conninfo.get(k)}
        return make_conninfo(**{**named, **others, "dbname": one.database})
    user = quote(conninfo["user"], safe="") + "@" if conninfo.get("user") else ""
    where = quote(host, safe="") + (f":{port}" if port else "")
    options = "?" + urlencode(others, quote_via=quote) if others else ""
    return f"postgresql://{user}{where}/{quote(one.database, safe='')}{options}"


# --- servers -------------------------------------------------------------------------------


def _given(server: str | None) -> dict[str, Any]:
    try:
        return dict(conninfo_to_dict(server)) if server else {}
    except psycopg.ProgrammingError:  # its message repeats the text, and so the password
        raise ConfigError("server: not a connection URL or DSN") from None


def _place(conninfo: Kept | Mapping[str, Any]) -> tuple[str, ...]:
    """What tells servers, and who we are there, apart."""
    given = conninfo.conninfo if isinstance(conninfo, Kept) else conninfo
    place = {"port": "5432"} | {name: str(given[name]) for name in _PLACE if given.get(name)}
    return tuple(place.get(name, "") for name in _PLACE)


def _state(one: Kept, server: str | None) -> bool | None:
    """Whether a database is there; None where nobody can say, as its server does not answer."""
    conninfo = {**login(one, server), "connect_timeout": ANSWER_WITHIN}
    if PGconn.ping(make_conninfo(**conninfo).encode()) not in (Ping.OK, Ping.REJECT):
        return None if one.folder is None else False
    try:
        with psycopg.connect(**conninfo) as connection:
            query = "SELECT FROM pg_database WHERE datname = %s"
            return connection.execute(query, [one.database]).fetchone() is not None
    except psycopg.Error:
        return True  # it wants a password, or is too busy: psql will tell


def _drop(one: Kept, drop_named: Callable[[Kept], None]) -> None:
    if not one.database.startswith(OURS):
        raise ServerError(f"refusing to drop {one.database!r}: the harness did not create it")
    if one.folder is None:
        drop_named(one)
    else:
        _stop(one.folder)


def _unmark(folder: Path) -> None:
    """Remove the marker that we wrote; through no link, wherever the server's directory went."""
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):  # it is gone, or a link
            return
        raise ServerError(f"the server in {folder} cannot be stopped: {error.strerror}") from None
    try:
        with suppress(FileNotFoundError):
            if os.stat(MARKER, dir_fd=place, follow_symlinks=False).st_uid == os.geteuid():
                os.unlink(MARKER, dir_fd=place)
    finally:
        os.close(place)


def _stop(folder: Path) -> None:
    """Have the supervisor of an ephemeral server end it, and wait for that."""
    _unmark(folder)
    deadline = time.monotonic() + STOP_WITHIN
    while folder.is_dir() and not folder.is_symlink():
        if time.monotonic() > deadline:
            raise ServerError(f"the server in {folder} does not stop: is a run still using it?")
        time.sleep(0.02)


# --- the record ----------------------------------------------------------------------------


def _path(cache: Cache, root: Path) -> Path:
    return cache.root / f"kept-{key(root)}.json"


@contextmanager
def _locked(cache: Cache) -> Iterator[None]:
    """Alone with the record: two runs at once must not lose what the other has kept."""
    folder = os.open(cache.root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _read(path: Path) -> list[Kept]:
    try:
        return [_entry(**entry) for entry in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError, AttributeError):  # none, or another version's
        return []


def _entry(folder: str | None, root: str, **others: Any) -> Kept:
    return Kept(folder=None if folder is None else Path(folder), root=Path(root), **others)


def _forget(cache: Cache, root: Path, gone: list[Kept]) -> None:
    if not gone:
        return
    path = _path(cache, root)
    with _locked(cache):
        _write(path, [one for one in _read(path) if one not in gone])


def _write(path: Path, kept: list[Kept]) -> None:
    """Replace the record; the new one is complete, and ours alone, before it is in place."""
    if not kept:
        path.unlink(missing_ok=True)
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump([asdict(one) for one in kept], file, default=str)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
