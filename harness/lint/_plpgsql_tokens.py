"""The words of a PL/pgSQL body, with where they stand (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import regex as re

_TOKEN = re.compile(
    r"""
      (?P<space>\s++|--[^\n\r]*+|(?P<comment>/\*(?:[^*/]++|\*(?!/)|/(?!\*)|(?&comment))*+\*/))
    | (?P<string>[eE]'(?:[^'\\]++|\\.|'')*+'|(?:[bBxXnN]|[uU]&)?'(?:[^']++|'')*+')
    | (?P<dollar>\$(?P<tag>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*+)?\$.*?\$(?P=tag)\$
        |\$\$.*?\$\$)
    | (?P<quoted>(?:[uU]&)?"(?:[^"]++|"")++")
    | (?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*+)
    | (?P<param>\$\d++)
    | (?P<number>\d[\d_]*+(?:\.(?!\.)\d*+)?(?:[eE][+-]?\d++)?)
    | (?P<op><<|>>|:=|=>|\.\.|::|.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A token: its kind, what it says, where it starts and ends.

    ``text`` of a word is in lower case, of a quoted name without the quotes: two that name
    the same are equal.
    """

    kind: str
    text: str
    start: int
    end: int

    def says(self, *texts: str) -> bool:
        """Whether it is one of these words or operators, and not quoted."""
        return self.kind in ("word", "op") and self.text in texts

    @property
    def is_name(self) -> bool:
        """Whether it can name something."""
        return self.kind in ("word", "quoted")


def tokens(body: str) -> list[Token]:
    """All tokens but space and comments."""
    found = []
    for match in _TOKEN.finditer(body):
        kind = next(k for k in _KINDS if match[k] is not None)
        if kind != "space":
            found.append(Token(kind, _said(kind, match[0]), match.start(), match.end()))
    return found


_KINDS = ("space", "string", "dollar", "quoted", "word", "param", "number", "op")


def _said(kind: str, text: str) -> str:
    if kind == "word":
        return text.lower()
    if kind == "quoted" and text.startswith('"'):
        return text[1:-1].replace('""', '"')
    return text


def until(found: Sequence[Token], index: int, *ends: str) -> int:
    """The index of the next of these words outside of parentheses and CASE; len for none."""
    depth = cases = 0
    for at in range(index, len(found)):
        token = found[at]
        if not depth and not cases and token.says(*ends):
            return at
        if token.says("(", "["):
            depth += 1
        elif token.says(")", "]"):
            depth -= 1
        elif token.says("case"):
            cases += 1
        elif token.says("end") and cases:
            cases -= 1
    return len(found)
