"""The versions of PostgreSQL that tests run on, and what is said of those that are not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.support import browser
from tests.support.postgresql import EMBEDDED, FETCH, MAJORS, found

MISSING = "no PostgreSQL"
"""What the reason of a test begins with that was skipped for want of a server."""

EVERY = [pytest.param(major, id=f"pg{major}", marks=pytest.mark.versions) for major in MAJORS]
"""Parameters of a fixture that is a server of each version."""
OLDER = [one for one in EVERY if one.values != (EMBEDDED,)]


def on(version: Any, *values: object) -> Any:
    """A version, one of EVERY or the name of another server, with further parameters."""
    if isinstance(version, str):
        return pytest.param(version, *values, id="-".join(map(str, (version, *values))))
    name = "-".join(map(str, (version.id, *values)))
    return pytest.param(*version.values, *values, id=name, marks=version.marks)


def bindir(major: int) -> Path | None:
    """What a configuration takes for a server of a version; skips where there is none."""
    if major == EMBEDDED:
        return None
    path = found(major)
    if path is None:
        pytest.skip(f"{MISSING} {major}: '{FETCH}' fetches it")
    return path


def not_run_on(skipped: Iterable[object]) -> list[str]:
    """A line for each server, and for the browser, that tests were skipped for."""
    reasons = (str(one[2]).removeprefix("Skipped: ") for one in skipped if isinstance(one, tuple))
    found = Counter(reason for reason in reasons if reason.startswith((MISSING, browser.MISSING)))
    return [
        f"NOT RUN: {number} {'test' if number == 1 else 'tests'}, {reason}"
        for reason, number in sorted(found.items())
    ]
