"""Properties of the schema as pytest items: ``properties::tasks::tasks_user_id_fkey::on_delete``.

Such an id may be given to pytest, too, or the beginning of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import collect_one_node

from harness.core.errors import HarnessError
from harness.core.results import Location, Outcome, Result
from harness.core.text import nearest
from harness.properties.base import Decision, Property
from harness.properties.property_checker import PropertyChecker, open_checker
from harness.properties.results import FOLDER, path_of
from harness.pytest_plugin.run import HarnessRun
from harness.run.progress import Strictness
from harness.run.properties import PropertyRun

_WHOLE = (pytest.Config.ArgsSource.INVOCATION_DIR, pytest.Config.ArgsSource.TESTPATHS)
_BELOW = f"{FOLDER}::"
_ADVICE = "advice"


class Properties:
    """Adds an item for each property where pytest was not asked for certain files."""

    def __init__(self, run: HarnessRun, config: pytest.Config) -> None:
        self._run, self._stack = run, ExitStack()
        self._asked = [one for one in config.args if one == FOLDER or one.startswith(_BELOW)]
        self._asked = [one for one in self._asked if not (config.rootpath / one).exists()]
        config.args[:] = [one for one in config.args if one not in self._asked]
        self._strictness = Strictness.of(run.config)

    @cached_property
    def _property_run(self) -> PropertyRun:
        return PropertyRun(self._run.instance)

    @cached_property
    def _checker(self) -> PropertyChecker:
        campaign = self._property_run.campaign
        return self._stack.enter_context(open_checker(campaign.schema, campaign.terms))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> Iterator[None]:
        """Add the items, before anything is deselected."""
        if config.args_source in _WHOLE or self._asked:
            node = PropertyNode.from_parent(session, name=FOLDER, nodeid=FOLDER, properties=self)
            report = collect_one_node(node)
            session.ihook.pytest_collectreport(report=report)
            items += [item for item in report.result if isinstance(item, pytest.Item)]
        return (yield)

    @property
    def chosen(self) -> list[Property]:
        """All properties, or those that were asked for. Raises HarnessError, UsageError."""
        every = self._property_run.properties
        if not self._asked or FOLDER in self._asked:
            return every
        names = {one: f"{_BELOW}{one.id}" for one in every}
        for asked in self._asked:
            if not any(_is(name, asked) for name in names.values()):
                raise pytest.UsageError(f"not found: {asked}{nearest(asked, [*names.values()])}")
        return [one for one in every if any(_is(names[one], asked) for asked in self._asked)]

    def refuse(self, error: HarnessError) -> None:
        """Take what kept items from being made for the run's exit code."""
        self._run.refused = error

    def decide(self, prop: Property) -> Result:
        """Hold a property against the server."""
        decision = self._checker.decide(prop)
        return self._strictness.judged(self._result(decision))

    def _result(self, decision: Decision) -> Result:
        if decision.outcome is Outcome.PASSED and not decision.crash:
            # Where it is written takes long to find, and nobody asks for it.
            prop = decision.prop
            place = Location(path_of(prop.table), 0)
            seconds = decision.seconds
            return Result(Outcome.PASSED, prop.id, place, seconds=seconds, id=prop.id)
        (result,) = self._property_run.group([decision]).results
        return result

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the advice, whichever process has found it."""
        reports = terminalreporter.getreports("passed")
        told = [(r.nodeid, text) for r in reports for name, text in r.user_properties
                if name == _ADVICE]  # fmt: skip
        if told:
            terminalreporter.section("advice on the schema")
        for nodeid, text in told:
            terminalreporter.write_line(f"{nodeid}: {text}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Give back the clone that properties were decided on."""
        self._stack.close()


def _is(name: str, asked: str) -> bool:
    return name == asked or name.startswith(f"{asked}::")


class PropertyNode(pytest.Collector):
    """What all properties stand below."""

    def __init__(self, *, properties: Properties, **parent: Any) -> None:
        super().__init__(**parent)
        self.properties = properties

    def collect(self) -> list[pytest.Item]:
        """One item for each property; a schema that does not apply is one that fails."""
        try:
            chosen = self.properties.chosen
        except HarnessError as error:
            self.properties.refuse(error)
            return [SchemaItem.from_parent(self, name="schema", error=error)]
        return [
            PropertyItem.from_parent(self, name=prop.id, prop=prop, properties=self.properties)
            for prop in chosen
        ]


class SchemaItem(pytest.Item):
    """A schema that has no properties to try: it does not apply."""

    def __init__(self, *, error: HarnessError, **parent: Any) -> None:
        super().__init__(**parent)
        self.error = error

    def runtest(self) -> None:
        """Fail."""
        raise self.error

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Say what the error says."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name it by what it stands for."""
        return self.config.rootpath / FOLDER, None, self.name


class PropertyFailed(Exception):  # noqa: N818  not an error of the harness
    """The database does not have the property."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.message)
        self.result = result


class PropertyItem(pytest.Item):
    """One property as a test: skipped where it cannot be decided."""

    harness_result: Result | None = None

    def __init__(self, *, prop: Property, properties: Properties, **parent: Any) -> None:
        super().__init__(**parent)
        self.prop, self.properties = prop, properties

    def runtest(self) -> None:
        """Decide it."""
        self.harness_result = result = self.properties.decide(self.prop)
        if result.outcome is Outcome.ERROR:
            raise RuntimeError(result.message)
        if result.outcome is Outcome.UNDECIDED:
            pytest.skip(f"undecided: {result.reason}")
        if result.outcome is Outcome.ADVICE:  # the report takes it to where the summary is made
            self.user_properties.append((_ADVICE, result.message))
        if result.outcome is Outcome.TODO:
            pytest.xfail("allowed in the configuration")
        if result.outcome is Outcome.FAILED:
            raise PropertyFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the reason, and the SQL that shows it in psql."""
        if isinstance(excinfo.value, PropertyFailed):
            result = excinfo.value.result
            where = f"{result.location}: " if result.location.line else ""
            return f"{where}{result.message}\n\n{result.evidence}".rstrip()
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the item by its table."""
        return self.config.rootpath / path_of(self.prop.table), None, self.name
