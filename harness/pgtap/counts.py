"""What the library has counted, compared with what it printed.

psql and pg_prove see what a statement prints. A failure whose line goes elsewhere (into
PERFORM, INSERT, a second column, a file) is lost to them, and the file passes. The library
has counted it all the same.
"""

from __future__ import annotations

from importlib.resources import files

from harness.pgtap.tap import Counted, TapReader
from harness.postgres.session import Answer

BUILTIN = ((files("harness.pgtap") / "count.sql").read_text("utf-8"),)
"""What is asked of our own library."""

EXTENSION = tuple((files("harness.pgtap") / "count_extension.sql").read_text("utf-8").split("\n\n"))
"""What is asked of the real pgTAP, which has ``num_failed()``."""


def compare(reader: TapReader, answer: Answer) -> None:
    """Compare an answer to one of these with what has been read by now."""
    for plan, ran, failed, failure in answer.rows:
        number = int(plan) if plan is not None else None
        counted = Counted(number, int(ran or 0), int(failed or 0), failure or "")
        reader.compare(counted, answer.location)


def unprinted(count: int) -> str:
    """The note of a file whose tests passed without being printed."""
    return f"{count} {'test' if count == 1 else 'tests'} passed without being printed"
