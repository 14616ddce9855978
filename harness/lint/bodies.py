"""Function bodies, checked at their own lines on a server that has the schema.

PL/pgSQL looks at the SQL in a body when that is run, so that a column that was renamed is
noticed by whoever calls the function. Here every name is resolved before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import psycopg

from harness.core.errors import HarnessError
from harness.core.findings import Finding, Severity
from harness.core.results import NOWHERE
from harness.lint import _plpgsql_check
from harness.lint._functions import Function, Site, functions, site
from harness.lint._identity import contents
from harness.lint._resolving import Objection, Resolver
from harness.lint._schema_unit import SchemaUnit
from harness.lint.base import Connection, NotSeen, Project, Unit

RESOLVES, COMPILES, SHADOWED, UNSEEN = "HB01", "HB02", "HB03", "HB04"
_MAY_MAKE = re.compile(
    rb"\b(?:FUNCTION|PROCEDURE|EXECUTE)\b|^[ \t]*\\[a-z!]|\\gexec", re.IGNORECASE | re.MULTILINE
)
"""What SQL says that makes a function: ``CREATE FUNCTION``, ``EXECUTE code``, ``\\i :file``."""
_READ = ("plpgsql", "sql")


class Bodies:
    """The bodies of a schema's functions, all of them together, as the catalog has them."""

    name: ClassVar[str] = "harness"
    reads: ClassVar[str] = ""
    on_a_server: ClassVar[bool] = True
    subject: ClassVar[str] = "function bodies"

    def __init__(self, project: Project) -> None:
        self._project, self._schema = project, SchemaUnit(project)

    def units(self) -> Sequence[Unit]:
        """The schema as a whole; nothing where its files show that it has no function."""
        source = self._project.source
        if source is None or self._shows_none:
            return []
        return [Unit((*self._schema.written, NOWHERE.path), self._schema.key("bodies"))]

    def lint(self, units: Sequence[Unit]) -> list[list[Finding]]:
        """What does not resolve or compile. Raises NotSeen."""
        try:
            with self._project.applied() as connection:
                return [sorted(set(self._of(connection))) for _ in units]
        except HarnessError as error:
            raise NotSeen(error) from None

    def fix(self) -> list[Path]:
        """Nothing: which name was meant only its author knows."""
        return []

    @cached_property
    def _shows_none(self) -> bool:
        """Whether SQL files are all there is, and none of them says what could make a function.

        This only saves a server; whatever may make one is looked for in the catalog.
        """
        source = self._project.source
        if source is None or not {one.up for one in source.migrations} <= {*source.files}:
            return source is None
        return self._schema.is_told and not any(
            _MAY_MAKE.search(contents(p)) for p in source.counted
        )

    def _of(self, connection: Connection) -> Iterator[Finding]:
        known = functions(connection, [self._project.config.pgtap_schema])
        texts = self._schema.texts
        places = {function.oid: site(function, texts) for function in known}
        resolver = Resolver(connection, known)
        checked = _plpgsql_check.installed(connection)
        source = self._project.source
        provided = source.provided if source else frozenset[str]()
        if known and not resolver.warns:
            why = (
                "variables that hide others are not looked for: only a superuser is warned of them"
            )
            yield Finding(NOWHERE.path, 0, 0, self.name, UNSEEN, why, "undecided")
        for function in known:
            at = places[function.oid] or _NOWHERE
            if function.schema not in provided and (why := _unseen(resolver, function)):
                yield _finding(function, at, Objection(0, "", why), UNSEEN, "undecided")
            if function.language not in _READ:
                continue
            broken = list(resolver.compiled(function))
            yield from (_finding(function, at, one, COMPILES, "error") for one in broken)
            yield from (
                _finding(function, at, one, SHADOWED, "warning")
                for one in resolver.warned(function)
            )
            if not broken and function.language == "plpgsql":
                yield from self._unresolved(resolver, function, at, checked)

    def _unresolved(
        self, resolver: Resolver, function: Function, at: Site, checked: bool
    ) -> Iterator[Finding]:
        found = list(resolver.unresolved(function))
        if checked:
            try:
                found += _plpgsql_check.objections(resolver, function, found)
            except psycopg.Error as error:
                why = f"plpgsql_check does not look into it: {error.diag.message_primary or error}"
                yield _finding(function, at, Objection(0, "", why), UNSEEN, "undecided")
        yield from (_finding(function, at, one, RESOLVES, "error") for one in found)


_NOWHERE = Site(NOWHERE.path, "", 0, exact=False)
"""For a function that no file names: its own name, in the message, says which it is."""


def _unseen(resolver: Resolver, function: Function) -> str:
    """Why nobody looks into a body; empty where somebody does."""
    if function.language not in _READ:
        return f"a body in {function.language} is not looked into"
    if function.language == "plpgsql" and resolver.moves(function):
        return "its names are not resolved: it sets search_path itself"
    if function.language == "plpgsql" and resolver.has_no_rows(function):
        return "NEW and OLD are not resolved: no trigger calls it, so nobody knows what they are"
    return ""


def _finding(
    function: Function, at: Site, one: Objection, code: str, severity: Severity
) -> Finding:
    line, column = at.place(function.body, max(one.offset, 0)) if at.path.name else (0, 0)
    state = f" ({one.sqlstate})" if one.sqlstate else ""
    message = f"{function.called}: {one.message}{state}"
    return Finding(at.path, line, column, Bodies.name, code, message, severity)
