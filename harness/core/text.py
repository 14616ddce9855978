"""Words that several parts say: numbers of things, what a wrong word might mean, no passwords."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import quote

LISTED = 40
"""Names that are listed where none is near; more would hide the message."""


def plural(noun: str) -> str:
    """``file`` -> ``files``, ``index`` -> ``indexes``, ``property`` -> ``properties``."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|z|ch|sh)$", noun) else "s")


def count(number: int, noun: str) -> str:
    """``1 file``, ``2,000 files``, ``2 indexes``; of several words the last is in the plural."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def closest(word: str, known: Iterable[str], cutoff: float = 0.5) -> str | None:
    """The known word nearest to a wrong one, if any is near."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)), None)


def nearest(word: str, known: Collection[str]) -> str:
    """``; did you mean 'x'?`` for the known word nearest to a wrong one, else the list if short."""
    if close := closest(word, known):
        return f"; did you mean {close!r}?"
    return f"; known: {', '.join(sorted(known))}" if len(known) <= LISTED else ""


def matching_nothing(patterns: Iterable[str], known: Collection[str]) -> str | None:
    """The first pattern that fits none of the names, with the nearest of them; None: all do."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            return f"{pattern!r} matches nothing{nearest(pattern, known)}"
    return None


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it; not the ends of lines and tabs."""


def plain(text: str) -> str:
    """Text of others, with what a terminal would obey as an escape, as in Python."""
    return _CONTROL.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


_IN_URL = re.compile(r"(?<=://)([^:/?#@\s]*):.*@")
_IN_DSN = re.compile(r"(password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|\S+)", re.IGNORECASE)


def without_any_password(word: str) -> str:
    """A word of a command line in which what may be a password stands as ``***``.

    It need not be the URL or the DSN that somebody meant to write.
    """
    return _IN_DSN.sub(r"\1***", _IN_URL.sub(r"\1:***@", word))


def without_password(text: str, password: object) -> str:
    """A text in which a password stands as ``***``, also as a URL has it."""
    plain = str(password or "")
    forms = {plain, quote(plain, safe=""), quote(plain)} - {""}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return text


def relative(path: Path, folder: Path) -> str:
    """A path as short as it can be said from a folder, to be shown."""
    short = path.relative_to(folder) if path.is_relative_to(folder) else path
    return without_surrogates(str(short))


def without_surrogates(text: str) -> str:
    """Text that every stream takes; the name of a file can have half a character in it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
