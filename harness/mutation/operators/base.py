"""What an operator is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Protocol

from harness.mutation.declared import Declared
from harness.mutation.mutant import Mutant


class Operator(Protocol):
    """Makes the mutants of one kind of object, in an order that is the same in every run."""

    kind: ClassVar[str]
    """What ``--kind`` calls it."""

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Every mutant of the schema's objects of this kind."""
