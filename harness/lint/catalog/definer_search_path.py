"""A SECURITY DEFINER function whose names the caller can redirect.

The function runs with its owner's rights, but looks up unqualified names along the caller's
``search_path``. PostgreSQL searches ``pg_temp`` first for tables, unless the path names it last.
So a caller who may create a temporary table can put one in place of the table that was meant. Set
``search_path`` on the function, with ``pg_temp`` last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from harness.access.catalog import Function
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class DefinerSearchPath:
    """SECURITY DEFINER, an unqualified name, and a search_path that others can get in front of."""

    id: ClassVar[str] = "definer-search-path"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such function, with the name."""
        for function in view.catalog.functions:
            if not function.definer or function.language not in ("sql", "plpgsql"):
                continue
            if function.is_bound:
                continue  # its names were looked up when it was created
            path = search_path(function)
            if path is not None and path and path[-1] == "pg_temp":
                continue
            name = _unqualified(view, function, functions_too=path is None)
            if name:
                why = (
                    "search_path is not set"
                    if path is None
                    else "pg_temp is not last in its search_path"
                )
                yield Objection(
                    Object("function", function.schema, function.name),
                    f"{function} is SECURITY DEFINER, names {name} unqualified, and {why}",
                )


_PATH = "search_path="
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)


def search_path(function: Function) -> list[str] | None:
    """The schemas that a function sets for itself; None where it sets nothing."""
    found = next((one for one in function.config if one.startswith(_PATH)), None)
    if found is None:
        return None
    names = [name.strip().strip('"') for name in found.removeprefix(_PATH).split(",")]
    return [name for name in names if name]


def _unqualified(view: View, function: Function, functions_too: bool) -> str:
    """A table, or a function of the user's, that the body names without its schema."""
    body = _COMMENT.sub(" ", function.body)
    for relation in view.catalog.relations:
        name = re.escape(relation.name.name)
        words = r"FROM|JOIN|INTO|UPDATE|ONLY|TABLE|TRUNCATE|USING"
        if re.search(rf'\b(?:{words})\s+"?{name}"?(?![\w".(])', body, re.IGNORECASE):
            return relation.name.name
        if re.search(rf'\bFROM\b[^;()]*,\s*"?{name}"?(?![\w".(])', body, re.IGNORECASE):
            return relation.name.name
    for other in view.catalog.functions if functions_too else ():
        name = re.escape(other.name)
        if other.oid != function.oid and re.search(rf'(?<![\w".])"?{name}"?\s*\(', body):
            return other.name
    return ""
