"""An address of the server's own on loopback, for programs that know no Unix socket.

Every account of the machine can reach a port, so over this one a password is asked for. It is
in the server's directory, which is closed to others.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

LOOPBACK = "127.0.0.1"
_PASSWORD, _RULES = "tcp_password", "hba.conf"
_HBA = f"local all all trust\nhost all all {LOOPBACK}/32 scram-sha-256\n"


def open_port(folder: Path, port: int) -> Mapping[str, str]:
    """The settings with which the server of a directory listens on a port as well."""
    (folder / _RULES).write_text(_HBA, encoding="ascii")
    secret = folder / _PASSWORD
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(), encoding="ascii")
    return {"listen_addresses": LOOPBACK, "hba_file": str(folder / _RULES)}


def password(host: str) -> str | None:
    """The password for the address beside a socket, given the socket's directory; else None."""
    secret = Path(host) / _PASSWORD
    return secret.read_text(encoding="ascii") if secret.is_file() else None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
