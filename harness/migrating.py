"""The migrations of a schema, tried on an instance: what ``harness migrations`` does."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from harness.config import SCHEMA_CONVENTIONS, Config
from harness.database.shared import touches_server
from harness.errors import ConfigError
from harness.findings import Findings
from harness.instance import Instance, open_instance
from harness.migrations import Campaign, Limits, Trial
from harness.migrations.allowed import Allowed
from harness.migrations.report import block, line, summary, to_json
from harness.reports import findings_github
from harness.results import Verdict
from harness.rows.storage import keep_out
from harness.sources import SchemaSource, texts

PASSED, FAILED = 0, 1


def command(config: Config, json: str = "", verbose: bool = False) -> int:
    """Try every revision and show it as it ends; 1 where something is found."""
    gc.set_threshold(50_000)  # results stay: nothing to look for
    started = time.monotonic()
    stream = sys.stderr if json == "-" else sys.stdout
    trials = []
    with (
        _json(json) as lines,
        open_instance(config) as instance,
        closing(_campaign(instance).run()) as running,
    ):
        said: set[str] = set()
        for trial in running:
            trials.append(trial)
            _show(_unsaid(trial, said), config.root, stream, verbose)
            lines.write(to_json(trial, config.root) + "\n")
    if config.github:
        _annotate(trials, config.root, stream)
    print(f"\n{summary(trials)}  {time.monotonic() - started:.2f} s", file=stream)
    return _code(trials)


def verdict(instance: Instance) -> Verdict:
    """What a gate needs to know."""
    config = instance.config
    if not config.migrations.get("enabled", True):
        return Verdict(PASSED, "not run: turned off in the configuration", ran=False)
    if not instance.cluster.ephemeral and touches_server(texts(source_of(instance))):
        why = "the named server has the schema's roles by now"  # alone, the command does
        return Verdict(PASSED, f"not run: {why}", ran=False)
    with _undisturbed(instance) as own, closing(_campaign(own).run()) as running:
        trials = list(running)
    noted: set[str] = set()
    said = [text for one in trials if (text := block(_unsaid(one, noted), config.root))]
    return Verdict(_code(trials), summary(trials), "\n".join(said))


@contextmanager
def _undisturbed(instance: Instance) -> Iterator[Instance]:
    """The instance; where the schema makes roles, which are there by now, one without them."""
    source = source_of(instance)
    if not touches_server(texts(source)):
        yield instance
        return
    with open_instance(instance.config) as own:
        yield own


def source_of(instance: Instance) -> SchemaSource:
    """The source of an instance. Raises ConfigError where there is none."""
    if instance.source is None:
        raise ConfigError(
            f"no schema: none was found in the conventional places"
            f" ({', '.join(SCHEMA_CONVENTIONS)}); name one with --schema"
        )
    return instance.source


def _campaign(instance: Instance) -> Campaign:
    keep_out(instance.config)
    settings = instance.config.migrations
    names = ("blocked", "rows", "many", "reversible")
    limits = Limits(**{name: settings[name] for name in names if name in settings})
    patterns = {} if instance.config.elsewhere else settings.get("allow", {})
    campaign = Campaign(instance, source_of(instance), limits, Allowed(patterns))
    campaign.allowed.refuse_unknown(campaign.steps)
    return campaign


def _show(trial: Trial, root: Path, stream: TextIO, verbose: bool) -> None:
    print(line(trial, stream), file=stream)
    if text := block(trial, root, verbose):
        print(text, file=stream)
    stream.flush()


def _unsaid(trial: Trial, said: set[str]) -> Trial:
    """The trial without notes that were shown with an earlier one."""
    notes = tuple(note for note in trial.notes if note not in said)
    said.update(notes)
    return replace(trial, notes=notes)


def _annotate(trials: list[Trial], root: Path, stream: TextIO) -> None:
    found = tuple(one for trial in trials for one in trial.findings)
    findings_github.write(Findings(found, len(trials), root), stream)


def _code(trials: list[Trial]) -> int:
    return PASSED if all(trial.passed for trial in trials) else FAILED


@contextmanager
def _json(place: str) -> Iterator[TextIO]:
    """The stream that trials are written to. Raises ConfigError where it cannot be opened."""
    if place == "-":
        yield sys.stdout
        return
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(Path(place or os.devnull).open("w", encoding="utf-8"))
        except OSError as error:
            raise ConfigError(f"json: cannot write {place}: {error.strerror}") from None
        yield opened
