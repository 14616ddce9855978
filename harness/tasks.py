"""The commands, as Invoke tasks: each body is one call.

``tasks.py`` of a repository re-exports ``namespace``; the console script ``harness`` is
Invoke's own Program over the same namespace, so that it also works where there is no
``tasks.py``. Exit codes: 0 passed, 1 failed, 2 could not run.
"""

from __future__ import annotations

import gc
import random
import sys
from typing import Any

from invoke.collection import Collection

from harness import config as configuration
from harness.command import Harness, command
from harness.config import Config
from harness.errors import ConfigError

SERVER = ("schema", "source", "server", "bindir", "pgtap", "timeout")
SETTINGS = ("schema", "source", "tests", "server", "bindir", "pgtap", "jobs", "timeout")
CHOICE = ("k", "tag", "not_tag", "last_failed", "failed_first", "shuffle", "seed", "x")
REPORTS = ("junit", "tap", "json")


def _config(options: dict[str, Any]) -> Config:
    given = {name: options.get(name) for name in SETTINGS}
    if given["tests"]:
        given["tests"] = _places(given["tests"])
    return configuration.load(**{name: value for name, value in given.items() if value})


def _places(tests: list[str]) -> list[str]:
    """The paths of arguments such as ``path.sql:12``."""
    from harness.suite.selection import place

    return [place(text)[0] for text in tests]


@command("schema", "source", "tests", "jobs", "fix")
def lint(options: dict[str, Any]) -> int:
    """Lint the schema and the test files with sqlfluff.

    Examples:
      invoke lint
      invoke lint --fix
    """
    from harness import gate
    from harness.reports import terminal

    return terminal.step("lint", gate.timed(lambda: gate.lint(_config(options), options["fix"])))


@command(*SERVER)
def apply(options: dict[str, Any]) -> int:
    """Apply the schema to an ephemeral instance and list what it created.

    Examples:
      invoke apply
      invoke apply --schema sql/migrations --server postgresql://postgres@localhost/postgres
    """
    from harness import gate
    from harness.instance import open_instance
    from harness.reports import terminal

    with open_instance(_config(options)) as instance:
        return terminal.step("apply", gate.timed(lambda: gate.apply(instance)))


@command(*SETTINGS, *CHOICE, *REPORTS, "durations", "keep_failed", "xunit", "match", "v")
def test(options: dict[str, Any]) -> int:
    """Run the SQL assertion files and the Python checks.

    Examples:
      invoke test
      invoke test --tests pgtap_tests/us1_isolation.sql -v
      invoke test --tests pgtap_tests/us1_isolation.sql:27
      invoke test -k 'identifiers or timestamps' --junit report.xml
      invoke test --last-failed -x
      invoke test --shuffle --durations 10
      invoke test --xunit tests --match '^test_rights'
    """
    return _test(options, None)


@command(*SETTINGS, *REPORTS, "k", "v")
def gate(options: dict[str, Any]) -> int:
    """Lint, apply, rollback and re-apply, test: one table, one exit code.

    Examples:
      invoke gate
      invoke gate --junit report.xml
    """
    from harness.gate import Gate
    from harness.reports import terminal

    steps = Gate(_config(options), lambda instance: _test(options, instance))
    try:
        return terminal.table(steps.run)
    finally:
        steps.close()


@command("schema", "source", "server", "bindir", "kept", "drop")
def psql(options: dict[str, Any]) -> int:
    """Open psql on the database that 'test --keep-failed' kept last, or on a fresh one.

    Examples:
      invoke psql
      invoke psql --kept us2_identifiers
      invoke psql --drop
    """
    from harness.psql import drop_kept, open_psql

    config = _config(options)
    return drop_kept(config) if options["drop"] else open_psql(config, options["kept"])


@command("schema", "source", "server", "bindir")
def serve(options: dict[str, Any]) -> int:
    """Start a server, apply the schema, print a URL; Ctrl-C stops and removes it.

    Examples:
      invoke serve
      invoke serve --server postgresql://postgres@localhost/postgres
    """
    from harness import serve

    return serve.serve(_config(options))


@command("sql", "name")
def assertions(options: dict[str, Any]) -> int:
    """List the built-in assertions, or print the SQL that creates them.

    Examples:
      invoke assertions
      invoke assertions --sql
      invoke assertions --sql --name fk_ok
    """
    from harness.assertions import reference

    print(reference.listing(options["name"], options["sql"]))
    return 0


def _test(options: dict[str, Any], instance: Any) -> int:
    """Run the tests, on an instance where there is one already."""
    gc.set_threshold(50_000)  # what modules and results allocate stays: looking for waste is one
    # Invoke turns Python's caches off, and pytest would rewrite all its plugins every time.
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
    from harness.testing import Testing

    config = _config(options)
    return Testing(config, _wanted(options, config), instance).run()


def _wanted(options: dict[str, Any], config: Config) -> Any:
    from harness.reports.output import Reports
    from harness.suite import Selection
    from harness.testing import Wanted, selection_of

    _, lines = selection_of(options["tests"])
    keyword = options["k"] or ""
    names = {"tags": "tag", "not_tags": "not_tag"}
    tags = {name: frozenset(options.get(option) or ()) for name, option in names.items()}
    reports = {name: options[name] for name in REPORTS if options[name]}
    given = {
        name: options[name]
        for name in ("last_failed", "failed_first", "keep_failed", "xunit", "match")
        if options.get(name)
    }
    return Wanted(
        keyword,
        Selection(_matcher(keyword), lines=lines, **tags),
        Reports(reports, config.github, config.github_summary),
        stop_early=bool(options.get("x")),
        seed=_seed(options),
        durations=_number("durations", options.get("durations")) or 0,
        verbose=options["v"],
        **given,
    )


def _matcher(keyword: str) -> Any:
    if not keyword:
        return None
    from harness.plugin.checks import matcher  # late: pytest is slow to load

    return matcher(keyword)


def _seed(options: dict[str, Any]) -> int | None:
    """The number that says the order; None for the order of the paths."""
    seed = _number("seed", options.get("seed"))
    if seed is None and options.get("shuffle"):
        return random.randrange(10_000)  # noqa: S311  an order, not a secret
    return seed


def _number(name: str, text: str | None) -> int | None:
    if text is not None and not text.isdecimal():
        raise ConfigError(f"{name}: a number is expected, not {text!r}")
    return None if text is None else int(text)


namespace = Collection(lint, apply, test, gate, psql, serve, assertions)


def main() -> None:
    """Run the console script ``harness``."""
    Harness(name="harness", binary="harness", namespace=namespace, version="").run()
