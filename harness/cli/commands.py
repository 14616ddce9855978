"""The commands: each body is one call, and loads what it needs when it runs."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Self

from harness.cli.command import Command, Options, command
from harness.core import config_reader
from harness.core.config import Config
from harness.core.errors import ConfigError, HarnessError
from harness.core.files import is_big
from harness.core.results import lines_of, place
from harness.reports.output import REPORTS

if TYPE_CHECKING:
    from pathlib import Path

    from harness.instance import Instance
    from harness.postgres.server.binaries import Binaries
    from harness.postgres.server.cache import Cache
    from harness.postgres.server.process import ServerProcess
    from harness.run.orchestrator import Orchestrator
    from harness.run.progress import Progress
    from harness.run.properties import PropertyOptions
    from harness.sqltests.suite import Matches, TestOptions


class Startup:
    """A server that is starting; none where one was named, or where it cannot."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._server: ServerProcess | None = None
        self._error: HarnessError | None = None

    def __enter__(self) -> Self:
        """Launch it. What goes wrong comes out where the instance is asked for."""
        if not self._config.server:
            from harness.pgtap.library import preload
            from harness.postgres.server.process import launch

            try:
                choose = self._chosen if is_big(self._config.schema) else None
                self._server = launch(self._config, preload(self._config), choose)
            except HarnessError as error:
                self._error = error
        return self

    def _chosen(self, base: Path, binaries: Binaries, cache: Cache) -> tuple[Path, str]:
        """The data directory that has a big schema already; the base where it may not be kept.

        What it takes is loaded while the supervisor starts.
        """
        from harness.pgtap.library import preload
        from harness.postgres.cluster.stored import choosing
        from harness.sources.stored_schema import to_store

        config = self._config
        given = preload(config)
        stored = to_store(config) if given.key and not config.baseline else None
        return choosing(config, given, stored)(base, binaries, cache) if stored else (base, "")

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        if self._server is not None:
            self._server.stop()

    @contextmanager
    def instance(self) -> Iterator[Instance]:
        """An instance whose schema is being applied. Raises ConfigError, ServerError."""
        if self._error is not None:
            raise self._error
        from harness.instance import open_instance  # late: it is loaded while the server starts

        with open_instance(self._config, self._server) as instance:
            instance.begin()
            yield instance


SERVER = ("schema", "source", "server", "bindir", "versions", "pgtap", "timeout")
SETTINGS = (
    *("schema", "source", "tests", "server", "bindir", "versions", "pgtap", "jobs", "timeout"),
    "strict",
)
CHOICE = ("k", "tag", "not_tag", "last_failed", "failed_first", "shuffle", "seed", "x")
SHOWN = (*REPORTS, "strict", "v", "quiet")
RUNNING = ("set", "one_database", "keep_failed")


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ConfigError(f"--set: NAME=VALUE is expected, not {text!r}")
    return name, value


def _config(options: Options, several: bool = False, writes_tests: bool = False) -> Config:
    """The configuration of a command; ``several``: of one that runs on each ``--bindir``."""
    given = {name: getattr(options, name) for name in (*SETTINGS, "since")}
    if len(options.bindir) > 1 and not several:
        raise ConfigError("--bindir: this command runs on one server; name one directory")
    given["bindir"] = next(iter(options.bindir), None)
    given["tests"] = [place(text)[0] for text in options.tests]
    given["variables"] = dict(map(_variable, options.set))
    from harness.sources.finding import SchemaSearch

    flags = {name: v for name, v in given.items() if v}
    return config_reader.load(find=SchemaSearch, writes_tests=writes_tests, **flags)


@command("schema", "source", "tests", "server", "bindir", "jobs", "files", "since", "fix", *SHOWN)
def lint(options: Options) -> int:
    """Lint the migrations, the function bodies, the catalog and the test files.

    Examples:
      harness lint
      harness lint migrations/0188_orders.up.sql
      harness lint --since origin/main
      harness lint --fix
      harness lint --sarif findings.sarif --json findings.jsonl
    """
    config = _config(options)
    from harness.run import lint

    body = partial(lint.lint, config, fix=options.fix, only=lint.named(options.files))
    run = _orchestrator(options, config)
    run.whole = not (options.files or config.since_refs)
    return run.run(body)


@command(*SERVER, *SHOWN)
def apply(options: Options) -> int:
    """Apply the schema to a temporary server and list what it created.

    Examples:
      harness apply
      harness apply --schema sql/migrations --server postgresql://postgres@localhost/postgres
    """
    from harness.run import apply

    return _on_each(options, lambda o, c: _on_an_instance(o, c, "apply", apply.apply))


