"""What the server's processes get of the caller's environment: what programs need to run."""

from __future__ import annotations

import os

_NEEDED = (
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "LOCPATH",
    "LOCALE_ARCHIVE",
    "ICU_DATA",
    "TZDIR",
    "TMPDIR",
)
"""Where programs, their libraries, locales, time zones and temporary files are."""


def environment() -> dict[str, str]:
    """The least that initdb, postgres and their supervisor need.

    ``COPY ... FROM PROGRAM`` and untrusted languages read it, as another account where root
    started the server: a token of the caller's is none of their business.
    """
    return {name: os.environ[name] for name in _NEEDED if name in os.environ} | {"LC_ALL": "C"}
