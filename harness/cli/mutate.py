"""The command ``mutate``."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from harness.cli.command import orchestrator
from harness.cli.options import Options
from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.outline import Outline
from harness.core.text import plain
from harness.instance import open_instance
from harness.run.mutate import MutateOptions, MutateRun, merge
from harness.run.mutate import mutate as run_mutants
from harness.run.mutate_memory import Found, MutateMemory
from harness.run.progress import Noting, Progress, step


def mutate(options: Options, config: Config) -> int:
    """List mutants, or try them; the exit code."""
    gc.set_threshold(50_000)
    wanted = _wanted(options, config)
    if options.list_:
        return _listed(config, wanted)
    paths = [Path(name).resolve() for name in options.merge]
    stack = ExitStack()
    # What reads reports of mutants reads the form that Stryker's viewers do.
    forms = {"mutants" if name == "json" else name: to for name, to in options.reports.items()}
    draws = "html" in forms

    def body(progress: Progress) -> None:
        with step(progress, "mutate"):
            if paths:
                merge(paths, config, progress, wanted.min_score)
                return
            memory = MutateMemory.of(config, wanted, draws)
            if (found := memory.recall()) is not None:
                for group in found.groups:
                    progress.take(group)
            else:
                found = tried(progress, memory)
            run.outline = found.outline

    def tried(progress: Progress, memory: MutateMemory) -> Found:
        instance = stack.enter_context(open_instance(config))
        noting = Noting(progress, [])
        done = run_mutants(instance, noting, wanted)
        drawn: Outline = ()
        if draws:
            from harness.run.outline import outline

            drawn = outline(instance)
        found = Found(noting.groups, drawn, done.checks)
        if not instance.remarks:  # of a server that was chosen by what the machine has
            memory.keep(found)
        return found

    run = orchestrator(replace(options, reports=forms), config)
    return run.run(body, stack.close)


def _wanted(options: Options, config: Config) -> MutateOptions:
    kinds = [kind.strip() for text in options.kind for kind in text.split(",")]
    least = options.min_score
    if least is not None and not least.replace(".", "", 1).isdecimal():
        raise ConfigError(f"min-score: a percentage such as 90 is expected, not {least!r}")
    default = config.mutation.get("min_score")
    score = float(least) if least is not None else default
    if score is not None and not 0 <= score <= 100:
        raise ConfigError(f"min-score: a percentage from 0 to 100 is expected, not {score:g}")
    folder = Path(options.write_tests).resolve() if options.write_tests else None
    if options.shard and least is not None:
        raise ConfigError("min-score: --merge asks for it, a shard alone has no score")
    return MutateOptions(
        options.tables,
        kinds,
        score,
        folder,
        compare=Path(options.compare).resolve() if options.compare else None,
        shard=_shard(options.shard) if options.shard else None,
        scheduler=options.scheduler or "",
    )


def _shard(text: str) -> tuple[int, int]:
    """``2/3`` taken apart."""
    part, slash, parts = text.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise ConfigError(f"shard: K/N is expected, such as 1/4, not {text!r}")
    return int(part), int(parts)


def _listed(config: Config, wanted: MutateOptions) -> int:
    with open_instance(config) as instance:
        run = MutateRun(instance, wanted)
        found = run.mutants(run.declared())
    for mutant in found:
        print(plain(mutant.id))
        for line in mutant.diff.splitlines():
            print(f"    {plain(line)}")
    if not found:
        raise ConfigError("there is no such mutant")
    return 0