@command(*SETTINGS, *CHOICE, *REPORTS, *RUNNING, "durations", "xunit", "match", "v", "quiet")
def test(options: Options) -> int:
    """Run the SQL test files, the Python checks and the properties of the schema.

    Examples:
      harness test
      harness test --tests pgtap_tests/us1_isolation.sql -v
      harness test --tests pgtap_tests/us1_isolation.sql:27
      harness test -k 'identifiers or timestamps' --junit report.xml
      harness test --last-failed -x
      harness test --shuffle --durations 10
      harness test --xunit tests --match '^test_rights'
      harness test --set owner=alice
    """
    gc.set_threshold(50_000)  # what modules and results allocate stays: nothing to look for
    return _on_each(options, _run_tests)


def _run_tests(options: Options, config: Config) -> int:
    with ExitStack() as stack:
        startup = stack.enter_context(Startup(config))  # and load the rest meanwhile

        def body(progress: Progress) -> None:
            from harness.run.progress import step

            with step(progress, "test"):
                instance = stack.enter_context(startup.instance())
                _test(options, config, instance, progress, run.remarks, properties=True)
                _draw(options, run, instance)
                run.remarks += _remarks(instance)

        run = _orchestrator(options, config, durations=_number("durations", options.durations))
        return run.run(body, stack.close)


@command(*SETTINGS, "since", *REPORTS, "set", "one_database", "k", "v", "quiet", "fresh")
def gate(options: Options) -> int:
    """Run all steps (lint, apply, migrations, properties, access, test) with one exit code.

    Examples:
      harness gate
      harness gate --since origin/main
      harness gate --junit report.xml --html report.html
      harness gate --fresh
    """
    gc.set_threshold(50_000)
    return _on_each(options, _run_gate)


def _run_gate(options: Options, config: Config) -> int:
    from harness.run.gate import Gate

    run = _orchestrator(options, config, several=True)
    run.whole = not config.since_refs
    stack = ExitStack()

    def opened() -> AbstractContextManager[Instance]:
        if config.baseline or config.since_refs:  # a server that may have the old revisions
            from harness.instance import open_instance

            return open_instance(config)
        return stack.enter_context(Startup(config)).instance()

    def test(instance: Instance, progress: Progress) -> None:
        _draw(options, run, instance)
        _test(options, config, instance, progress, run.remarks)
        run.remarks += _remarks(instance)  # last: who runs the tests is among them

    steps = Gate(config, test, opened, options.fresh)

    def body(progress: Progress) -> None:
        steps(progress)
        if steps.remembered:
            names = ", ".join(steps.remembered)
            run.remarks.append(f"remembered, since nothing changed: {names}; --fresh runs them")

    def close() -> None:
        steps.close()
        stack.close()

    return run.run(body, close)


@command(*SERVER, "jobs", "tables", "only", "seed", "examples", "record", "since", *SHOWN)
def properties(options: Options) -> int:
    """Try what the schema declares (constraints, triggers, grants, …) with generated rows.

    Examples:
      harness properties
      harness properties tasks users
      harness properties --only triggers --only foreign_key
      harness properties --examples 10 --seed 7 --json properties.jsonl
      harness properties --record
    """
    from harness.run import properties

    if options.record:
        print(properties.record(_config(options)))
        return 0
    body = partial(properties.properties, options=_property_options(options))
    remarks = properties.unnoticed(_config(options, several=True))
    return _on_each(options, lambda o, c: _on_an_instance(o, c, "properties", body, remarks))


@command(
    *SETTINGS,
    *("tables", "kind", "list_", "min_score", "write_tests", "since", "compare", "shard", "merge"),
    "scheduler",
    *(*REPORTS, "v", "quiet"),
)
def mutate(options: Options) -> int:
    """Break the schema, one change at a time, and list the changes that no test notices.

    Examples:
      harness mutate
      harness mutate tasks users --kind 'foreign key' --kind check
      harness mutate tasks --list
      harness mutate --min-score 90 --write-tests pgtap_tests/gaps
      harness mutate --json mutants.json --html mutants.html
      harness mutate --since origin/main
      harness mutate --shard 1/4 --json shard1.json
      harness mutate --merge shard1.json --merge shard2.json
    """
    from harness.cli import mutate

    return mutate.mutate(options, _config(options), _orchestrator)


@command(*SERVER, "tables", "record", "since", *SHOWN)
def access(options: Options) -> int:
    """Find out which rows each role and user can read and write.

    Examples:
      harness access
      harness access tasks users
      harness access --json access.jsonl
      harness access --record
    """
    from harness.run import access

    if options.record:
        print(access.record(_config(options)))
        return 0
    return _on_each(options, _run_access)


def _run_access(options: Options, config: Config) -> int:
    from harness.run import access

    run = _orchestrator(options, config)
    stack = ExitStack()

    def body(progress: Progress) -> None:
        from harness.instance import open_instance
        from harness.run.progress import step

        with step(progress, "access"):
            instance = stack.enter_context(open_instance(config))
            access.access(instance, progress, options.tables, run.remarks)
            _draw(options, run, instance)

    return run.run(body, stack.close)


