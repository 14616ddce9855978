"""A LEAKPROOF function that can reveal its arguments.

LEAKPROOF promises that a function reveals nothing about its arguments. The planner therefore may
run it before policies and security barriers have filtered the rows. A function that raises an
error, or writes, reveals values of rows that the user may not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View

_TELLING = re.compile(
    r"\b(?:RAISE|ASSERT|INSERT|UPDATE|DELETE|EXECUTE|PERFORM|NOTIFY|CAST|STRICT)\b|::|/|%|\[",
    re.IGNORECASE,
)


class LeakproofByHand:
    """A user's function is LEAKPROOF, and can raise or write."""

    id: ClassVar[str] = "leakproof-by-hand"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such function."""
        for function in view.catalog.functions:
            told = _TELLING.search(function.body)
            if function.leakproof and function.language in ("sql", "plpgsql") and told:
                yield Objection(
                    Object("function", function.schema, function.name),
                    f"{function} is LEAKPROOF, but {told[0].upper()} reveals its arguments,"
                    " even of rows that policies hide",
                )
            elif function.leakproof and function.language not in (
                "sql",
                "plpgsql",
                "internal",
                "c",
            ):
                yield Objection(
                    Object("function", function.schema, function.name),
                    f"{function} is LEAKPROOF, which cannot be verified for {function.language}",
                )
