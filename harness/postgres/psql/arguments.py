"""psql's lexer for backslash commands: their names and their arguments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.core.errors import ScriptError
from harness.postgres.psql.lexer import Lexer
from harness.postgres.psql.possessive import compiled
from harness.postgres.psql.tokens import VARIABLE, substitute

_SPACE = compiled(r"[ \t\n\r\f\v]++")
_NAME = compiled(r"[^ \t\n\r\f\v\\]*+")
_TOKEN = compiled(
    r"(?P<bare>[^ \t\n\r\f\v\\'\"`:]++)"
    r"|'(?P<single>(?:[^'\\]|''|\\.)*+)'"
    r'|(?P<double>"[^"]*+")',
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)|''", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"b": b"\b", b"r": b"\r", b"f": b"\f"}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument; ``quoted`` if any part of it was quoted or came from a variable."""

    text: str
    quoted: bool


class Arguments:
    """What follows a backslash, read from where the SQL lexer stopped.

    ``fail`` makes the ScriptError for a message. ``unresolved`` turns
    true when an argument names a variable that is not defined.
    """

    def __init__(self, lexer: Lexer, fail: Callable[[str], ScriptError]) -> None:
        self.unresolved = False
        self._lexer = lexer
        self._fail = fail
        self.name = self._command()

    def __iter__(self) -> Iterator[Argument]:
        """Read the arguments that are left."""
        while (argument := self.one()) is not None:
            yield argument

    def one(self, *, strip: bool = False) -> Argument | None:
        """Read the next argument, None at the end; ``strip`` cuts bare semicolons off."""
        self._skip_space()
        fixed, tail, quoted = "", "", False
        while part := self._part():
            if part.quoted:
                fixed, tail, quoted = fixed + tail + part.text, "", True
            else:
                tail += part.text
        text = fixed + (tail.rstrip(";") if strip else tail)
        return Argument(text, quoted) if text or quoted else None

    def line(self) -> str:
        """Read all that is left of the line, without any quoting."""
        lexer = self._lexer
        text = lexer.text[lexer.pos :]
        lexer.pos = len(lexer.text)
        while lexer.pop():
            text += lexer.text[lexer.pos :]
            lexer.pos = len(lexer.text)
        return text.lstrip(" \t\n\r\f\v")

    def finish(self) -> None:
        r"""Pass over ``\\``, which separates a command from what follows it."""
        if self._lexer.text.startswith("\\\\", self._lexer.pos):
            self._lexer.pos += 2

    def _command(self) -> str:
        lexer = self._lexer
        found = _NAME.match(lexer.text, lexer.pos + 1)
        name = found[0] if found else ""
        lexer.pos += 1 + len(name)
        return name

    def _exhausted(self) -> bool:
        lexer = self._lexer
        while lexer.pos >= len(lexer.text):
            if not lexer.pop():
                return True
        return False

    def _skip_space(self) -> None:
        while not self._exhausted():
            found = _SPACE.match(self._lexer.text, self._lexer.pos)
            if not found:
                return
            self._lexer.pos = found.end()

    def _part(self) -> Argument | None:
        """Read one piece of an argument, None where the argument ends."""
        if self._exhausted():
            return None
        lexer = self._lexer
        found = _TOKEN.match(lexer.text, lexer.pos) or VARIABLE.match(lexer.text, lexer.pos)
        if not found:
            return self._odd(lexer.text[lexer.pos])
        lexer.pos = found.end()
        if found.re is VARIABLE:
            return Argument(self._substitute(found), quoted=True)
        if found.lastgroup == "single":
            return Argument(self._unescape(found["single"]), quoted=True)
        return Argument(found[0], quoted=found.lastgroup == "double")

    def _odd(self, char: str) -> Argument | None:
        if char == "`":
            raise self._fail("back-ticks run a shell command: not served")
        if char in "'\"":
            raise self._fail(f"unterminated quoted string in the arguments of \\{self.name}")
        if char != ":":
            return None
        self._lexer.pos += 1
        return Argument(":", quoted=False)

    def _substitute(self, found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        if kind != "test" and self._lexer.lookup(found[kind]) is None:
            self.unresolved = True
        return substitute(found, self._lexer.lookup)

    def _unescape(self, text: str) -> str:
        if "\\" not in text and "'" not in text:
            return text
        # Octal and hexadecimal escapes give bytes, which may add up to one character.
        try:
            return _ESCAPE.sub(_unescaped, text.encode()).decode()
        except UnicodeDecodeError:
            raise self._fail("escapes in a quoted argument do not form valid UTF-8") from None


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code is None:
        return b"'"
    if code[:1] in b"01234567":
        return bytes([int(code, 8) & 0xFF])
    if len(code) > 1:
        return bytes([int(code[1:], 16)])
    return _LETTERS.get(code, code)
