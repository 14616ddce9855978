"""HL09: assertions that read a schema's name as a table, by the names of the applied schema."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

from harness.core.errors import HarnessError
from harness.core.findings import Finding
from harness.lint._identity import contents, digest, text
from harness.lint._schema_unit import SchemaUnit
from harness.lint._shifted_arguments import Names, may_be_shifted, shifted
from harness.lint.base import Connection, NotSeen, Project, Unit


class AssertionArguments:
    """The calls in test files whose first argument is the name of something."""

    name: ClassVar[str] = "harness"
    reads: ClassVar[str] = ""
    on_a_server: ClassVar[bool] = True
    subject: ClassVar[str] = "the names in assertions"

    def __init__(self, project: Project) -> None:
        self._project, self._schema = project, SchemaUnit(project)

    def units(self) -> Sequence[Unit]:
        """Each test file with a call that the schema may show to be wrong."""
        return [
            Unit((path,), self._key(path))
            for path in self._project.judged
            if self._project.is_test(path) and may_be_shifted(text(path), self._made)
        ]

    def lint(self, units: Sequence[Unit]) -> list[list[Finding]]:
        """The calls that read a name as what it is not. Raises NotSeen."""
        names = Names.of(())
        if self._project.source is not None:
            try:
                with self._project.applied() as connection:
                    names = _names(connection, self._project.config.pgtap_schema)
            except HarnessError as error:
                raise NotSeen(error) from None
        return [self._of(unit.files[0], names) for unit in units]

    def fix(self) -> list[Path]:
        """Nothing: what was meant only its author knows."""
        return []

    @cached_property
    def _made(self) -> Names:
        """What the text of the schema shows that it creates; this only saves a server."""
        paths = [path for path in self._project.files if not self._project.is_test(path)]
        return Names.of(contents(path).decode("utf-8", "replace") for path in paths)

    def _key(self, path: Path) -> str | None:
        schema = self._schema.key("arguments")
        if schema is None and self._project.source is not None:
            return None
        return digest("arguments", str(path.name), contents(path), schema)

    def _of(self, path: Path, names: Names) -> list[Finding]:
        told = shifted(text(path), names)
        return [Finding(path, line, 1, self.name, code, message) for line, code, message in told]


def _names(connection: Connection, library: str) -> Names:
    query = (files("harness.lint") / "sql" / "names.sql").read_bytes()
    rows = connection.execute(query, {"library": library}).fetchall()
    kinds = ("schema", "relation", "other")
    return Names(*(frozenset(name for kind, name in rows if kind == one) for one in kinds))
