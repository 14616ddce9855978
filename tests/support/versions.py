"""The versions of PostgreSQL that tests run on, and what is said of those that are not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.postgresql import EMBEDDED, FETCH, MAJORS, found

MISSING = "no PostgreSQL"
"""What the reason of a test begins with that was skipped for want of a server."""

EVERY = [pytest.param(major, id=f"pg{major}", marks=pytest.mark.versions) for major in MAJORS]
"""Parameters of a fixture that is a server of each version."""
OLDER = [one for one in EVERY if one.values != (EMBEDDED,)]


def bindir(major: int) -> Path | None:
    """What a configuration takes for a server of a version; skips where there is none."""
    if major == EMBEDDED:
        return None
    path = found(major)
    if path is None:
        pytest.skip(f"{MISSING} {major}: '{FETCH}' fetches it")
    return path


def not_run_on(skipped: Iterable[object]) -> list[str]:
    """A line for each server that tests were skipped for."""
    reasons = (str(one[2]).removeprefix("Skipped: ") for one in skipped if isinstance(one, tuple))
    found = Counter(reason for reason in reasons if reason.startswith(MISSING))
    return [f"NOT RUN: {number} tests, {reason}" for reason, number in sorted(found.items())]
