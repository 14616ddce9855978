"""What a terminal can show."""

from __future__ import annotations

import io
import os
import pty
import struct
import sys
from collections.abc import Iterator
from fcntl import ioctl
from termios import TIOCSWINSZ
from typing import TextIO

import pytest

from harness.reports import terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "stream", "expected"),
    [
        ({}, Terminal(), True),
        ({}, io.StringIO(), False),
        ({"FORCE_COLOR": "1"}, io.StringIO(), True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, Terminal(), False),
    ],
)
def test_colours_are_for_terminals_and_who_asks(variables, stream, expected, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\033[32m" in terminal.coloured("x", "32", stream)) == expected


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[TextIO]:
    monkeypatch.delenv("COLUMNS", raising=False)
    controller, number = pty.openpty()
    with os.fdopen(number, "w") as stream:
        yield stream
    os.close(controller)


@pytest.mark.parametrize(
    ("columns", "expected"), [(100, 100), (300, 120), (10, 40), (0, terminal.WIDTH)]
)
def test_the_width_is_that_of_the_stream(screen: TextIO, columns: int, expected: int):
    """And not that of standard output, which may be a file."""
    ioctl(screen.fileno(), TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    assert not sys.stdout.isatty() or os.get_terminal_size().columns != columns
    assert terminal.width(screen) == expected


def test_what_is_no_terminal_has_80_columns(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert terminal.width(io.StringIO()) == 80


def stream_in(encoding: str) -> TextIO:
    return io.TextIOWrapper(io.BytesIO(), encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_everything_can_be_written_in_every_encoding(encoding: str):
    stream = stream_in(encoding)
    for text in ("✓ ✗ – … · │ ──", "漢 é \N{REPLACEMENT CHARACTER}", "plain"):
        stream.write(terminal.encodable(text, stream))
    marks = {terminal.mark(one, stream) for one in "✓✗–·!?"}
    assert len(marks) >= 5
    assert len({len(mark) for mark in marks}) == 1


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("a\u200db", 2)]
)
def test_characters_take_the_columns_that_they_are_shown_in(text: str, columns: int):
    assert terminal.columns(text) == columns
    assert terminal.columns(terminal.padded(text, 10)) == 10


def test_what_is_too_long_is_shortened_at_the_end_that_matters_less():
    stream = stream_in("utf-8")
    assert terminal.end_of("a/long/path.sql", 9, stream) == "…path.sql"
    assert terminal.start_of("a long text", 7, stream) == "a long…"
    assert terminal.end_of("漢漢漢", 5, stream) == "…漢漢"
    assert terminal.end_of("a/long/path.sql", 9, stream_in("ascii")) == "...th.sql"
    assert terminal.end_of("short", 5, stream) == "short"


def test_lists_end_their_lines_between_two_things():
    text = "2 assertions in 1 SQL file, 1 check in 1 Python file: 1 failed; interrupted"
    assert terminal.wrapped(text, 60) == [
        "2 assertions in 1 SQL file,",
        "1 check in 1 Python file: 1 failed; interrupted",
    ]
    assert terminal.wrapped("word " * 5, 12) == ["word word", "word word", "word"]
    assert max(map(len, terminal.wrapped("x" * 30, 12))) == 12
