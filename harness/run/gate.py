"""The gate: every step, side by side where they do not disturb each other.

The linters have a process of their own, migrations and properties another one on the same
server, and the tests this one: threads would share one interpreter lock, and pytest wants the
main thread. A schema that does not apply stops what stands on it. What the harness has tried
before on the same schema is told again (`gate_memory.py`); tests run each time.

What a process needs is loaded in that process: the linters' modules take as long as the server.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from harness.core.config import Config
from harness.core.errors import HarnessError
from harness.core.results import CANNOT_RUN
from harness.run.progress import Noting, Progress, not_run, of_error, step
from harness.run.subprocesses import beside
from harness.sources.finding import refuse_none

if TYPE_CHECKING:
    from harness.instance import Instance, Shared
    from harness.run.gate_memory import GateMemory

_ON_THE_SCHEMA = ("migrations", "properties")
"""Those that every schema has.

``access`` is one where there are policies or several roles, ``mutate`` where the configuration asks
for it.
"""
_NO_SCHEMA = "--schema none"


@dataclass
class Gate:
    """All steps over one configuration. ``test`` runs the tests on an instance."""

    config: Config
    test: Callable[[Instance, Progress], None]
    opened: Callable[[], AbstractContextManager[Instance]]
    """Gives the instance. Raises HarnessError."""
    fresh: bool = False
    """Whether every step is run, whatever an earlier run has found."""
    remembered: list[str] = field(default_factory=list)
    """The steps that were told again and not run."""
    _stack: ExitStack = field(default_factory=ExitStack)
    _tests_failed: bool = False

    def __call__(self, progress: Progress) -> None:
        """Run every step, each to its end, whatever becomes of the others."""
        if self.config.schema is None and not self.config.schemaless:
            self._without_a_schema(progress)
            return
        with beside(partial(_lint, self.config), progress) as linted:
            self._on_a_server(progress)
            _ended(linted, progress, ["lint"])

    def close(self) -> None:
        """Stop what was started."""
        self._stack.close()

    def _without_a_schema(self, progress: Progress) -> None:
        """Say it once, and not in each step."""
        progress.take(not_run("lint", "apply could not run"))
        with step(progress, "apply"):
            raise refuse_none(self.config)
        for name in (*_ON_THE_SCHEMA, "test"):
            progress.take(not_run(name, "apply could not run"))

    def _on_a_server(self, progress: Progress) -> None:
        noting = Noting(progress, [])
        with step(noting, "apply") as errors:
            instance = self._stack.enter_context(self.opened())
            if self.config.schemaless:
                progress.take(not_run("apply", _NO_SCHEMA))
            else:
                from harness.run.apply import apply
                from harness.run.gate_memory import GateMemory

                instance.prepare()
                memory = GateMemory.of(instance)
                if not self._told(memory, "apply", progress):
                    apply(instance, noting)
                    memory.keep("apply", noting.groups)
        if errors:
            unknown = errors[0].exit_code == CANNOT_RUN
            why = "apply could not run" if unknown else "the schema does not apply"
            for name in (*_ON_THE_SCHEMA, "test"):
                progress.take(not_run(name, why))
        elif self.config.schemaless:
            for name in _ON_THE_SCHEMA:
                progress.take(not_run(name, _NO_SCHEMA))
            self._tests(instance, progress)
        else:
            self._with_a_schema(instance, memory, progress)

    def _with_a_schema(self, instance: Instance, memory: GateMemory, progress: Progress) -> None:
        left = [name for name in _IN_A_PROCESS if not self._told(memory, name, progress)]
        proofs = partial(_on_the_schema, self.config, instance.shared, memory, left)
        with beside(proofs, progress) if left else nullcontext(lambda: None) as passed:
            self._tests(instance, progress)
            _ended(passed, progress, [name for name in left if name in _ON_THE_SCHEMA])
        self._mutants(instance, progress)

    def _told(self, memory: GateMemory, name: str, progress: Progress) -> bool:
        """Tell what an earlier run found, where that still holds."""
        found = None if self.fresh else memory.recall(name)
        for group in found or ():
            progress.take(group)
        if found:
            self.remembered.append(name)
        return found is not None

    def _tests(self, instance: Instance, progress: Progress) -> None:
        noting = Noting(progress, [])
        with step(noting, "test"):
            self.test(instance, noting)
        self._tests_failed = not all(group.passed for group in noting.groups)

    def _mutants(self, instance: Instance, progress: Progress) -> None:
        """Ask whether the tests would notice, once they pass."""
        wanted = self.config.gate.get("mutate", False)
        if not wanted:
            return
        if self._tests_failed:
            progress.take(not_run("mutate", "the tests do not pass"))
        elif wanted == "changed" and not self.config.since_refs:
            progress.take(not_run("mutate", "nothing says since when: --since REF does"))
        else:
            from harness.run.mutate import MutateOptions, mutate

            with step(progress, "mutate"):
                least = self.config.mutation.get("min_score")
                mutate(instance, progress, MutateOptions(min_score=least))


def _lint(config: Config, progress: Progress) -> None:
    from harness.run.lint import lint

    lint(config, progress)


def _on_the_schema(
    config: Config, shared: Shared, memory: GateMemory, names: Collection[str], progress: Progress
) -> None:
    """Migrations, properties and access, on the server of another process."""
    from harness.instance import joined

    with joined(config, shared) as instance:
        for name in names:
            noting = Noting(progress, [])
            with step(noting, name) as errors:
                _IN_A_PROCESS[name](instance, noting)
            if not errors:
                memory.keep(name, noting.groups)


def _migrations(instance: Instance, progress: Progress) -> None:
    from harness.run.migrations import migrations, why_not

    if why := why_not(instance):
        progress.take(not_run("migrations", why))
    else:
        migrations(instance, progress)


def _properties(instance: Instance, progress: Progress) -> None:
    from harness.run.properties import properties

    if not instance.config.properties.get("enabled", True):
        progress.take(not_run("properties", "turned off in the configuration"))
    else:
        properties(instance, progress)


def _access(instance: Instance, progress: Progress) -> None:
    from harness.run.access import access

    if instance.config.access.get("enabled", True):
        access(instance, progress)


_IN_A_PROCESS = {"migrations": _migrations, "properties": _properties, "access": _access}


def _ended(
    wait: Callable[[], None], progress: Progress, names: tuple[str, ...] | list[str]
) -> None:
    """Wait for a process; why its steps have no results, where it is gone."""
    try:
        wait()
    except HarnessError as error:
        for name in names:
            progress.take(of_error(error, name))
