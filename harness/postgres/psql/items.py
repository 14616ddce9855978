"""What a script turns into: the values that a runner carries out, one after another."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias


@dataclass(frozen=True, slots=True)
class Gset:
    r"""``\gset``: store the columns of the one row as variables ``prefix + column``."""

    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Gexec:
    r"""``\gexec``: execute every field of the result as a statement, row by row."""


@dataclass(frozen=True, slots=True)
class Discard:
    r"""``\g /dev/null`` and ``\o /dev/null``: what the result says is not shown."""


After: TypeAlias = Gset | Gexec | Discard
"""What to do with a result."""


class Statement(NamedTuple):
    r"""One message to the server.

    ``sql`` is what psql would send, variables put in; several statements when the
    script joins them with ``\;``. ``line`` (from 1) is where the first token stands
    that is neither space nor comment. ``after`` says what to do with the result.
    ``data`` is the input of a COPY FROM STDIN: text for inline data, bytes for what
    ``\copy`` reads from a file, None for every other statement. ``breaks`` holds
    (offset in ``sql``, line of the file) for each line of the file with a part in it.
    """

    sql: str
    path: Path
    line: int
    after: After | None = None
    data: bytes | str | None = None
    breaks: tuple[tuple[int, int], ...] = ()

    def line_at(self, offset: int) -> int:
        """Line of the file for a character offset (from 0) in ``sql``.

        Counting newlines would be wrong: psql drops empty lines outside quotes, and
        a variable's value can bring newlines of its own.
        """
        index = bisect_right(self.breaks, offset, key=lambda pair: pair[0])
        return self.breaks[index - 1][1] if index else self.line


@dataclass(frozen=True, slots=True)
class Echo:
    """Text to write as it is (its newline included), and psql's own warnings."""

    text: str
    path: Path
    line: int
    stream: Literal["stdout", "stderr"] = "stdout"


@dataclass(frozen=True, slots=True)
class Reconnect:
    r"""``\c -``: close the session and open a new one to the same database.

    ``database`` and ``user`` are what a script asks for that may name them, else empty.
    """

    path: Path
    line: int
    database: str = ""
    user: str = ""


Item: TypeAlias = Statement | Echo | Reconnect
