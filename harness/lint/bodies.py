"""Function bodies, checked at their own lines on a server that has the schema.

PL/pgSQL looks at the SQL in a body when that is run, so that a column that was renamed is
noticed by whoever calls the function. Here every name is resolved before.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from harness.core.findings import Finding, Severity
from harness.lint import _plpgsql_check
from harness.lint._functions import Function, Site, functions, site
from harness.lint._identity import contents, digest, text
from harness.lint._resolving import Objection, Resolver
from harness.lint.base import Connection, Project, Unit

RESOLVES, COMPILES, SHADOWED = "HB01", "HB02", "HB03"
_HAS_BODIES = re.compile(rb"\b(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)


class Bodies:
    """The bodies of a schema's functions, all of them together."""

    name: ClassVar[str] = "harness"

    def __init__(self, project: Project) -> None:
        self._project = project

    def units(self) -> Sequence[Unit]:
        """The schema as a whole; nothing where no file says FUNCTION or PROCEDURE."""
        files = self._project.migrations
        if not any(_HAS_BODIES.search(contents(path)) for path in files):
            return []
        return [Unit(files, self._key())]

    def lint(self, units: Sequence[Unit]) -> list[list[Finding]]:
        """What does not resolve or compile. Raises MigrationError, ServerError."""
        with self._project.applied() as connection:
            return [sorted(set(self._of(connection))) for _ in units]

    def fix(self) -> list[Path]:
        """Nothing: which name was meant only its author knows."""
        return []

    def _key(self) -> str | None:
        """None for a named server, which may be another one tomorrow."""
        config, source = self._project.config, self._project.source
        if config.server or source is None:
            return None
        files = [part for path in source.files for part in (str(path), contents(path))]
        asked = f"{sorted(config.settings.items())}{config.pgtap}{config.pgtap_schema}"
        return digest("bodies", source.fingerprint(), asked, _program(config.bindir), *files)

    def _of(self, connection: Connection) -> Iterator[Finding]:
        known = functions(connection, [self._project.config.pgtap_schema])
        texts = {path: text(path) for path in self._project.migrations}
        places = {function.oid: site(function, texts) for function in known}
        resolver = Resolver(connection, known)
        checked = _plpgsql_check.installed(connection)
        for function in known:
            at = places[function.oid] or self._nowhere
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
            found += _plpgsql_check.objections(resolver, function, found)
        yield from (_finding(function, at, one, RESOLVES, "error") for one in found)

    @property
    def _nowhere(self) -> Site:
        """The schema itself, for a function that no file creates as it is."""
        return Site(self._project.migrations[0], "", 0, exact=False)


def _program(bindir: Path | None) -> str:
    """The server that would be started, where it is none of the wheel's, and how old it is."""
    found = str(bindir / "postgres") if bindir else shutil.which("postgres") or ""
    path = Path(found)
    return f"{found}{path.stat().st_mtime_ns if path.is_file() else ''}"


def _finding(
    function: Function, at: Site, one: Objection, code: str, severity: Severity
) -> Finding:
    line, column = at.place(function.body, max(one.offset, 0))
    message = f"{function.called}: {one.message} ({one.sqlstate})"
    return Finding(at.path, line, column, Bodies.name, code, message, severity)
