"""The commands that run one step on a server of its own, and the gate, which runs all of them.

What needs psycopg is loaded late: the server of a gate starts meanwhile.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

from harness.cli.command import Startup, draw, number, orchestrator, remarks_of
from harness.cli.options import Options
from harness.core.config import Config
from harness.run.progress import Progress, step

if TYPE_CHECKING:
    from harness.instance import Instance
    from harness.run.properties import PropertyOptions


def on_an_instance(
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

        with step(progress, name):
            instance = stack.enter_context(open_instance(config))
            body(instance, progress)
            draw(options, run, instance)
            run.remarks += remarks_of(instance)

    run = orchestrator(options, config)
    run.remarks.extend(remarks)
    return run.run(on_it, stack.close)


def property_options(options: Options) -> PropertyOptions:
    """What `properties` is asked for. Raises ConfigError."""
    from harness.run.properties import PropertyOptions

    only = [name for text in options.only for name in text.split(",")]
    seed = number("seed", options.seed) or 0
    examples = number("examples", options.examples) or 0
    return PropertyOptions(only, options.tables, seed, examples)


def run_access(options: Options, config: Config) -> int:
    """Run `access`; the exit code."""
    from harness.run import access

    run = orchestrator(options, config)
    stack = ExitStack()

    def body(progress: Progress) -> None:
        from harness.instance import open_instance

        with step(progress, "access"):
            instance = stack.enter_context(open_instance(config))
            access.access(instance, progress, options.tables, run.remarks)
            draw(options, run, instance)

    return run.run(body, stack.close)


def run_gate(options: Options, config: Config) -> int:
    """Run `gate`; the exit code."""
    from harness.run.gate import Gate

    run = orchestrator(options, config, several=True)
    run.whole = not config.since_refs
    stack = ExitStack()

    def opened() -> AbstractContextManager[Instance]:
        if config.baseline or config.since_refs:  # a server that may have the old revisions
            from harness.instance import open_instance

            return open_instance(config)
        return stack.enter_context(Startup(config)).instance()

    def test(instance: Instance, progress: Progress) -> None:
        draw(options, run, instance)
        from harness.cli.testing import run_tests

        run_tests(options, config, instance, progress, run.remarks)
        run.remarks += remarks_of(instance)  # last: who runs the tests is among them

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
