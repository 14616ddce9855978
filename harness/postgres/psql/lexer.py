"""Where statements end: psql's lexer for SQL, one line at a time.

psql reads a script line by line and keeps its state between lines: an open quote, the
depth of parentheses, of ``BEGIN ATOMIC``. So does this lexer. A variable's value is
read in the place of ``:name`` as if it stood in the script, semicolons, backslash
commands and further variables included; ``_outer`` is the stack of texts to go on with.

Speed comes from ``whole_select``, which knows most lines of a test file at once, and from
``RUN``: one match passes over all text that cannot end a statement, complete quotes and
balanced parentheses included. What it leaves is taken token by token.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import cache

from harness.postgres.psql import variables


def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern with possessive quantifiers, which keep reading linear in a script's size.

    ``re`` matches them wrongly before Python 3.11.5 (Debian 12 has 3.11.2), so ``regex`` does it
    there; elsewhere ``re`` does, which reads a third faster and is loaded in any case.
    """
    if sys.version_info >= (3, 11, 5):
        return re.compile(pattern, flags)
    return with_regex(pattern, flags)


def with_regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The same by ``regex``."""
    import regex  # late: most need none of it

    return regex.compile(pattern, flags)  # type: ignore[return-value]


# psql knows two kinds of statements by their words outside parentheses. In a function
# or procedure BEGIN, CASE and END count, for the sake of BEGIN ATOMIC; a COPY with FROM
# STDIN has its data in the lines after it. The state is how far a statement got on its
# way there; None: it is of neither kind.
_HEADS: dict[tuple[str | None, str], str] = {
    ("", "create"): "create",
    ("create", "or"): "create or",
    ("create or", "replace"): "replace",
    ("create", "function"): "body",
    ("create", "procedure"): "body",
    ("replace", "function"): "body",
    ("replace", "procedure"): "body",
    ("", "copy"): "copy",
    ("copy", "from"): "from",
    ("from", "from"): "from",
    ("from", "stdin"): "input",
    ("from", "stdout"): "input",
}
# In these any other word leaves the statement what it is.
_PATIENT = {"copy": "copy", "from": "copy", "body": "body", "input": "input"}


@dataclass(slots=True)
class Buffer:
    r"""The statement collected so far, and where the lexer stands in its grammar.

    ``first`` is the line of its first real token, 0 before there is one; ``keywords``
    the first word of each statement in it (several when joined by ``\;``); ``inputs``
    how many of them are a COPY FROM STDIN.
    """

    parts: list[str] = field(default_factory=list)
    size: int = 0
    first: int = 0
    parens: int = 0
    begins: int = 0
    inputs: int = 0
    head: str | None = ""
    keywords: list[str] = field(default_factory=list)
    breaks: list[tuple[int, int]] = field(default_factory=list)

    def copy(self) -> Buffer:
        """Make an equal buffer that can go its own way."""
        return replace(
            self,
            parts=self.parts.copy(),
            keywords=self.keywords.copy(),
            breaks=self.breaks.copy(),
        )

    def append(self, text: str, line: int) -> None:
        """Add what stands on ``line`` of the file."""
        if not self.parts:
            self.breaks.append((0, line))
        self.parts.append(text)
        self.size += len(text)

    def count(self, word: str) -> None:
        """Follow the words that tell the kind of the statement."""
        if self.head == "":
            self.keywords.append(word)
        elif self.parens and self.head in _PATIENT:
            return
        before = self.head
        self.head = _HEADS.get((before, word)) or _PATIENT.get(before or "")
        self.inputs += before == "from" and self.head == "input"
        if before == "body":
            self._nest(word)

    def _nest(self, word: str) -> None:
        """Count the open blocks of a body; a CASE matters only inside one, for its END."""
        if word == "begin" or (word == "case" and self.begins):
            self.begins += 1
        elif word == "end" and self.begins:
            self.begins -= 1


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


def uncommented(sql: str) -> str:
    """The text with a space in the place of each comment; strings stay as they are."""
    return _QUOTED.sub(lambda found: " " if found["comment"] else found[0], sql)


def _without(found: re.Match[str]) -> str:
    if found["comment"]:
        return " "
    return found["name"] or "''"


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
