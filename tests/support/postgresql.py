"""PostgreSQL 14 to 17 for the tests, besides the embedded 18; run as a program it fetches them.

::

    python -m tests.support.postgresql    fetch what is not there yet

They are what ``harness postgres add`` fetches, kept in the harness' cache. A version that cannot be
had is named, and ends neither this program nor the tests: they say at their end what they did not
run on.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness.core.errors import ConfigError
from harness.postgres.server import binaries, builds
from harness.postgres.server.cache import Cache

EMBEDDED = 18
FETCH = "python -m tests.support.postgresql"
MAJORS = (*(one.major for one in builds.RELEASES if one.major != EMBEDDED), EMBEDDED)


def found(major: int) -> Path | None:
    """The directory of a version's programs: the one that was fetched, else the machine's own."""
    return builds.found(major, Cache())


def system() -> list[Path]:
    """Directories of the PostgreSQL 14 to 17 that the machine has, newest first."""
    return [path for path in builds.system() if binaries.numbers(path)[0] in MAJORS[:-1]]


def main() -> None:
    """Fetch every version that is not there; say what was and what was not to be had."""
    for major in MAJORS[:-1]:
        try:
            print(f"PostgreSQL {builds.add(major, Cache())} is there")
        except ConfigError as error:
            print(f"PostgreSQL {major}: not fetched: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
