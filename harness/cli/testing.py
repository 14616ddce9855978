"""The test step: SQL files, the properties of the schema where they are wanted, Python checks."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness import sqltests
from harness.cli.command import number
from harness.cli.options import Options
from harness.cli.psql import forget_kept
from harness.core.config import TESTS_CONVENTIONS, Config
from harness.core.errors import ConfigError, ScriptError
from harness.core.results import SQL, Group, Kind, Location, Outcome, Result, lines_of
from harness.core.text import nearest
from harness.instance import Instance
from harness.run.progress import Progress, failed, not_run, step, whole
from harness.sources.finding import refuse_none
from harness.sqltests import Selection, Suite, suite, xunit
from harness.sqltests.files import AssertionFile, expected_output
from harness.sqltests.runner import runner_of
from harness.sqltests.suite import Matches, Memory, TestOptions, hinted, refused

if TYPE_CHECKING:
    from harness.pytest_plugin.checks import Collected
    from harness.run.properties import PropertyRun

_NOTHING = (Outcome.SKIPPED, Outcome.UNDECIDED)
_NAMED_TEST = re.compile(r"^test_|_test\.py$")
"""Python files that pytest looks into."""
_NOT_OURS = (".SQL", ".Sql", ".psql", ".pgsql", ".PG", ".tap", ".pgtap")
"""What names of files end with that look like tests, and are not taken for any."""


@dataclass
class Testing:
    """The tests of a configuration, on an instance."""

    config: Config
    wanted: TestOptions
    instance: Instance
    progress: Progress
    remarks: list[str] = field(default_factory=list)
    """What there is to say afterwards, such as how to look at what was kept."""
    _files: list[Group] = field(default_factory=list)
    _kept: dict[Path, str] = field(default_factory=dict)
    _stopped: bool = False
    _tags: set[str] = field(default_factory=set)
    """Those that files have, and the marks of checks."""
    _compared: dict[Path, Path] = field(default_factory=dict)
    """Files that assert nothing -> what pg_regress compares their output with."""
    _not_run: int = 0
    """Files that a setup which failed was for."""

    def run(self) -> None:
        """Run everything. Raises HarnessError where nothing can be run."""
        if self.wanted.keep_failed:
            forget_kept(self.config)
        if complaint := self._nothing_to_run():
            self.progress.take(failed("test", complaint))
            return
        checks = self._run_all()
        self._remember(checks)
        self._refuse_unknown_tags()
        self._name_passed_over(checks)
        self._say()
        if not self._asserted():
            what = "every test was skipped" if self._files else "nothing was selected"
            said = f"nothing was asserted: {what}, and that is not a pass"
            self.progress.take(failed("test", said))

    def _asserted(self) -> bool:
        """Whether a test ran to say something; properties count where no test was asked for."""
        tests = [file for file in self._files if file.kind is not Kind.PROPERTY]
        return any(r.outcome not in _NOTHING for file in tests or self._files for r in file.all)

    # --- what there is to run ----------------------------------------------------------

    def _nothing_to_run(self) -> str:
        if self.wanted.xunit:
            return ""
        if not self.config.tests:
            places = ", ".join(TESTS_CONVENTIONS)
            if self.config.schema is None and not self.config.schemaless:
                return str(refuse_none(self.config))
            return (
                f"no tests: none of {places} exists; 'harness init' writes the first ones, and"
                " --tests names those that are elsewhere"
            )
        empty = [place for place in self.config.tests if not sqltests.find([place], [*SQL, ".py"])]
        return f"no tests in {', '.join(map(str, empty))}" if empty else ""

    @cached_property
    def _sql(self) -> list[Path]:
        return sqltests.find(self.config.tests)

    @cached_property
    def _python(self) -> list[Path]:
        """Python files, any of which may have checks: pytest knows which are."""
        return [] if self.wanted.xunit else sqltests.find(self.config.tests, [".py"])

    @cached_property
    def _failed_before(self) -> frozenset[str]:
        if not (self.wanted.last_failed or self.wanted.failed_first):
            return frozenset()
        failed, root = Memory.of(self.config).failed(), self.config.root
        return frozenset(name for name in failed if _is_still_there(name, root))

    def _suite(self) -> Suite:
        """The SQL files in the order in which they are run."""
        paths = self._paths
        every = self._read()
        self._tags.update(*(file.tags for file in every))
        files = [file for file in every if file.sets_up or file.path in paths]
        compared = {one.path: known for one in files if (known := expected_output(one.script))}
        self._compared.update(compared)
        files = [file for file in files if file.path not in compared]
        found = Suite.of(files, self.wanted.selection)
        if self.wanted.seed is not None:
            found = found.shuffled(self.wanted.seed)
        if self.wanted.failed_first:
            found = found.first(lambda file: str(file.path) in self._failed_before)
        return found

    def _read(self) -> list[AssertionFile]:
        paths = sorted({*self._sql, *suite.beside(self.config.tests)})
        if self.wanted.xunit:  # functions are often made by the files that a suite begins with
            paths = [path for path in paths if suite.may_be_a_setup(path)]
        files = [file for path in paths if (file := self._readable(path))]
        if self.wanted.xunit:
            functions = xunit.file(self.wanted.xunit, self.wanted.match)
            return [functions, *(file for file in files if file.sets_up)]
        return files

    def _readable(self, path: Path) -> AssertionFile | None:
        """A file; one that cannot be read is a result, so that the others run.

        Raises ScriptError for a setup, which all others would start from.
        """
        try:
            return AssertionFile.read(path, self.config.variables)
        except ScriptError as error:
            if suite.may_be_a_setup(path):
                raise
            if path in self._paths:
                self._take(refused(path, error))
            return None

    @property
    def _paths(self) -> frozenset[Path]:
        """What is to be run of the files that are read."""
        if self.wanted.xunit:
            return frozenset([Path(self.wanted.xunit)])
        only = self.wanted.last_failed and self._failed_before
        return frozenset(path for path in self._sql if not only or str(path) in only)

    # --- running -----------------------------------------------------------------------

    def _run_all(self) -> Collected | None:
        chosen = self._suite()
        self.instance.prepare()
        checks = [path for path in self._python if "test" in path.stem]
        property_run = self._property_run()
        total = len(checks) + len(chosen.setups) + len(chosen.files)
        self.progress.expect("test", total, "file")
        prepared = self.instance
        if self.wanted.one_database:
            self._run_in_one(chosen)
        else:
            prepared = self._set_up(chosen)
            if not self._stopped:
                self._run_sql(chosen, prepared)
        if property_run and not self._stopped:
            with step(self.progress, "properties"):
                self._run_properties(property_run)
        return None if self._stopped or not self._python else self._run_python(prepared)

    def _set_up(self, chosen: Suite) -> Instance:
        """The instance that tests start from; a setup that fails ends the run."""

        def take(run: Group) -> None:
            wanted = run if run.failures else chosen.selection.wanted(run)
            if not run.results and not run.problems:
                self.progress.advance("test", doing=run.path.name)
                self.progress.take(run)
            elif wanted:
                self._take(wanted)
            if run.failures:
                self._stopped, self._not_run = True, len(chosen.files)

        return suite.set_up(self.instance, chosen.setups, take)

    def _run_in_one(self, chosen: Suite) -> None:
        """Run the SQL files as psql would: in one database, in their order."""
        runner = runner_of(self.instance, self.wanted.timed)
        database = self.instance.template.clone()
        with closing(chosen.run_in(runner, database)) as results:
            self._take_all(results)
        failed = next((file.path for file in self._files if not file.passed), None)
        if failed and self.wanted.keep_failed:
            self._kept = {failed: self.instance.keep(failed, database)}
        else:
            database.drop()
        files = (*chosen.setups, *chosen.files)
        self.instance.restore_server(frozenset().union(*(file.creates for file in files)))

    def _take_all(self, results: Iterable[Group]) -> None:
        for result in results:
            self._take(self._located(result))
            if self._stopped:
                break

    def _run_sql(self, chosen: Suite, instance: Instance) -> None:
        runner = runner_of(instance, self.wanted.timed, self.wanted.keep_failed)
        with closing(chosen.run(runner, self.config.jobs)) as results:
            self._take_all(hinted(result, chosen.files) for result in results)
        self._kept = {path: instance.keep(path, database) for path, database in runner.failed}

    def _property_run(self) -> PropertyRun | None:
        """The properties that are wanted; None where none of them is."""
        enabled = self.config.properties.get("enabled", True)
        if not (self.wanted.properties and enabled and self.config.schema):
            return None
        from harness.run.properties import (  # late: Hypothesis is slow to load
            PropertyOptions,
            PropertyRun,
        )

        selection, before = self.wanted.selection, self._failed_before
        tables = frozenset(before) if self.wanted.last_failed and before else None
        return PropertyRun(self.instance, PropertyOptions(matches=selection.matches, paths=tables))

    def _run_properties(self, property_run: PropertyRun) -> None:
        from harness.run.properties import NOTHING_DECIDED, nothing_decided

        if not property_run.properties and not property_run.is_broken:
            if not self._selects:
                self.progress.take(not_run("properties", "the schema declares nothing to try"))
            return
        self.progress.expect("properties", len(property_run.tables), "table")
        with closing(property_run.run()) as tables:
            for decisions in tables:
                self._take(property_run.group(decisions))
                if self._stopped:
                    return
        tried = [group for group in self._files if group.kind is Kind.PROPERTY]
        if nothing_decided(tried) and not self._selects:
            self.progress.take(failed("properties", NOTHING_DECIDED))

    @property
    def _selects(self) -> bool:
        """Whether a part of the tests was asked for, so that the rest is not missed."""
        selection = self.wanted.selection
        asked = selection.narrows or selection.tags or selection.not_tags
        return bool(self.wanted.last_failed or asked)

    def _run_python(self, instance: Instance) -> Collected | None:
        from harness.pytest_plugin.checks import Checks, Order  # late: pytest is slow to load
        from harness.pytest_plugin.run import Prepared

        arguments = self._pytest_arguments()
        if arguments is None:
            return None
        order = Order(self.wanted.selection.tagged, self.wanted.seed, self._tags)
        prepared = Prepared(self.config, instance)
        return Checks(prepared, arguments, order, lambda run: self._take(run)).run()

    def _pytest_arguments(self) -> tuple[str, ...] | None:
        """For pytest; None where none of its checks is wanted."""
        wanted = self.wanted
        options = ["-k", wanted.keyword] if wanted.keyword else []
        options += ["-x"] * wanted.stop_early + ["--ff"] * wanted.failed_first
        if wanted.last_failed and self._failed_before:
            names = sorted(name for name in self._failed_before if "::" in name)
            again = [f"{self.config.root}/{name}" for name in names]
            return (*again, *options) if again else None
        places = [p for p in self.config.tests if p.is_dir() or p.suffix == ".py"]
        return (*map(str, places), *options) if places else None

    def _located(self, result: Group) -> Group:
        if not self.wanted.xunit:
            return result
        schema = [self.config.schema] if self.config.schema else []
        sources = sqltests.find([*schema, *self.config.tests])
        return xunit.located(result, sources)

    def _take(self, result: Group) -> None:
        self._files.append(result)
        self._stopped |= self.wanted.stop_early and not result.passed
        self.progress.advance(result.step, doing=result.path.name)
        self.progress.take(result)

    # --- afterwards --------------------------------------------------------------------

    def _remember(self, checks: Collected | None) -> None:
        sql = [file for file in self._files if file.kind is not Kind.CHECK]
        ran = {str(file.path) for file in sql} | (checks.ran if checks else set())
        failed = {str(file.path) for file in sql if not file.passed}
        Memory.of(self.config).remember(ran, failed | (checks.failed if checks else set()))

    def _refuse_unknown_tags(self) -> None:
        """Raise ConfigError for a tag that nothing has, where everything was looked at.

        ``--not-tag`` may name what no file has: what leaves nothing out hides nothing.
        """
        unknown = sorted(self.wanted.selection.tags - self._tags)
        if unknown and not self._stopped and not self.wanted.last_failed:
            known = nearest(unknown[0], self._tags) if self._tags else "; no file has any tag"
            raise ConfigError(f"tag: nothing has {unknown[0]!r}{known}")

    def _name_passed_over(self, checks: Collected | None) -> None:
        """Say which files among the tests nobody has run: advice, for they may be no tests."""
        if self._selects or self._stopped or self.wanted.xunit:
            return
        ran = {group.path for group in checks.files} if checks else set[Path]()
        unrun = [p for p in self._python if _NAMED_TEST.search(p.name) and p not in ran]
        unrun += [p for p in sqltests.find(self.config.tests, _NOT_OURS) if p not in self._sql]
        for path, expected in self._compared.items():
            shown = os.path.relpath(expected, self.config.root)
            said = f"not run: it has no plan; pg_regress compares its output with {shown}"
            told = Result(Outcome.ADVICE, said, Location(path, 0), id="harness:not-run")
            self.progress.take(replace(whole("test", told), name=path.name))
        for path in unrun:
            why = "no check was found in it" if path.suffix == ".py" else "it is not called *.sql"
            place = Location(path, 0)
            told = Result(Outcome.ADVICE, f"not run: {why}", place, id="harness:not-run")
            self.progress.take(replace(whole("test", told), name=path.name))

    def _say(self) -> None:
        if self._not_run:
            files = "file was" if self._not_run == 1 else "files were"
            self.remarks.append(f"{self._not_run} SQL {files} not run: the setup failed")
        for path, dsn in self._kept.items():
            self.remarks.append(f"kept: {dsn}\n  harness psql --kept {path.stem}")
        if self.wanted.seed is not None:
            self.remarks.append(f"shuffled: --shuffle --seed {self.wanted.seed}")


def _is_still_there(name: str, root: Path) -> bool:
    """Whether there is what failed before; a table is looked for later."""
    return name.startswith("properties/") or (root / name.partition("::")[0]).exists()


def run_tests(
    options: Options,
    config: Config,
    instance: Instance,
    progress: Progress,
    remarks: list[str],
    properties: bool = False,
) -> None:
    """Run the tests; the properties of the schema too where no step of their own has them."""
    Testing(config, _wanted(options, properties), instance, progress, remarks).run()


def _wanted(options: Options, properties_too: bool) -> TestOptions:
    keyword = options.k or ""
    tags, not_tags = frozenset(options.tag), frozenset(options.not_tag)
    everything = not (options.tests or options.xunit or options.tag)
    return TestOptions(
        keyword,
        Selection(_matcher(keyword), tags, not_tags, lines_of(options.tests)),
        xunit=options.xunit or "",
        match=options.match or "",
        last_failed=options.last_failed,
        failed_first=options.failed_first,
        stop_early=options.x,
        seed=_seed(options),
        keep_failed=options.keep_failed,
        one_database=options.one_database,
        properties=properties_too and everything,
        timed=bool(options.reports or options.durations),
    )


def _matcher(keyword: str) -> Matches | None:
    if not keyword:
        return None
    from harness.pytest_plugin.checks import matcher  # late: pytest is slow to load

    return matcher(keyword)


def _seed(options: Options) -> int | None:
    """The number that says the order; None for the order of the paths."""
    seed = number("seed", options.seed)
    if seed is None and options.shuffle:
        return random.randrange(10_000)  # noqa: S311  an order, not a secret
    return seed
