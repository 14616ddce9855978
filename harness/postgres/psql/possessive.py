"""Regular expressions with possessive quantifiers, which keep reading linear in a script's size.

``re`` matches them wrongly before Python 3.11.5 (Debian 12 has 3.11.2), so ``regex`` does it
there; elsewhere ``re`` does, which reads a third faster and is loaded in any case.
"""

from __future__ import annotations

import re
import sys


def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A compiled pattern, in the syntax that both modules share."""
    if sys.version_info >= (3, 11, 5):
        return re.compile(pattern, flags)
    return with_regex(pattern, flags)


def with_regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The same by ``regex``."""
    import regex  # late: most need none of it

    return regex.compile(pattern, flags)  # type: ignore[return-value]
