"""What a command is, and what commands share.

A command has a body and takes options; its errors end in exit code 2. Commands share how options
become a configuration, how a server is started, what takes the results, and how a command runs on
several versions of PostgreSQL.

A command knows neither Invoke nor argparse: `harness.cli.main` and `harness.tasks` offer the same
commands to both.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from harness.cli.options import POSITIONAL, SETTINGS, Options
from harness.core import config_reader
from harness.core.config import Config
from harness.core.errors import ConfigError, HarnessError
from harness.core.files import is_big
from harness.core.results import place
from harness.core.signals import SIGNALS, interrupt
from harness.core.text import closest, plain
from harness.reports.output import OF_MUTANTS, REPORTS

if TYPE_CHECKING:
    from pathlib import Path

    from harness.instance import Instance
    from harness.postgres.server.binaries import Binaries
    from harness.postgres.server.cache import Cache
    from harness.postgres.server.process import ServerProcess
    from harness.run.orchestrator import Orchestrator


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the command line; its docstring is its help."""

    name: str
    options: tuple[str, ...]
    body: Callable[[Options], int]

    @property
    def doc(self) -> str:
        """The help: a summary, then examples."""
        return self.body.__doc__ or ""

    @property
    def positional(self) -> str:
        """The option that words without a flag belong to; empty where there is none."""
        return next((name for name in POSITIONAL if name in self.options), "")

    def run(self, given: Mapping[str, Any]) -> int:
        """Run it with a value for each of its options; the exit code."""
        known = {**REPORTS, **OF_MUTANTS}
        reports = {name: given[name] for name in known if given.get(name)}
        others = {name: value for name, value in given.items() if name not in known}
        return _guarded(self.body, Options(**others, reports=reports))


def command(*options: str) -> Callable[[Callable[[Options], int]], Command]:
    """Make ``body(options)`` a command with these options of OPTIONS."""
    return lambda body: Command(body.__name__, options, body)


def flag(name: str) -> str:
    """How a command line writes an option: ``-x``, ``--last-failed``."""
    return f"-{name}" if len(name) == 1 else f"--{name.rstrip('_').replace('_', '-')}"


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """The message for a word that is not one of the known ones."""
    near = closest(word, known)
    hint = f"; did you mean {near}?" if near else "; see --help"
    return f"harness: unknown {what} {word}{hint}"


def _guarded(body: Callable[[Options], int], options: Options) -> int:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, interrupt)
    try:
        return body(options)
    except HarnessError as error:
        print(f"harness: {plain(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return 2
    except Exception as error:
        from harness.run.progress import shown  # late: it loads more than a completion needs

        if (known := shown(error)) is not None:
            print(f"harness: {plain(str(known))}", file=sys.stderr)
            return known.exit_code
        if isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ENOSPC):
            return unwritable(error)
        traceback.print_exc()  # a bug of ours, and still not a verdict on the schema
        return 2


def unwritable(error: OSError) -> int:
    """Say that the output cannot be written, which nobody tries again; the exit code."""
    if not isinstance(error, BrokenPipeError):  # whoever read our output has had enough
        with suppress(OSError):  # nor can this be, perhaps
            print(f"harness: cannot write the output: {error.strerror}", file=sys.stderr)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 2


# --- what commands share --------------------------------------------------------------


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ConfigError(f"--set: NAME=VALUE is expected, not {text!r}")
    return name, value


def configuration(options: Options, several: bool = False, writes_tests: bool = False) -> Config:
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


def number(name: str, text: str | None) -> int | None:
    """The number that an option gives, if it is given. Raises ConfigError."""
    if text is not None and not text.isdecimal():
        raise ConfigError(f"{name}: a number is expected, not {text!r}")
    return None if text is None else int(text)


def on_each(options: Options, run: Callable[[Options, Config], int]) -> int:
    """Run a command on each version of PostgreSQL that is asked for; the worst exit code."""
    config = configuration(options, several=True)
    several = len(options.bindir) > 1 or (len(config.versions) > 1 and not config.bindir)
    if config.server or not several:
        return run(options, config)
    from harness.cli import postgres

    return postgres.on_each(options, config, run)


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


def orchestrator(
    options: Options, config: Config, several: bool = False, durations: int | None = None
) -> Orchestrator:
    """What takes the results of a command: shows them, writes its reports, says its exit code."""
    from harness.reports.output import Reports
    from harness.run.orchestrator import Orchestrator

    reports = Reports(options.reports, config.github, config.github_summary)
    run = Orchestrator(config, reports, options.v, several, durations or 0, quiet=options.quiet)
    run.taken = options.taken
    if config.baseline or config.since:
        from harness.run.baseline import remarks

        run.remarks += remarks(config)
    return run


def draw(options: Options, run: Orchestrator, instance: Instance) -> None:
    """Have the schema in the results, where a report draws it; one that does not apply is not."""
    if "html" in options.reports:
        from harness.run.outline import outline

        with suppress(HarnessError):  # which the steps say
            run.outline = outline(instance)


def remarks_of(instance: Instance) -> list[str]:
    """What is said once of a run: which extensions were stand-ins."""
    from harness.postgres import standins

    used = [standins.remark(instance.stand_ins)] if instance.stand_ins else []
    return [*instance.remarks, *used]
