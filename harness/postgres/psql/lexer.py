r"""Where statements end: psql's lexer for SQL, one line at a time.

psql reads a script line by line and keeps its state between lines: an open quote, the
depth of parentheses, of ``BEGIN ATOMIC``. So does this lexer. A variable's value is
read in the place of ``:name`` as if it stood in the script, semicolons, backslash
commands and further variables included; ``_outer`` is the stack of texts to go on with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from harness.postgres.psql.buffer import Buffer
from harness.postgres.psql.tokens import (
    BLANK,
    CAREFUL,
    DOLLAR,
    RUN,
    VARIABLE,
    WORD,
    closing,
    substitute,
)

_NAMES = {
    "'": "quoted string",
    "e'": "quoted string",
    '"': "quoted identifier",
    "/*": "comment",
    "$": "dollar-quoted string",
}


class End(Enum):
    """Why the lexer stopped."""

    SEMICOLON = auto()
    BACKSLASH = auto()
    LINE = auto()


@dataclass(slots=True)
class Open:
    """A quote or comment that is not closed yet, and the line where it was opened."""

    kind: str
    line: int
    depth: int = 1

    @property
    def name(self) -> str:
        """What it is, for a message."""
        return _NAMES[self.kind[0] if self.kind[0] == "$" else self.kind]


class Lexer:
    """State of one script file; ``lookup`` gives a variable's value or None."""

    def __init__(self, lookup: Callable[[str], str | None]) -> None:
        self.lookup = lookup
        self.text = ""
        self.pos = 0
        self.line = 0
        self.opened: Open | None = None
        self.recursion: list[str] = []
        self.buffer = Buffer()
        self._outer: list[tuple[str, int, str]] = []
        self._newline = 0

    def feed(self, line: str, number: int) -> None:
        """Start on the next line of the file; call when ``scan`` has returned LINE."""
        self.text, self.pos, self.line = line, 0, number
        self._newline = 0
        if self.buffer.parts:
            self._echo("\n")
            self.buffer.breaks.append((self.buffer.size, number))
            self._newline = len(self.buffer.parts)

    def scan(self) -> End:
        """Read on, collecting ``buffer``, up to a reason to stop."""
        while True:
            if self.pos >= len(self.text):
                if not self.pop():
                    return End.LINE
            elif self.opened:
                self._close(self.opened)
            elif not self._blank() and (end := self._token()):
                return end

    def pop(self) -> bool:
        """Go on with the text around an exhausted variable; False at the line's end."""
        if not self._outer:
            return False
        self.text, self.pos, _ = self._outer.pop()
        return True

    def reset(self) -> Buffer:
        """Hand over what was collected and start afresh."""
        taken, self.buffer = self.buffer, Buffer()
        self._newline = 0
        return taken

    def restore(self, buffer: Buffer) -> None:
        """Go back to a statement as it was."""
        self.buffer = buffer.copy()
        self._newline = 0

    def drop_newline(self) -> None:
        """Forget the line break if nothing but a backslash command follows it.

        psql does, so that such a line leaves no trace in a statement around it.
        """
        if self._newline and len(self.buffer.parts) == self._newline:
            self.buffer.parts.pop()
            self.buffer.breaks.pop()
            self.buffer.size -= 1
        self._newline = 0

    def _echo(self, text: str) -> None:
        self.buffer.append(text, self.line)

    def _blank(self) -> bool:
        """Pass over what comes before the first token; psql drops it at the very start."""
        if self.buffer.first:
            return False
        found = BLANK.match(self.text, self.pos)
        if not found:
            return False
        if self.buffer.parts:
            self._echo(found[0])
        self.pos = found.end()
        return True

    def _token(self) -> End | None:
        buffer = self.buffer
        run = RUN if buffer.head is None else CAREFUL
        if found := run.match(self.text, self.pos):
            buffer.first = buffer.first or self.line
            self._echo(found[0])
            self.pos = found.end()
            return None
        if self.text.startswith("/*", self.pos):
            self._open("/*", 2)
            return None
        if self.text[self.pos] == "\\":
            return self._backslash()
        buffer.first = buffer.first or self.line
        return _TOKENS.get(self.text[self.pos], Lexer._word)(self)

    def _take(self, length: int) -> None:
        self._echo(self.text[self.pos : self.pos + length])
        self.pos += length

    def _open(self, kind: str, length: int) -> None:
        self.opened = Open(kind, self.line)
        self._take(length)

    def _close(self, opened: Open) -> None:
        """Go to the end of an open quote, or to the end of the text inside it."""
        found = closing(opened.kind).match(self.text, self.pos)
        if not found:
            self._take(len(self.text) - self.pos)
            return
        self._take(found.end() - self.pos)
        opened.depth += 1 if found[0].endswith("/*") else -1
        if not opened.depth:
            self.opened = None

    def _semicolon(self) -> End | None:
        self._take(1)
        if self.buffer.parens or self.buffer.begins:
            return None
        return End.SEMICOLON

    def _backslash(self) -> End | None:
        r"""``\;`` and ``\:`` stand for the bare character; else a command starts."""
        escaped = self.text[self.pos + 1 : self.pos + 2]
        if escaped not in (";", ":") or not escaped:
            return End.BACKSLASH
        self.buffer.first = self.buffer.first or self.line
        self.pos += 1
        self._take(1)
        if escaped == ";":
            self.buffer.head = ""
        return None

    def _parenthesis(self) -> None:
        step = 1 if self.text[self.pos] == "(" else -1
        self.buffer.parens = max(0, self.buffer.parens + step)
        self._take(1)

    def _quote(self) -> None:
        self._open(self.text[self.pos], 1)

    def _dollar(self) -> None:
        if found := DOLLAR.match(self.text, self.pos):
            self._open(found[0], len(found[0]))
        else:
            self._take(1)

    def _word(self) -> None:
        if self.text[self.pos : self.pos + 2] in ("e'", "E'"):
            self._open("e'", 2)
        elif found := WORD.match(self.text, self.pos):
            self.buffer.count(found[0].lower())
            self._take(len(found[0]))

    def _colon(self) -> None:
        found = VARIABLE.match(self.text, self.pos)
        if not found or not found.lastgroup:
            self._take(1)
        elif found.lastgroup == "plain":
            self._expand(found["plain"], found.end())
        else:
            self._echo(substitute(found, self.lookup))
            self.pos = found.end()

    def _expand(self, name: str, end: int) -> None:
        """Go on inside the value of a variable; its own name is left alone there."""
        value = self.lookup(name)
        current = any(name == outer for _, _, outer in self._outer)
        if current and value is not None:
            self.recursion.append(name)
        if current or value is None:
            self._take(end - self.pos)
            return
        if not self.buffer.parts:
            self.buffer.first = 0
        self._outer.append((self.text, end, name))
        self.text, self.pos = value, 0


_TOKENS: dict[str, Callable[[Lexer], End | None]] = {
    ";": Lexer._semicolon,
    "(": Lexer._parenthesis,
    ")": Lexer._parenthesis,
    "'": Lexer._quote,
    '"': Lexer._quote,
    "$": Lexer._dollar,
    ":": Lexer._colon,
}
