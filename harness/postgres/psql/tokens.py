"""The regular expressions of psql's SQL lexer.

Speed comes from ``whole_select``, which knows most lines of a test file at once, and from
``RUN``: one match passes over all text that cannot end a statement, complete quotes and
balanced parentheses included. What it leaves is taken token by token.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from harness.postgres.psql import variables
from harness.postgres.psql.possessive import compiled

# Letters are all but ASCII's others: ``re`` takes 5 ms to compile each set of all the letters.
_LETTER = r"[^\x00-@\[-^`{-\x7f]"
_LETTER_DIGIT = r"[^\x00-/:-@\[-^`{-\x7f]"
_INNER = r"[^\x00-#%-/:-@\[-^`{-\x7f]"  # letters, digits and $
_WORD = rf"{_LETTER}{_INNER}*+"
_ATOMS = (
    r"[\x00-!#%&*+,.<-@\[\]^`{-\x7f]++"  # space and most operators
    r"|'[^']*+'"
    r'|"[^"]*+"'
    r"|[bBnNxX](?=')|[uU]&(?=['\"])"  # what a quote starts with is no word
    r"|[eE]'(?:[^\\']++|\\.|'')*+'"
    # A name right after a number belongs to it: in 1.e'\' no E string starts.
    rf"|[0-9]++(?:\.[0-9]*+)?(?:{_WORD})?|\$[0-9]++(?:{_WORD})?"
    r"|--[^\n\r]*+|-|/(?!\*)"
    rf"|::|:=|:(?!{_LETTER_DIGIT}|['\"{{])"
)
_ANY = rf"(?![eE]'){_WORD}|{_ATOMS}"
_BALANCED = rf"\((?:{_ANY})*+\)"  # deeper ones would take longer to compile than they save


def _whole() -> re.Pattern[str]:
    """A line that is one SELECT without variables, dollar quotes and backslashes.

    Parentheses are balanced and up to three deep. It has no need of possessive quantifiers: no
    two alternatives start alike.
    """
    text = r"[^'\"\\:$/;()-]*"
    other = r"'[^'\\]*'|\"[^\"\\]*\"|::|-(?!-)|/(?!\*)"
    inside = rf"{text}(?:(?:{other}){text})*"
    for _ in range(3):
        inside = rf"{text}(?:(?:{other}|\({inside}\)){text})*"
    return re.compile(rf"((?i:select){inside};)[ \t\r]*")


RUN = compiled(rf"(?:{_ANY}|{_BALANCED})++", re.DOTALL)
_WHOLE = _whole()
CAREFUL = compiled(rf"(?:{_ATOMS})++", re.DOTALL)
BLANK = compiled(r"(?:[ \t\n\r\f\v]++|--[^\n\r]*+)++")
WORD = compiled(_WORD)
DOLLAR = compiled(rf"\$(?:{_LETTER}{_LETTER_DIGIT}*+)?\$")
VARIABLE = compiled(
    rf":(?:(?P<plain>{_LETTER_DIGIT}++)|'(?P<literal>{_LETTER_DIGIT}++)'"
    rf"|\"(?P<identifier>{_LETTER_DIGIT}++)\"|\{{\?(?P<test>{_LETTER_DIGIT}++)\}})"
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
    return compiled(_CLOSING.get(kind) or rf".*?{re.escape(kind)}", re.DOTALL)


def substitute(found: re.Match[str], lookup: Callable[[str], str | None]) -> str:
    """Give the text for a match of ``VARIABLE``: itself if there is no such variable."""
    kind = found.lastgroup or ""
    value = lookup(found[kind])
    if kind == "test":
        return "FALSE" if value is None else "TRUE"
    return found[0] if value is None else _QUOTING[kind](value)
