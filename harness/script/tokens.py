"""The regular expressions of psql's SQL lexer.

Speed comes from ``whole_select``, which knows most lines of a test file at once, and from
``RUN``: one match passes over all text that cannot end a statement, complete quotes and
balanced parentheses included. What it leaves is taken token by token. Possessive
quantifiers keep it linear; ``re`` matches them wrongly in Python 3.11.2, hence ``regex``.
"""

from __future__ import annotations

import re as plain
from collections.abc import Callable
from functools import cache

import regex as re

from harness.script import variables

_START = r"A-Za-z_\x80-\U0010ffff"
_WORD = rf"[{_START}][{_START}0-9$]*+"
_ATOMS = (
    rf"[^{_START}0-9'\"$;:\\()/\-]++"  # space and most operators
    r"|'[^']*+'"
    r'|"[^"]*+"'
    r"|[bBnNxX](?=')|[uU]&(?=['\"])"  # what a quote starts with is no word
    r"|[eE]'(?:[^\\']++|\\.|'')*+'"
    # A name right after a number belongs to it: in 1.e'\' no E string starts.
    rf"|[0-9]++(?:\.[0-9]*+)?(?:{_WORD})?|\$[0-9]++(?:{_WORD})?"
    r"|--[^\n\r]*+|-|/(?!\*)"
    rf"|::|:=|:(?![{_START}0-9'\"{{])"
)
_ANY = rf"(?![eE]'){_WORD}|{_ATOMS}"
_BALANCED = rf"\((?:{_ANY})*+\)"  # deeper ones would take longer to compile than they save


def _whole() -> plain.Pattern[str]:
    """A line that is one SELECT without variables, dollar quotes and backslashes.

    Parentheses are balanced and up to three deep. ``re`` is five times as fast as ``regex`` at
    what has no need of possessive quantifiers: no two alternatives start alike.
    """
    text = r"[^'\"\\:$/;()-]*"
    other = r"'[^'\\]*'|\"[^\"\\]*\"|::|-(?!-)|/(?!\*)"
    inside = rf"{text}(?:(?:{other}){text})*"
    for _ in range(3):
        inside = rf"{text}(?:(?:{other}|\({inside}\)){text})*"
    return plain.compile(rf"((?i:select){inside};)[ \t\r]*")


RUN = re.compile(rf"(?:{_ANY}|{_BALANCED})++", re.DOTALL)
_WHOLE = _whole()
CAREFUL = re.compile(rf"(?:{_ATOMS})++", re.DOTALL)
BLANK = re.compile(r"(?:[ \t\n\r\f\v]++|--[^\n\r]*+)++")
WORD = re.compile(_WORD)
DOLLAR = re.compile(rf"\$(?:[{_START}][{_START}0-9]*+)?\$")
VARIABLE = re.compile(
    rf":(?:(?P<plain>[{_START}0-9]++)|'(?P<literal>[{_START}0-9]++)'"
    rf"|\"(?P<identifier>[{_START}0-9]++)\"|\{{\?(?P<test>[{_START}0-9]++)\}})"
)
# From inside each quote up to what closes it (or opens another level of comment).
_CLOSING = {
    "'": r"(?:[^']++|'')*+'",
    '"': r'(?:[^"]++|"")*+"',
    "e'": r"(?:[^\\']++|\\.|'')*+'",
    "/*": r".*?(?:\*/|/\*)",
}
_QUOTING: dict[str, Callable[[str], str]] = {
    "plain": str,
    "literal": variables.literal,
    "identifier": variables.identifier,
}


def whole_select(line: str) -> str | None:
    """The statement that a line is, but for the blanks after it, if that is one whole SELECT.

    Most lines of a test file are one. None for some that are, too: the lexer takes those.
    """
    found = _WHOLE.fullmatch(line)
    return found[1] if found else None


@cache
def closing(kind: str) -> re.Pattern[str]:
    """From inside a quote (named by what opened it) through what closes it."""
    return re.compile(_CLOSING.get(kind) or rf".*?{re.escape(kind)}", re.DOTALL)


def substitute(found: re.Match[str], lookup: Callable[[str], str | None]) -> str:
    """Give the text for a match of ``VARIABLE``: itself if there is no such variable."""
    kind = found.lastgroup or ""
    value = lookup(found[kind])
    if kind == "test":
        return "FALSE" if value is None else "TRUE"
    return found[0] if value is None else _QUOTING[kind](value)
