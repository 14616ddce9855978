"""What a terminal can show: colours, links, widths, and characters that it has none of."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from harness.core.text import plain

WIDTH = 80
"""Columns of what is no terminal."""
NARROWEST, WIDEST = 40, 120
"""Columns below which nothing fits, and beyond which a line is no easier to read."""

_ASCII = str.maketrans(
    {
        "✓": "ok",
        "✗": "FAIL",
        "–": "-",
        "━": "=",
        "─": "-",
        "│": "|",
        "…": "...",
        "·": "-",
        "█": "#",
        "→": "->",
        "’": "'",
        "\N{REPLACEMENT CHARACTER}": "?",
    }
)
_MARKS = "✓✗–·!?"
_LINKING = ("VTE_VERSION", "WT_SESSION", "KITTY_WINDOW_ID", "WEZTERM_PANE", "KONSOLE_VERSION")
_LINKING_PROGRAMS = ("iTerm.app", "vscode", "WezTerm", "ghostty", "Hyper")


# --- what a stream takes ------------------------------------------------------------------


@lru_cache(maxsize=4)
def is_terminal(stream: TextIO) -> bool:
    """Whether a person watches; asked of the system once for each stream."""
    return stream.isatty()


def width(stream: TextIO) -> int:
    """Columns that a line may take."""
    if not is_terminal(stream):
        return WIDTH
    try:
        columns = int(os.environ.get("COLUMNS", "0"))
    except ValueError:
        columns = 0
    if columns <= 0:
        columns = _columns_of(stream)
    return min(max(columns, NARROWEST), WIDEST)


def _columns_of(stream: TextIO) -> int:
    """Of this stream: standard output may be a file while standard error is a terminal."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return shutil.get_terminal_size((WIDTH, 24)).columns


def coloured(text: str, colour: str, stream: TextIO) -> str:
    """Text in a colour (of ECMA-48's SGR), where the stream is a terminal.

    NO_COLOR and FORCE_COLOR in the environment say otherwise (https://no-color.org).
    """
    return f"\033[{colour}m{text}\033[0m" if text and has_colours(stream) else text


def has_colours(stream: TextIO) -> bool:
    """Whether a stream takes escape sequences."""
    wanted = bool(os.environ.get("FORCE_COLOR")) or is_terminal(stream)
    return wanted and not os.environ.get("NO_COLOR")


def linked(text: str, path: Path, stream: TextIO) -> str:
    """A text as a link to a file, for terminals that are known to have links (OSC 8)."""
    known = any(name in os.environ for name in _LINKING)
    known = known or os.environ.get("TERM_PROGRAM") in _LINKING_PROGRAMS
    if not (known and is_terminal(stream) and has_colours(stream)):
        return text
    return f"\033]8;;{path.absolute().as_uri()}\033\\{text}\033]8;;\033\\"


def one_line(text: str) -> str:
    """The same on a line."""
    return plain(" ".join(text.split()))


def encodable(text: str, stream: TextIO) -> str:
    """Text that a stream can write: its encoding may know no ✓."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII)
        return text.encode(encoding, "backslashreplace").decode(encoding)
    return text


def mark(symbol: str, stream: TextIO) -> str:
    """One of the marks at the start of a line, as wide as each other."""
    if encodable(_MARKS, stream) == _MARKS:
        return symbol
    return symbol.translate(_ASCII).ljust(max(len(one.translate(_ASCII)) for one in _MARKS))


# --- columns --------------------------------------------------------------------------------


def columns(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_column, text))


def _column(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 1 + (unicodedata.east_asian_width(character) in "WF")


def padded(text: str, room: int) -> str:
    """A text, and spaces up to so many columns."""
    return text + " " * (room - columns(text))


def end_of(text: str, room: int, stream: TextIO) -> str:
    """The end of a text that is too long: of a path, it is what tells it from others."""
    if columns(text) <= room:
        return text
    dots = encodable("…", stream)
    while text and columns(text) > room - len(dots):
        text = text[1:]
    return dots + text


def start_of(text: str, room: int, stream: TextIO) -> str:
    """The start of a text that is too long."""
    if columns(text) <= room:
        return text
    dots = encodable("…", stream)
    while text and columns(text) > room - len(dots):
        text = text[:-1]
    return text + dots


def wrapped(text: str, room: int) -> list[str]:
    """A text in lines; a list of things ends its lines between two of them where it can."""
    import textwrap  # late: few lines are that long

    lines: list[str] = []
    for part in re.split(r"(?<=[,;]) ", text):
        if lines and columns(lines[-1]) + 1 + columns(part) <= room:
            lines[-1] += f" {part}"
        else:
            lines += textwrap.wrap(part, room) or [""]
    return lines
