"""Text for the page: SQL in colours, lines of a file round a place, lines of a diff."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers.python import PythonLexer
from pygments.lexers.sql import PostgresLexer

from harness.reports.failure_text import file_lines, printable

AROUND = 2
"""Lines that are shown before and after the one that is meant."""
LONGEST = 60_000
"""Characters beyond which text is shown without colours: a lexer takes seconds for it."""

_HAVE = re.compile(r"\s*(have|Extra records|caught|found):?")
_WANT = re.compile(r"\s*(want|Missing records|wanted|expected):?")


class Line(NamedTuple):
    """A line of text; ``kind`` is ``"del"``, ``"ins"`` or empty."""

    text: str
    kind: str = ""


class SourceLine(NamedTuple):
    """A line of a file."""

    number: int
    code: Markup
    marked: bool = False


@lru_cache(maxsize=512)
def code(text: str, suffix: str = ".sql") -> Markup:
    """Code in colours: SQL, or Python by the suffix of its file."""
    shown = printable(text)
    if len(shown) > LONGEST:
        return escape(shown)
    lexer = _lexer(suffix)
    return Markup(highlight(shown, lexer, _formatter()).rstrip("\n"))  # noqa: S704  escaped there


@lru_cache(maxsize=2)
def _lexer(suffix: str) -> Lexer:
    return (PythonLexer if suffix == ".py" else PostgresLexer)(stripnl=False, ensurenl=False)


@lru_cache(maxsize=1)
def _formatter() -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True, classprefix="s-")


@lru_cache(maxsize=256)
def coloured_lines(path: Path) -> tuple[Markup, ...]:
    """Each line of a file in colours; nothing where it cannot be read.

    Comments and strings that go over several lines keep their colour: the file is read as a whole.
    """
    lines = file_lines(path)
    # The formatter ends a span at the end of each line and begins it again.
    shown = str(code("\n".join(lines), path.suffix)).split("\n")
    return tuple(map(Markup, shown)) if len(shown) == len(lines) else tuple(map(escape, lines))


def excerpt(path: Path, line: int) -> tuple[SourceLine, ...]:
    """The lines round a place, numbered."""
    lines = coloured_lines(path)
    if not 0 < line <= len(lines):
        return ()
    first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
    return tuple(SourceLine(n, lines[n - 1], n == line) for n in range(first, last + 1))


def said(text: str) -> tuple[Line, ...]:
    """The lines of a message, with what was found and what was wanted told apart."""
    return tuple(Line(line, _kind(line)) for line in dedent(printable(text)).splitlines())


def _kind(line: str) -> str:
    stripped = line.lstrip()
    if stripped.startswith(("+ ", "+++")) or _WANT.match(line):
        return "ins"
    return "del" if stripped.startswith(("- ", "---")) or _HAVE.match(line) else ""
