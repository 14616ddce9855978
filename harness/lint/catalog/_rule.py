"""Rule: what is looked for in a catalog; Objection: one thing that is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple, Protocol

from harness.core.findings import Severity
from harness.lint.catalog._view import View

Kind = Literal["table", "view", "policy", "function", "index", "constraint", "trigger", "grant",
               "role"]  # fmt: skip


class Object(NamedTuple):
    """What an objection is about, to find the statement that made it."""

    kind: Kind
    schema: str
    name: str
    table: str = ""
    """Of a policy, index, constraint or trigger; of a grant, what is granted on."""
    grantee: str = ""


@dataclass(frozen=True, slots=True)
class Objection:
    """Something a rule objects to."""

    object: Object
    message: str
    severity: Severity | None = None
    """Where it is not the rule's own."""


class Rule(Protocol):
    """One rule; the docstring of its module says what it finds, and why that matters."""

    id: ClassVar[str]
    severity: ClassVar[Severity]

    def find(self, view: View) -> Iterable[Objection]:
        """What there is of it in a database."""
