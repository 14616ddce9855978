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

from harness import linting
from harness.beside import beside
from harness.catalog import Catalog
from harness.config import SCHEMA_CONVENTIONS, Config
from harness.database import Template
from harness.errors import ConfigError, HarnessError
from harness.instance import Instance, Shared, joined, open_instance
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
        """Run every step, report each when all have ended; the worst exit code.

        The linters have a process of their own, migrations and properties another one, and the
        tests, which write as they go, have this one.
        """
        with beside(partial(_linted, self.config, self.findings)) as linted:
            verdicts = {"apply": self._schema() or timed(lambda: apply(self.instance))}
            verdicts |= self._after(verdicts["apply"])
            verdicts["lint"] = timed(linted)
        for name in STEPS:
            report(name, verdicts[name])
        return max(verdict.code for verdict in verdicts.values())

    def _schema(self) -> Verdict | None:
        """Without a schema some steps have nothing to do."""
        without = Verdict(PASSED, "not run: --schema none", ran=False)
        return without if self.config.schemaless else None

    def _after(self, applied: Verdict) -> dict[str, Verdict]:
        """What stands on the schema, which was applied or is none."""
        if applied.code != PASSED:
            skipped = Verdict(PASSED, "not run: the schema does not apply", ran=False)
            return dict.fromkeys((*PROOFS, "test"), skipped)
        if without := self._schema():
            return {**dict.fromkeys(PROOFS, without), "test": timed(partial(_test, self))}
        with beside(partial(_proved, self.config, self.instance.shared)) as proved:
            test = timed(partial(_test, self))
            return {**_of_each(proved), "test": test}


def timed(step: Callable[[], Verdict]) -> Verdict:
    """Run a step; what it raises as a HarnessError is its verdict."""
    started = time.perf_counter()
    try:
        verdict = step()
    except HarnessError as error:
        code = FAILED if error.exit_code == FAILED else CANNOT_RUN
        verdict = Verdict(code, "failed" if code == FAILED else "could not run", str(error))
    return replace(verdict, seconds=verdict.seconds or time.perf_counter() - started)


def _linted(config: Config, findings: FindingReports) -> Verdict:
    """Lint the schema and the assertion files, on a server of its own where one is needed."""
    return timed(lambda: linting.lint(config, lambda: linting.applied(config), findings))


def _proved(config: Config, shared: Shared) -> dict[str, Verdict]:
    """Migrations and properties, on the server of another process."""
    with joined(config, shared) as instance:
        return {name: timed(partial(step, instance)) for name, step in PROOFS.items()}


def _of_each(proved: Callable[[], dict[str, Verdict]]) -> dict[str, Verdict]:
    """The verdicts of the proofs; why there are none, where the process is gone."""
    try:
        return proved()
    except HarnessError as error:
        return dict.fromkeys(PROOFS, Verdict(CANNOT_RUN, "could not run", str(error)))


def apply(instance: Instance) -> Verdict:
    """Apply the schema to an empty database and list what it created."""
    source = _source(instance)
    created = _catalog(instance, instance.template).difference(_catalog(instance, instance.empty))
    if not source.migrations and not created:
        raise ConfigError(f"{instance.config.schema}: there is no migration here, and no schema")
    number = len(source.migrations) or 1  # some tools do not tell, and apply all of them as one
    return Verdict(PASSED, f"{_count(number, 'migration')} applied", str(created))


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


def _catalog(instance: Instance, template: Template) -> Catalog:
    """What a template contains, but for the library and the notes of the schema's tool."""
    tables = instance.source.bookkeeping if instance.source else ()
    with template.cloned() as database, database.connect() as connection:
        return Catalog.of(connection, ignore=(instance.config.pgtap_schema,), tables=tables)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


PROOFS: dict[str, Callable[[Instance], Verdict]] = {
    "migrations": migrations,
    "properties": properties,
}
STEPS = ("lint", "apply", *PROOFS, "test")
"""In the order of the summary."""
