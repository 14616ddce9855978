"""The pipeline: which steps, in what order, with what verdict.

Every step is a function of a Gate that gives a Verdict or raises a HarnessError, which
becomes one. ``lint``, ``apply`` and ``test`` are also commands of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import psycopg

from harness import linting
from harness.catalog import Catalog
from harness.config import SCHEMA_CONVENTIONS, Config
from harness.errors import ConfigError, HarnessError
from harness.instance import Instance, open_instance
from harness.reports.findings import FindingReports
from harness.results import Verdict

PASSED, FAILED, CANNOT_RUN = 0, 1, 2


@dataclass
class Gate:
    """The steps over one configuration, sharing one instance.

    ``test`` runs the tests and gives an exit code; it is handed in, since pytest stands
    above this module.
    """

    config: Config
    test: Callable[[Instance | None], int]
    findings: FindingReports = field(default_factory=FindingReports)
    """Where the findings of the linters go, besides the step's text."""
    _stack: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def instance(self) -> Instance:
        """The instance that the steps share."""
        return self._stack.enter_context(open_instance(self.config))

    def close(self) -> None:
        """Stop what was started."""
        self._stack.close()

    def run(self, report: Callable[[str, Verdict], None]) -> int:
        """Run every step, report each as it ends; the worst exit code."""
        verdicts: dict[str, Verdict] = {}
        for name, step in STEPS.items():
            verdicts[name] = self._skipped(name, verdicts) or timed(partial(step, self))
            report(name, verdicts[name])
        return max(verdict.code for verdict in verdicts.values())

    def _skipped(self, name: str, before: dict[str, Verdict]) -> Verdict | None:
        """A step after a failed apply has nothing to stand on."""
        if self.config.schemaless and name in ("apply", "migrations", "properties"):
            return Verdict(PASSED, "not run: --schema none", ran=False)
        applied = "apply" not in before or before["apply"].code == PASSED
        return None if applied else Verdict(PASSED, "not run: the schema does not apply", ran=False)


def timed(step: Callable[[], Verdict]) -> Verdict:
    """Run a step; what it raises as a HarnessError is its verdict."""
    started = time.perf_counter()
    try:
        verdict = step()
    except HarnessError as error:
        code = FAILED if error.exit_code == FAILED else CANNOT_RUN
        verdict = Verdict(code, "failed" if code == FAILED else "could not run", str(error))
    return replace(verdict, seconds=time.perf_counter() - started)


def lint(gate: Gate) -> Verdict:
    """Lint the schema and the assertion files; function bodies on the instance."""
    return linting.lint(
        gate.config, lambda: linting.instance_connection(gate.instance), gate.findings
    )


def apply(instance: Instance) -> Verdict:
    """Apply the schema to an empty database and list what it created."""
    source = _source(instance)
    with instance.empty.cloned() as database, database.connect() as connection:
        before = _catalog(instance, connection)
        names = source.apply(connection)
        created = _catalog(instance, connection).difference(before)
    return Verdict(PASSED, f"{_count(len(names), 'migration')} applied", str(created))


def migrations(instance: Instance) -> Verdict:
    """Try every migration: up, down, up, twice, with rows, while a second session works."""
    from harness.migrating import verdict

    return verdict(instance)


def properties(instance: Instance) -> Verdict:
    """Hold the promises of the schema against generated rows."""
    if not instance.config.properties.get("enabled", True):
        return Verdict(PASSED, "not run: turned off in the configuration", ran=False)
    from harness.proving import Proving, verdict

    return verdict(Proving(instance))


def _test(gate: Gate) -> Verdict:
    code = gate.test(gate.instance)
    return Verdict(code, {0: "passed", 1: "failed"}.get(code, "could not run"))


def _source(instance: Instance) -> Any:
    if instance.source is None:
        raise ConfigError(
            f"no schema: none was found in the conventional places"
            f" ({', '.join(SCHEMA_CONVENTIONS)}); name one with --schema"
        )
    return instance.source


def _catalog(instance: Instance, connection: psycopg.Connection[Any]) -> Catalog:
    """What the database contains, but for the library and the notes of the schema's tool."""
    tables = instance.source.bookkeeping if instance.source else ()
    return Catalog.of(connection, ignore=(instance.config.pgtap_schema,), tables=tables)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


STEPS: dict[str, Callable[[Gate], Verdict]] = {
    "lint": lint,
    "apply": lambda gate: apply(gate.instance),
    "migrations": lambda gate: migrations(gate.instance),
    "properties": lambda gate: properties(gate.instance),
    "test": _test,
}
