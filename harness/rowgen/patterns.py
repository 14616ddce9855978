"""Texts that match a pattern of PostgreSQL, and texts that do not."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
    "space": " \\t", "blank": " \\t", "punct": "!-/:-@\\[-`{-~", "xdigit": "0-9a-fA-F",
    "word": "a-zA-Z0-9_", "print": " -~", "graph": "!-~", "cntrl": "\\x01-\\x1f",
}  # fmt: skip
_ESCAPES = {"\\m": "\\b", "\\M": "\\b", "\\y": "\\b", "\\Y": "\\B", "\\Z": "$", "\\A": "^"}
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


@lru_cache(maxsize=512)
def matching(pattern: str, insensitive: bool = False) -> SearchStrategy[str] | None:
    """Texts that match an advanced regular expression; None where Python has no such one."""
    flags = re.ASCII | (re.IGNORECASE if insensitive else 0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            compiled = re.compile(translated(pattern), flags)
    except (re.error, RecursionError, OverflowError):
        return None
    return st.from_regex(compiled, fullmatch=True, alphabet=_PRINTABLE)


def translated(pattern: str) -> str:
    """The same in Python's syntax, as far as it has one."""
    pattern = re.sub(r"^\*\*\*:", "", pattern)
    if pattern.startswith("***="):
        return re.escape(pattern[4:])
    pattern = re.sub(r"\[\[:[<>]:\]\]", r"\\b", pattern)
    pattern = re.sub(r"\[:(\w+):\]", lambda found: _CLASSES.get(found[1], found[0]), pattern)
    return re.sub(r"\\.", lambda found: _ESCAPES.get(found[0], found[0]), pattern, flags=re.DOTALL)


def like_pattern(pattern: str) -> str:
    """LIKE as a regular expression that matches the whole text."""
    parts = re.findall(r"\\.|%|_|[^\\%_]+", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return "".join(wild.get(part) or re.escape(re.sub(r"\\(.)", r"\1", part)) for part in parts)
