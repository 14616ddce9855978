"""Where the statements of a file stand, and the file without what is no SQL (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from harness.postgres.psql.lexer import End, Lexer


class Part(NamedTuple):
    """Lines ``first`` to ``last`` (from 1); of a command also the index where it starts.

    ``sql`` is a statement's text, comments before it left out.
    """

    kind: Literal["sql", "psql", "data"]
    first: int
    last: int
    start: int = 0
    sql: str = ""


def spans(text: str) -> list[tuple[int, int]]:
    """First and last line of each statement; a line of psql's commands belongs to none."""
    return [(part.first, part.last) for part in parts(text) if part.kind == "sql"]


def plain(text: str) -> str:
    """The text with psql's commands and the data of COPY as comments, line for line.

    A command that sends a statement leaves a semicolon. A variable stays as it is written.
    """
    lines = text.split("\n")
    sent = {part.last for part in parts(text) if part.kind == "sql"}
    for part in parts(text):
        if part.kind == "sql":
            continue
        end = "; " if part.first in sent and lines[part.first - 1][: part.start].strip() else ""
        for index in range(part.first - 1, part.last):
            line = lines[index]
            lines[index] = f"{line[: part.start]}{end}-- {line[part.start :]}"
    return "\n".join(lines)


def parts(text: str) -> Iterator[Part]:
    """Statements, commands of psql's, and data, in the order in which they end."""
    lexer = Lexer(lambda _: None)
    lines = iter(enumerate(text.removesuffix("\n").split("\n"), 1))
    number = 1
    for number, line in lines:
        lexer.feed(line, number)
        while (end := lexer.scan()) is not End.LINE:
            if end is End.BACKSLASH:
                yield from _command(lexer, line, number)
                continue
            buffer = lexer.reset()
            yield Part("sql", buffer.first or number, number, sql="".join(buffer.parts))
            if buffer.inputs:
                data = [n for n, _ in _data(lines)]
                yield from [Part("data", data[0], data[-1])] if data else []
    if lexer.buffer.first:
        yield Part("sql", lexer.buffer.first, number, sql="".join(lexer.buffer.parts))


def _command(lexer: Lexer, line: str, number: int) -> Iterator[Part]:
    """The rest of a line; behind a statement it is a command that sends it, such as gset."""
    start, lexer.pos = lexer.pos, len(lexer.text)
    if line[:start].strip() and lexer.buffer.first:
        buffer = lexer.reset()
        yield Part("sql", buffer.first, number, sql="".join(buffer.parts))
    yield Part("psql", number, number, start)


def _data(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    for number, line in lines:
        yield number, line
        if line.rstrip("\r") == "\\.":
            return
