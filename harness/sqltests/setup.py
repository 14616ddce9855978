"""Which files of a suite are not tests, but what the other files start from.

psql and pg_prove run a suite in one database, in the order of its files' names, and what the
first of them commits is there for all others. Such a first file says what it is for in its
name (``000-setup-tests-hooks.sql`` is Supabase's) or, for us, in a comment: ``-- harness: setup``.
"""

from __future__ import annotations

import re
from pathlib import Path

from harness.core.results import SQL

NOTE = "a setup: all other files start from what it leaves"
_WORDS = {"bootstrap", "dbdev", "init", "install", "setup"}
_WORDS |= {f"{word}{s}" for word in ("extension", "fixture", "helper", "hook") for s in ("", "s")}
_FIRST = re.compile(r"0*[01][-_. ]?(?=[a-z])")


def named(path: Path) -> bool:
    """Whether a file has the name of one, and no test of its directory comes before it."""
    if not _says_so(path):
        return False
    files = (other for other in path.parent.iterdir() if other.suffix in SQL)
    return all(_says_so(other) for other in files if other.name < path.name)


def _says_so(path: Path) -> bool:
    """Whether the name is 0 or 1, which makes the file one of the first, and a purpose."""
    name = path.name.lower().replace("set-up", "setup").replace("set_up", "setup")
    return bool(_FIRST.match(name) and _WORDS & set(re.split(r"[^a-z]+", name)))
