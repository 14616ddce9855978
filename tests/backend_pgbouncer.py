"""A real PgBouncer in transaction mode, on loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.postgres.cluster import Cluster
from harness.postgres.server.binaries import server_account

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")

SERVERS = 2
"""Server connections that PgBouncer shares out."""
QUERY_WAIT = 1
"""Seconds after which PgBouncer sends away who waits for one."""

INI = """[databases]
* = host={folder} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {servers}
query_wait_timeout = {wait}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def pgbouncer(cluster: Cluster, folder: Path) -> Iterator[int]:
    """The port of a PgBouncer before a cluster, which runs as the account that the cluster has."""
    port, conninfo = free_port(), cluster.conninfo
    ini, log = folder / "pgbouncer.ini", folder / "log"
    ini.write_text(
        INI.format(
            folder=conninfo["host"],
            port=conninfo["port"],
            user=conninfo["user"],
            listen=port,
            servers=SERVERS,
            wait=QUERY_WAIT,
        )
    )
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(PGBOUNCER), str(ini)], stdout=output, stderr=output, **server_account().popen
        )
    try:
        wait_for(port, process, log)
        yield port
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(500):
        assert process.poll() is None, log.read_text()
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError(log.read_text())


def version() -> tuple[int, ...]:
    said = subprocess.run([str(PGBOUNCER), "--version"], capture_output=True, text=True, check=True)
    return tuple(map(int, said.stdout.split()[1].split(".")))
