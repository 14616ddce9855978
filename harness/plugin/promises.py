"""Promises of the schema as pytest items: ``properties::tasks::tasks_user_id_fkey::on_delete``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import collect_one_node

from harness.plugin.run import HarnessRun
from harness.properties.base import Decision, Outcome, Promise
from harness.properties.desk import Desk, open_desk
from harness.properties.results import FOLDER, path_of, script
from harness.proving import Proving

_WHOLE = (pytest.Config.ArgsSource.INVOCATION_DIR, pytest.Config.ArgsSource.TESTPATHS)


class Promises:
    """Adds an item for each promise where pytest was not asked for certain files."""

    def __init__(self, run: HarnessRun) -> None:
        self._run, self._stack = run, ExitStack()

    @cached_property
    def _proving(self) -> Proving:
        return Proving(self._run.instance)

    @cached_property
    def _desk(self) -> Desk:
        campaign = self._proving.campaign
        return self._stack.enter_context(open_desk(campaign.schema, campaign.terms))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> Iterator[None]:
        """Add the items, before anything is deselected."""
        if config.args_source in _WHOLE:
            node = PromiseNode.from_parent(session, name=FOLDER, nodeid=FOLDER, promises=self)
            report = collect_one_node(node)
            session.ihook.pytest_collectreport(report=report)
            items += [item for item in report.result if isinstance(item, pytest.Item)]
        return (yield)

    @property
    def every(self) -> list[Promise]:
        """All promises."""
        return self._proving.promises

    def decide(self, promise: Promise) -> Decision:
        """Hold a promise against the server."""
        return self._desk.decide(promise)

    def allows(self, decision: Decision) -> bool:
        """Whether the configuration accepts that it is refuted."""
        return self._proving.allows(decision)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Give back the clone that promises were decided on."""
        self._stack.close()


class PromiseNode(pytest.Collector):
    """What all promises stand below."""

    def __init__(self, *, promises: Promises, **parent: Any) -> None:
        super().__init__(**parent)
        self.promises = promises

    def collect(self) -> list[pytest.Item]:
        """One item for each promise."""
        return [
            PromiseItem.from_parent(self, name=promise.id, promise=promise, promises=self.promises)
            for promise in self.promises.every
        ]


class PromiseRefuted(Exception):  # noqa: N818  not an error of the harness
    """The database does not keep the promise."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.reason)
        self.decision = decision


class PromiseItem(pytest.Item):
    """One promise as a test: skipped where it cannot be decided."""

    def __init__(self, *, promise: Promise, promises: Promises, **parent: Any) -> None:
        super().__init__(**parent)
        self.promise, self.promises = promise, promises

    def runtest(self) -> None:
        """Decide it."""
        decision = self.promises.decide(self.promise)
        if decision.crash:
            raise RuntimeError(decision.crash)
        if decision.outcome is Outcome.UNDECIDED:
            pytest.skip(f"undecided: {decision.reason}")
        if decision.outcome is Outcome.REFUTED:
            if self.promises.allows(decision):
                pytest.xfail("allowed in the configuration")
            raise PromiseRefuted(decision)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the reason, and the SQL that shows it in psql."""
        if isinstance(excinfo.value, PromiseRefuted):
            decision = excinfo.value.decision
            return f"{decision.reason}\n\n{script(decision.evidence)}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the item by its table."""
        return self.config.rootpath / path_of(self.promise.table), None, self.name
