"""HarnessRun: what one run of pytest shares, its instance above all."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from harness.core.config import Config
from harness.core.errors import HarnessError
from harness.instance import Instance, open_instance
from harness.pytest_plugin.workers import CHECKS_ONLY, InstanceServer, client_of
from harness.reports.output import Reports
from harness.sqltests import find, read
from harness.sqltests.files import AssertionFile
from harness.sqltests.suite import may_be_a_setup, set_up

PLUGIN = "harness-run"
"""The name under which a run is registered with pytest."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Handed to ``pytest.main`` by the harness itself, in place of options."""

    config: Config
    instance: Instance | None = None
    reports: Reports = field(default_factory=Reports)


class HarnessRun:
    """One run of pytest and its instance, which is started when it is first needed."""

    def __init__(
        self, prepared: Prepared, active: bool, pytest_config: pytest.Config, checks_only: bool
    ) -> None:
        given = getattr(pytest_config, "workerinput", {})
        self.checks_only = checks_only or given.get(CHECKS_ONLY, False)
        self.config, self.active, self.reports = prepared.config, active, prepared.reports
        self._stack = ExitStack()
        self._instance = prepared.instance
        self._shared = client_of(pytest_config)
        self._instance_server: InstanceServer | None = None
        self._error: HarnessError | None = None
        self.refused: HarnessError | None = None
        """Why items could not be made, although there is an instance."""

    @property
    def is_worker(self) -> bool:
        """Whether this process is one of pytest-xdist's, with an instance shared by all."""
        return self._shared is not None

    @property
    def instance(self) -> Instance:
        """The instance. Raises HarnessError, the same one whenever it is asked for again.

        What needs no instance goes on: a project has other tests than those of its schema.
        """
        if self._error is not None:
            raise self._error
        if self._instance is None:
            self._instance = self._open_for_workers()
        return self._instance

    def _open(self) -> Instance:
        if self._shared is not None:
            return self._stack.enter_context(self._shared.instance(self.config))
        instance = self._stack.enter_context(open_instance(self.config))
        instance.prepare()
        return set_up(instance, self._setups()) if self.active else instance

    def _setups(self) -> list[AssertionFile]:
        """What the SQL files start from, whichever of them this run of pytest is for."""
        candidates = [path for path in find(self.config.tests) if may_be_a_setup(path)]
        return [file for file in read(candidates, self.config.variables) if file.sets_up]

    def close(self) -> None:
        """Stop what was started."""
        self._stack.close()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: object) -> None:
        """Tell a worker of pytest-xdist where to ask for the instance."""
        if self._instance_server is None:
            self._instance_server = self._stack.enter_context(
                InstanceServer.serving(self._open_for_workers)
            )
        self._instance_server.invite(node, self.checks_only)

    def _open_for_workers(self) -> Instance:
        """The instance; what goes wrong is kept, and raised."""
        try:
            self._instance = self._instance or self._open()
        except HarnessError as error:
            self._error = error
            raise
        return self._instance

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop what was started."""
        self.close()
        if error := self._error or self.refused:
            session.exitstatus = error.exit_code

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why there was no instance."""
        if self._error is not None and not self.is_worker:
            terminalreporter.write_line(f"harness: {self._error}")
