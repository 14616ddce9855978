"""What a terminal can show: colours, links, widths, and characters that it has none of."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TextIO

WIDTH = 80
"""Columns of what is no terminal."""
WIDEST = 120
"""Columns beyond which a line is no easier to read."""

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
    }
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x84\x86-\x9f]")
_LINKING = ("VTE_VERSION", "WT_SESSION", "KITTY_WINDOW_ID", "WEZTERM_PANE", "KONSOLE_VERSION")
_LINKING_PROGRAMS = ("iTerm.app", "vscode", "WezTerm", "ghostty", "Hyper")


def width(stream: TextIO) -> int:
    """Columns that a line may take."""
    return min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDEST) if stream.isatty() else WIDTH


def coloured(text: str, colour: str, stream: TextIO) -> str:
    """Text in a colour (of ECMA-48's SGR), where the stream is a terminal.

    NO_COLOR and FORCE_COLOR in the environment say otherwise (https://no-color.org).
    """
    return f"\033[{colour}m{text}\033[0m" if text and has_colours(stream) else text


def has_colours(stream: TextIO) -> bool:
    """Whether a stream takes escape sequences."""
    wanted = bool(os.environ.get("FORCE_COLOR")) or stream.isatty()
    return wanted and not os.environ.get("NO_COLOR")


def linked(text: str, path: Path, stream: TextIO) -> str:
    """A text as a link to a file, for terminals that are known to have links (OSC 8)."""
    known = any(name in os.environ for name in _LINKING)
    known = known or os.environ.get("TERM_PROGRAM") in _LINKING_PROGRAMS
    if not (known and stream.isatty() and has_colours(stream)):
        return text
    return f"\033]8;;{path.absolute().as_uri()}\033\\{text}\033]8;;\033\\"


def plain(text: str) -> str:
    """Text of others without what a terminal would obey."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def encodable(text: str, stream: TextIO) -> str:
    """Text that a stream can write: its encoding may know no ✓."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII)
        return text.encode(encoding, "backslashreplace").decode(encoding)
    return text
