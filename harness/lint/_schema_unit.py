"""A schema as one unit of a linter that looks at it on a server."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.lint._identity import contents, digest
from harness.lint.base import Project


@dataclass(frozen=True)
class SchemaUnit:
    """The files of a schema, and what findings on a server depend on."""

    project: Project

    @property
    def written(self) -> tuple[Path, ...]:
        """All files in which the schema is written."""
        source = self.project.source
        return tuple(dict.fromkeys([*source.files, *source.written])) if source else ()

    @property
    def texts(self) -> dict[Path, str]:
        """What they say, in the order in which they are applied."""
        return {path: contents(path).decode("utf-8", "replace") for path in self.written}

    @property
    def counted(self) -> Iterable[Path]:
        """Those that are applied."""
        return self.project.source.counted if self.project.source else ()

    @property
    def is_told(self) -> bool:
        """Whether the tool tells its migrations."""
        return bool(self.project.source and self.project.source.migrations)

    @property
    def is_in_files(self) -> bool:
        """Whether SQL files that the tool tells are all there is."""
        source = self.project.source
        return (
            self.is_told
            and source is not None
            and ({one.up for one in source.migrations} <= {*source.files})
        )

    def key(self, kind: str) -> str | None:
        """None for a named server, and for a program, which may do something else tomorrow."""
        config, source = self.project.config, self.project.source
        if config.server or source is None or not self.is_told:
            return None
        files = [part for path in self.written for part in (str(path), contents(path))]
        asked = f"{sorted(config.settings.items())}{config.pgtap}{config.pgtap_schema}"
        return digest(kind, source.fingerprint(), asked, _program(config.bindir), *files)


def _program(bindir: Path | None) -> str:
    """The server that would be started, where it is none of the wheel's, and how old it is."""
    found = str(bindir / "postgres") if bindir else shutil.which("postgres") or ""
    path = Path(found)
    return f"{found}{path.stat().st_mtime_ns if path.is_file() else ''}"