@command("schema", "source", "server", "bindir", "versions", "timeout", "since", *SHOWN)
def migrations(options: Options) -> int:
    """Run every migration up, down and up again, on rows and beside a second session.

    Examples:
      harness migrations
      harness migrations --since origin/main
      harness migrations -v --json migrations.jsonl
    """
    from harness.run import migrations

    body = migrations.migrations
    return _on_each(options, lambda o, c: _on_an_instance(o, c, "migrations", body))


@command("bindir", "places")
def diff(options: Options) -> int:
    """Compare two schemas.

    Each is a source, a source at a revision, a live server (which is only read) or a snapshot.

    Examples:
      harness diff sql/migrations backend
      harness diff sql/migrations postgresql://reader@db.example.org/app
      harness diff schema.json sql/migrations
    """
    from harness.cli import diff

    return diff.diff(_config(options), options.places)


@command("schema", "source", "bindir", "places", "output")
def snapshot(options: Options) -> int:
    """Write the contents of a schema as JSON, for version control and 'harness diff'.

    Examples:
      harness snapshot --output schema.json
      harness snapshot sql/migrations@0001
    """
    from harness.cli import diff

    return diff.snapshot(_config(options), options.places, options.output or "")


@command("schema", "source", "server", "bindir", "kept", "drop")
def psql(options: Options) -> int:
    """Open psql on the database that 'test --keep-failed' kept last, or on a fresh one.

    Examples:
      harness psql
      harness psql --kept us2_identifiers
      harness psql --drop
    """
    from harness.cli.psql import drop_kept, open_psql

    config = _config(options)
    return drop_kept(config) if options.drop else open_psql(config, options.kept)


@command("server")
def clean(options: Options) -> int:
    """Remove the databases and roles that killed runs left on a server of your own.

    The harness marks the databases and roles that it creates. It removes only marked ones, and only
    if their run has ended. Every run with --server does the same when it starts.

    Examples:
      harness clean --server postgresql://postgres@localhost/postgres
    """
    from harness.cli.clean import clean

    return clean(_config(options))


@command("schema", "source", "server", "bindir")
def serve(options: Options) -> int:
    """Start a server, apply the schema and print its URL; Ctrl-C stops the server.

    Examples:
      harness serve
      harness serve --server postgresql://postgres@localhost/postgres
    """
    from harness.cli import serve

    return serve.serve(_config(options))


@command("sql", "name")
def assertions(options: Options) -> int:
    """List the built-in assertions, or print the SQL that creates them.

    Examples:
      harness assertions
      harness assertions --sql
      harness assertions --sql --name fk_ok
    """
    from harness.pgtap import reference

    print(reference.listing(options.name, options.sql))
    return 0


@command("words")
def postgres(options: Options) -> int:
    """List the available versions of PostgreSQL, or fetch one: 'add 16'.

    Examples:
      harness postgres
      harness postgres add 16
    """
    from harness.cli import postgres

    return postgres.postgres(_config(options), options.words)


@command("ids")
def explain(options: Options) -> int:
    """Explain a rule, a property, a kind of mutant, an outcome or an exit code.

    Without an ID it lists all of them.

    Examples:
      harness explain
      harness explain no-primary-key
      harness explain migrations:rewrite undecided 2
    """
    from harness.cli import explain

    print(explain.explain(options.ids))
    return 0


@command("shell")
def completion(options: Options) -> int:
    """Print the completion script for bash, zsh or fish.

    Examples:
      source <(harness completion bash)
      harness completion fish > ~/.config/fish/completions/harness.fish
    """
    from harness.cli import completion

    print(completion.completion(options.shell, COMMANDS))
    return 0


def _on_each(options: Options, run: Callable[[Options, Config], int]) -> int:
    """Run a command on each version of PostgreSQL that is asked for; the worst exit code."""
    config = _config(options, several=True)
    several = len(options.bindir) > 1 or (len(config.versions) > 1 and not config.bindir)
    if config.server or not several:
        return run(options, config)
    from harness.cli import postgres

    return postgres.on_each(options, config, run)


def _on_an_instance(
    options: Options,
    config: Config,
    name: str,
    body: Callable[..., None],
    remarks: Sequence[str] = (),
) -> int:
    """Run one step on an instance; the exit code. The remarks are said at the end."""
    gc.set_threshold(50_000)
    stack = ExitStack()

    def on_it(progress: Progress) -> None:
        from harness.instance import open_instance
        from harness.run.progress import step

        with step(progress, name):
            instance = stack.enter_context(open_instance(config))
            body(instance, progress)
            _draw(options, run, instance)
            run.remarks += _remarks(instance)

    run = _orchestrator(options, config)
    run.remarks.extend(remarks)
    return run.run(on_it, stack.close)


