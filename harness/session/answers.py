"""What one statement gave: rows as text, notices, or a failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from harness.results import Location

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
