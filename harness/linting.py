"""``harness lint``: a project's files, what linters find in them, and what is said of it.

Nothing here loads a linter or a server: what is remembered needs neither.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.config import Config
from harness.errors import ConfigError
from harness.findings import Findings
from harness.lint import Project, look_at
from harness.reports.findings import FindingReports, text
from harness.reports.findings_text import summary
from harness.results import Verdict
from harness.sources import open_source

Applied = Callable[[], AbstractContextManager[Any]]
"""Opens a connection to a database with the schema."""


def command(config: Config, reports: FindingReports, fix: bool) -> int:
    """Lint a project and say what was found; the exit code."""
    from harness.reports.terminal import step

    started = time.perf_counter()
    verdict = lint(config, lambda: applied(config), reports, fix)
    verdict = replace(verdict, seconds=time.perf_counter() - started)
    if not reports.stdout_is_taken:
        return step("lint", verdict)
    print(verdict.summary, file=sys.stderr)
    return verdict.code


def lint(config: Config, applied: Applied, reports: FindingReports, fix: bool = False) -> Verdict:
    """Lint the schema and the assertion files; with ``fix``, repair what can be.

    ``applied`` is only called where a linter has to see the schema on a server.
    """
    source, files = open_source(config), lint_files(config)
    if not files and config.schema is not None:  # a tool's own files, and none of them SQL
        return Verdict(0, "no SQL files", ran=False)
    if not files:
        raise ConfigError("nothing to lint: no schema and no test files; see --schema and --tests")
    look = look_at(Project(config, source, tuple(files), applied))
    changed = [f"fixed {path}\n" for path in look.fix()] if fix else []
    findings = look.findings()
    reports.write(findings)
    return _verdict(findings, "".join(changed) + text(findings))


def _verdict(findings: Findings, said: str) -> Verdict:
    return Verdict(1 if findings.found else 0, summary(findings), said)


def lint_files(config: Config) -> list[Path]:
    """The schema's files, ``seed.sql`` beside it, and every SQL file below the test paths."""
    source = open_source(config)
    found = list(source.files) if source else []
    if config.schema is not None and (seed := config.schema.parent / "seed.sql").is_file():
        found.append(seed)
    for place in config.tests:
        found += [place] if place.is_file() else sorted(place.rglob("*.sql"))
    return [path for path in dict.fromkeys(found) if path.suffix == ".sql"]


@contextmanager
def applied(config: Config) -> Iterator[Any]:
    """A server of our own with the schema, for as long as it is looked at."""
    from harness.instance import open_instance

    with open_instance(config) as instance, instance_connection(instance) as connection:
        yield connection


@contextmanager
def instance_connection(instance: Any) -> Iterator[Any]:
    """A connection to a database with the schema. Raises MigrationError, ServerError."""
    with instance.template.cloned() as database, database.connect() as connection:
        yield connection
