"""Tokens of the SQL that the server prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>(?:[EBX]|U&)?'(?:[^'\\]|''|\\.)*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
      | (?P<word>[^\W\d][\w$]*)
      | (?P<mark>::|:=|=>|[()\[\],.;])
      | (?P<operator>[-+*/<>=~!@\#%^&|`?]+)
      | (?P<other>\S)
    )""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN_STRING = re.compile(r"\s*(?P<string>'(?:[^']|'')*')", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is a group's name above; ``start`` and ``end`` are offsets in the text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """A keyword or unquoted name in lower case, else nothing."""
        return self.text.lower() if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """A name without its quotes."""
        return self.text[1:-1].replace('""', '"') if self.kind == "quoted" else self.text


def tokens(text: str) -> list[Token]:
    """All tokens of ``text``, ended by one of kind ``"end"``."""
    found, place = [], 0
    while text[place:].strip():
        # A backslash is one, unless the string begins with E.
        match = _PLAIN_STRING.match(text, place) or _TOKEN.match(text, place)
        if match is None:  # pragma: no cover  \S takes what no other alternative does
            break
        kind = match.lastgroup or "other"
        found.append(Token(kind, match[kind], match.start(kind), match.end(kind)))
        place = match.end()
    return [*found, Token("end", "", place, place)]


def substituted(text: str, names: Mapping[str, str]) -> str:
    """The same expression with other SQL for some names; functions and types keep theirs."""
    found, pieces, place = tokens(text), [], 0
    for before, token, after in zip([found[-1], *found], found, found[1:], strict=False):
        free = before.text not in (".", "::") and after.text not in (".", "(")
        if token.kind in ("word", "quoted") and free and token.name in names:
            pieces += [text[place : token.start], names[token.name]]
            place = token.end
    return "".join(pieces) + text[place:]


def string_value(text: str) -> str:
    """What a string literal stands for; bit strings as their digits."""
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    body = text[text.index("'") + 1 : -1].replace("''", "'")
    return re.sub(r"\\(.)", r"\1", body, flags=re.DOTALL) if text[0] == "E" else body
