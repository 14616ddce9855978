"""The tokens of SQL and PL/pgSQL, with where they stand (pure)."""

from __future__ import annotations

from typing import NamedTuple

import regex as re

# $body$ ... $body$, 'it''s', "a name", -- to the end, 1.5, a word, ::, <>, (
_TOKEN = re.compile(
    r"""
      (?P<space>\s++|--[^\n]*+|/\*.*?\*/)
    | (?P<dollar>\$(?P<tag>[A-Za-z_]\w*+)?\$.*?\$(?P=tag)\$|\$\$.*?\$\$)
    | (?P<string>[eE]'(?:[^'\\]++|\\.|'')*+'|'(?:[^']++|'')*+')
    | (?P<quoted>"(?:[^"]++|"")++")
    | (?P<number>\d++(?:\.(?!\.)\d++)?)
    | (?P<word>[^\W\d][\w$]*+)
    | (?P<mark>::|:=|\.\.|[()\[\],.;])
    | (?P<operator>[-+*/<>=~!@\#%^&|?]++)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = ("space", "dollar", "string", "quoted", "number", "word", "mark", "operator", "other")


class Token(NamedTuple):
    """A token: ``kind`` is a group's name above; its text as it stands, and where."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """A keyword or unquoted name in lower case, else nothing."""
        return self.text.lower() if self.kind == "word" else ""


NONE = Token("end", "", 0, 0)
"""What stands before the first token and after the last."""


def tokens(text: str) -> list[Token]:
    """All tokens but space and comments."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = next(kind for kind in _KINDS if match[kind] is not None)
        if kind != "space":
            found.append(Token(kind, match[0], match.start(), match.end()))
    return found


def closing(found: list[Token], opening: int) -> int:
    """The index of the bracket that closes the one at ``opening``; the last index for none."""
    depth = 0
    for at in range(opening, len(found)):
        if found[at].text in ("(", "["):
            depth += 1
        elif found[at].text in (")", "]"):
            depth -= 1
            if depth == 0:
                return at
    return len(found) - 1