def _draw(options: Options, run: Orchestrator, instance: Instance) -> None:
    """Have the schema in the results, where a report draws it; one that does not apply is not."""
    if "html" in options.reports:
        from harness.run.outline import outline

        with suppress(HarnessError):  # which the steps say
            run.outline = outline(instance)


def _remarks(instance: Instance) -> list[str]:
    """What is said once of a run: which extensions were stand-ins."""
    from harness.postgres import standins

    used = [standins.remark(instance.stand_ins)] if instance.stand_ins else []
    return [*instance.remarks, *used]


def _orchestrator(
    options: Options, config: Config, several: bool = False, durations: int | None = None
) -> Orchestrator:
    from harness.reports.output import Reports
    from harness.run.orchestrator import Orchestrator

    reports = Reports(options.reports, config.github, config.github_summary)
    run = Orchestrator(config, reports, options.v, several, durations or 0, quiet=options.quiet)
    run.taken = options.taken
    if config.baseline or config.since:
        from harness.run.baseline import remarks

        run.remarks += remarks(config)
    return run


def _test(
    options: Options,
    config: Config,
    instance: Instance,
    progress: Progress,
    remarks: list[str],
    properties: bool = False,
) -> None:
    """Run the tests; the properties of the schema too where no step of their own has them."""
    from harness.cli.testing import Testing  # late: it is loaded while the schema is applied

    wanted = _wanted(options, properties)
    Testing(config, wanted, instance, progress, remarks).run()


def _wanted(options: Options, properties_too: bool) -> TestOptions:
    from harness.sqltests import Selection
    from harness.sqltests.suite import TestOptions

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


def _property_options(options: Options) -> PropertyOptions:
    from harness.run.properties import PropertyOptions

    only = [name for text in options.only for name in text.split(",")]
    seed = _number("seed", options.seed) or 0
    examples = _number("examples", options.examples) or 0
    return PropertyOptions(only, options.tables, seed, examples)


def _matcher(keyword: str) -> Matches | None:
    if not keyword:
        return None
    from harness.pytest_plugin.checks import matcher  # late: pytest is slow to load

    return matcher(keyword)


def _seed(options: Options) -> int | None:
    """The number that says the order; None for the order of the paths."""
    seed = _number("seed", options.seed)
    if seed is None and options.shuffle:
        return random.randrange(10_000)  # noqa: S311  an order, not a secret
    return seed


def _number(name: str, text: str | None) -> int | None:
    if text is not None and not text.isdecimal():
        raise ConfigError(f"{name}: a number is expected, not {text!r}")
    return None if text is None else int(text)


@command("schema", "source", "bindir", "update")
def baseline(options: Options) -> int:
    """Record what fails today in harness-baseline.txt, so that only new failures count.

    Use it to adopt the harness in a project with a long history. Revisions up to the baseline are
    applied and not judged.

    Examples:
      harness baseline
      harness baseline --update
    """
    from harness.run import baseline

    print(baseline.baseline(_config(options), options.update))
    return 0


@command(*SERVER[:-1], "tests", "scaffolded", "dry_run")
def scaffold(options: Options) -> int:
    """Write test files from the schema: 'tests' or 'access', then tables (default: all).

    'tests' asserts what the catalog declares. 'access' asserts which rows each role reaches, for
    tables with row level security. Each assertion passes on the schema. The command also tries the
    files on mutants of the tables and lists those that they do not notice. It overwrites no file.

    Examples:
      harness scaffold tests
      harness scaffold tests orders order_items
      harness scaffold tests orders --dry-run
      harness scaffold access
    """
    from harness.cli import scaffold

    config = _config(options, writes_tests=True)
    print(scaffold.scaffold(config, options.scaffolded, options.dry_run))
    return 0


@command("schema", "source", "bindir", "ci", "pre_commit", "dry_run")
def init(options: Options) -> int:
    """Write the files that a project needs to begin; overwrite none.

    Examples:
      harness init --dry-run
      harness init
      harness init --ci github --pre-commit
    """
    import sys

    from harness.run.init import ProjectSetup

    def ask(question: str) -> bool:
        return input(f"{question} [Y/n] ").strip().lower() in ("", "y", "yes")

    asks = ask if sys.stdin.isatty() and sys.stdout.isatty() else None
    print(ProjectSetup(_config(options), options.dry_run, asks).run(options.ci, options.pre_commit))
    return 0


COMMANDS: dict[str, Command] = {
    one.name: one
    for one in (
        *(lint, apply, test, gate, properties, access, migrations, mutate, diff, snapshot),
        *(init, baseline, scaffold, psql, clean, serve, assertions, postgres, explain),
        completion,
    )
}
"""Name -> command."""
