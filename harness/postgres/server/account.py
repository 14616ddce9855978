"""Who runs the server.

``initdb`` and ``postgres`` refuse uid 0, and containers run as uid 0. Root therefore
runs them under another account; everybody else runs them as themselves.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from typing import Any

from harness.core.errors import ConfigError, ServerError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the machine."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments that make ``subprocess`` run a program as this account."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(configured: str | None = None) -> Account:
    """The account that runs the server: ourselves, unless we are root.

    Raises ConfigError where the configured account cannot be used, ServerError where
    root finds no other account.
    """
    if os.geteuid() != 0:
        return _ourselves(configured)
    for name in [configured] if configured else CANDIDATES:
        account = _named(name)
        if account is not None and account.uid != 0:
            return account
    if configured:
        raise ConfigError(f"server_user: {configured!r} is not an account other than root")
    raise ServerError(
        "PostgreSQL refuses to run as root, and this machine has neither an account 'postgres' nor"
        " 'nobody'; name one with server_user in [tool.harness]"
    )


def _ourselves(configured: str | None) -> Account:
    uid, gid = os.geteuid(), os.getegid()
    named = _named(configured) if configured else None
    if configured and (named is None or named.uid != uid):
        raise ConfigError(f"server_user: only root can run the server as {configured!r}")
    return Account(f"uid {uid}", uid, gid)


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)
