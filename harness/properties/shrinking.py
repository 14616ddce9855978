"""The smallest row that fails a property, by Hypothesis, kept for the next run."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase, InMemoryExampleDatabase
from hypothesis.errors import HypothesisException

from harness.core.results import Outcome
from harness.properties.base import Decision, Property
from harness.properties.evidence import essential

TRIES = 120
"""Rows that a property that failed is tried with."""

Draw = Callable[[Any], Any]
"""Hypothesis' choice from a strategy."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The rows that failed properties in earlier runs, in a directory; None keeps nothing."""

    folder: Path | None = None

    def has(self, prop: Property) -> bool:
        """Whether a property failed before."""
        return self.folder is not None and self._of(prop).exists()

    def database(self, prop: Property) -> Any:
        """Hypothesis' database for one property."""
        if self.folder is None:
            return InMemoryExampleDatabase()
        return DirectoryBasedExampleDatabase(self._of(prop))

    def _of(self, prop: Property) -> Path:
        assert self.folder is not None
        return self.folder / hashlib.sha256(repr(prop).encode()).hexdigest()[:16]


class _StillFailed(Exception):  # noqa: N818  a signal to Hypothesis
    """The row that was drawn fails the property too."""


def smallest(
    prop: Property, decide: Callable[[Draw], Decision], seed: int, known: Examples
) -> Decision | None:
    """The failure with the least to read; None where no row that is drawn shows it.

    ``decide`` tries the property on the server with rows that come from a draw.
    """
    found: list[Decision] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=TRIES // 4,
        database=known.database(prop),
        deadline=None,
        phases=[Phase.reuse, Phase.generate, Phase.shrink],
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def fails(data: Any) -> None:
        if len(found) < TRIES and (decision := decide(data.draw)).outcome is Outcome.FAILED:
            found.append(decision)
            raise _StillFailed

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Hypothesis, about how it is used here
            fails()
    except (_StillFailed, HypothesisException):
        pass  # that it fails is what it is for; that it ends is what TRIES is for
    return min(found, key=readable, default=None)


_ODD = re.compile(r"[^ -~\n]|infinity|NaN|\d{7,}", re.IGNORECASE)
"""What a person would rather not read: other characters, ends of ranges, long numbers."""


def readable(decision: Decision) -> tuple[int, int, str]:
    """A key to sort by: what is odd in the statements, then how much there is to read."""
    text = "\n".join(step.sql for step in essential(decision.evidence))
    return len(_ODD.findall(text)), len(text), text
