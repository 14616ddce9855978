"""What one statement gave: rows as text, notices, or a failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from harness.core.results import Location

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A statement that the server refused, or that did not return in time."""

    message: str
    sqlstate: str = ""
    detail: str = ""
    hint: str = ""
    context: str = ""
    location: Location | None = None
    """The line of the error itself where the server says it, else of the statement."""
    function: str = ""
    """Of the server's source code, where it was raised: in no language, unlike the message."""
    query: str = ""
    """What the server was running: the statement, or a query in a function that it calls."""
    position: int = 0
    """The character of the query that is meant, from 1; 0 where the server does not say."""

    schema: str = ""
    table: str = ""
    column: str = ""
    constraint: str = ""
    """What the server says it is about, where it does; names without their schema."""
    statement: str = ""
    """What was sent, in whole."""

    def __str__(self) -> str:
        parts = [f"{self.sqlstate}: {self.message}" if self.sqlstate else self.message]
        for label in ("detail", "hint", "context"):
            if text := getattr(self, label):
                parts.append(f"{label.capitalize()}: {text}")
        return "\n".join(parts)


class Answer(NamedTuple):
    """The answer to one item of a script."""

    location: Location
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    notices: tuple[str, ...] = ()
    failure: Failure | None = None
    seconds: float = 0.0
    tells: dict[str, str] | None = None
    """psql's variables that tell of it, where the script asks for any."""
    counted: bool = False
    """Whether it answers the session's own ``count``, and nothing of the script's."""
