"""Statements without what is quoted, for whoever asks what kind of statement one is."""

from __future__ import annotations

import re


def _comment() -> str:
    """A comment with others in it, up to four deep; no two alternatives start alike."""
    inside = r"[^*/]|\*(?!/)|/(?!\*)"
    comment = rf"/\*(?:{inside})*\*/"
    for _ in range(3):
        comment = rf"/\*(?:{inside}|{comment})*\*/"
    return comment


# One pass, since a comment may have quotes in it and a string what looks like a comment.
_QUOTED = re.compile(
    rf"""
      (?P<comment>--[^\r\n]*|{_comment()})
    | (?P<name>"(?:[^"]|"")*")
    | \b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*'
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
    """,
    re.DOTALL | re.VERBOSE,
)


def bare(sql: str) -> str:
    """The statement in upper case with empty strings, no comments, and single spaces."""
    return " ".join(_QUOTED.sub(_without, sql).split()).upper()


def _without(found: re.Match[str]) -> str:
    if found["comment"]:
        return " "
    return found["name"] or "''"
