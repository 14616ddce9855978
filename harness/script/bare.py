"""Statements without what is quoted, for whoever asks what kind of statement one is."""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r"""
      '(?:[^']|'')*'             # a string; E'' with \\' is cut short, which is harmless here
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
    """,
    re.DOTALL | re.VERBOSE,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def bare(sql: str) -> str:
    """The statement in upper case with empty strings, no comments, and single spaces."""
    without = _COMMENT.sub(" ", _QUOTED.sub("''", sql))
    return " ".join(without.split()).upper()
