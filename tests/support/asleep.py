"""Waiting for what another process does: a long statement, a file, its end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

STEADY = 0.3
"""Seconds after which a statement is taken for the long one: others take less."""
WITHIN = 60.0


def wait_for_statement(pid: int, kind: str = "SELECT") -> None:
    """Wait until a session below a process has been in one statement of a kind for a while."""
    since: dict[int, float] = {}

    def steady() -> bool:
        nonlocal since
        now = time.monotonic()
        busy = [one for one in below(pid) if title(one).endswith(f"] {kind}")]
        since = {one: since.get(one, now) for one in busy}
        return any(now - first >= STEADY for first in since.values())

    wait_until(steady)


def wait_until(there: Callable[[], bool]) -> None:
    """Wait for something that comes soon. Raises TimeoutError after a minute."""
    deadline = time.monotonic() + WITHIN
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.03)


def is_running(pid: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def below(pid: int) -> Iterator[int]:
    """The numbers of all processes that descend from one."""
    try:
        listed = Path(f"/proc/{pid}/task").iterdir()
        children = [one for task in listed for one in (task / "children").read_text().split()]
    except OSError:
        return  # it has ended
    for child in map(int, children):
        yield child
        yield from below(child)


def title(pid: int) -> str:
    """What a process calls itself; PostgreSQL's say in which statement they are."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0 ")
    except OSError:
        return ""
