"""The commands: each body is one call, and loads what it needs when it runs."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from harness.cli.command import (
    Command,
    Startup,
    command,
    configuration,
    draw,
    number,
    on_each,
    orchestrator,
    remarks_of,
)
from harness.cli.options import SETTINGS, Options
from harness.core.config import Config
from harness.reports.output import REPORTS

if TYPE_CHECKING:
    from harness.run.progress import Progress


SERVER = ("schema", "source", "server", "bindir", "versions", "pgtap", "timeout")
CHOICE = ("k", "tag", "not_tag", "last_failed", "failed_first", "shuffle", "seed", "x")
SHOWN = (*REPORTS, "strict", "v", "quiet")
RUNNING = ("set", "one_database", "keep_failed")


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
    config = configuration(options)
    from harness.run import lint

    body = partial(lint.lint, config, fix=options.fix, only=lint.named(options.files))
    run = orchestrator(options, config)
    run.whole = not (options.files or config.since_refs)
    return run.run(body)


@command(*SERVER, *SHOWN)
def apply(options: Options) -> int:
    """Apply the schema to a temporary server and list what it created.

    Examples:
      harness apply
      harness apply --schema sql/migrations --server postgresql://postgres@localhost/postgres
    """
    from harness.cli.steps import on_an_instance
    from harness.run.apply import apply

    return on_each(options, lambda o, c: on_an_instance(o, c, "apply", apply))


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
    return on_each(options, _run_tests)


def _run_tests(options: Options, config: Config) -> int:
    with ExitStack() as stack:
        startup = stack.enter_context(Startup(config))  # and load the rest meanwhile

        def body(progress: Progress) -> None:
            from harness.run.progress import step

            with step(progress, "test"):
                instance = stack.enter_context(startup.instance())
                from harness.cli.testing import run_tests  # late: the schema is being applied

                run_tests(options, config, instance, progress, run.remarks, properties=True)
                draw(options, run, instance)
                run.remarks += remarks_of(instance)

        run = orchestrator(options, config, durations=number("durations", options.durations))
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
    from harness.cli.steps import run_gate

    return on_each(options, run_gate)


@command(*SERVER, "jobs", "tables", "only", "seed", "examples", "record", "since", *SHOWN)
def properties(options: Options) -> int:
    """Test what the schema declares (constraints, triggers, grants, …) with generated rows.

    Examples:
      harness properties
      harness properties tasks users
      harness properties --only triggers --only foreign_key
      harness properties --examples 10 --seed 7 --json properties.jsonl
      harness properties --record
    """
    from harness.cli.steps import on_an_instance, property_options
    from harness.run import properties

    if options.record:
        print(properties.record(configuration(options)))
        return 0
    body = partial(properties.properties, options=property_options(options))
    remarks = properties.unnoticed(configuration(options, several=True))
    return on_each(options, lambda o, c: on_an_instance(o, c, "properties", body, remarks))


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

    return mutate.mutate(options, configuration(options))


@command(*SERVER, "tables", "record", "since", *SHOWN)
def access(options: Options) -> int:
    """Find out which rows each role and user can read and write.

    Examples:
      harness access
      harness access tasks users
      harness access --json access.jsonl
      harness access --record
    """
    from harness.cli.steps import run_access
    from harness.run import access

    if options.record:
        print(access.record(configuration(options)))
        return 0
    return on_each(options, run_access)


@command("schema", "source", "server", "bindir", "versions", "timeout", "since", *SHOWN)
def migrations(options: Options) -> int:
    """Run every migration up, down and up again, with rows and with a second session.

    Examples:
      harness migrations
      harness migrations --since origin/main
      harness migrations -v --json migrations.jsonl
    """
    from harness.cli.steps import on_an_instance
    from harness.run.migrations import migrations

    return on_each(options, lambda o, c: on_an_instance(o, c, "migrations", migrations))


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

    return diff.diff(configuration(options), options.places)


@command("schema", "source", "bindir", "places", "output")
def snapshot(options: Options) -> int:
    """Write the contents of a schema as JSON, for version control and 'harness diff'.

    Examples:
      harness snapshot --output schema.json
      harness snapshot sql/migrations@0001
    """
    from harness.cli import diff

    return diff.snapshot(configuration(options), options.places, options.output or "")


@command("schema", "source", "server", "bindir", "kept", "drop")
def psql(options: Options) -> int:
    """Open psql on the database that 'test --keep-failed' kept last, or on a fresh one.

    Examples:
      harness psql
      harness psql --kept us2_identifiers
      harness psql --drop
    """
    from harness.cli.psql import drop_kept, open_psql

    config = configuration(options)
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

    return clean(configuration(options))


@command("schema", "source", "server", "bindir")
def serve(options: Options) -> int:
    """Start a server, apply the schema and print its URL; Ctrl-C stops the server.

    Examples:
      harness serve
      harness serve --server postgresql://postgres@localhost/postgres
    """
    from harness.cli import serve

    return serve.serve(configuration(options))


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

    return postgres.postgres(configuration(options), options.words)


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

    print(baseline.baseline(configuration(options), options.update))
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

    config = configuration(options, writes_tests=True)
    print(scaffold.scaffold(config, options.scaffolded, options.dry_run))
    return 0


@command("schema", "source", "bindir", "ci", "pre_commit", "dry_run")
def init(options: Options) -> int:
    """Write the files that a project needs to get started; overwrite none.

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
    print(
        ProjectSetup(configuration(options), options.dry_run, asks).run(
            options.ci, options.pre_commit
        )
    )
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
