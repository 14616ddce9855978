"""The step ``migrations``: every revision, tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from harness.core.errors import ConfigError
from harness.core.results import Outcome
from harness.core.text import count
from harness.instance import Instance, open_instance
from harness.migrations import Campaign, Limits, RevisionResult
from harness.migrations.allowed import Allowed
from harness.migrations.report import group_of
from harness.postgres.database.shared import touches_server
from harness.rowgen.storage import keep_out
from harness.run.apply import source_of
from harness.run.progress import Progress, failed, not_run
from harness.sources import texts
from harness.sources.age import age_of


def migrations(instance: Instance, progress: Progress) -> None:
    """Try every migration: up, down, up, twice, with rows, while a second session works.

    Raises ConfigError where there is no schema.
    """
    source = source_of(instance)
    if not source.migrations and not source.files and source.name != "command":
        raise ConfigError(f"{instance.config.schema}: there is no migration here to be tried")
    age = age_of(instance.config, source)
    if age is not None and source.migrations and not age.new:
        progress.take(not_run("migrations", f"none of {count(len(age.old), 'revision')} is new"))
        return
    old = frozenset(one.name for one in age.old) if age is not None else frozenset[str]()
    total = len(source.migrations) - len(old) or 1  # some tools do not tell: all of them as one
    progress.expect("migrations", total, "revision")
    said: set[str] = set()
    untried, passed = 0, True
    with _undisturbed(instance) as own, closing(_campaign(own, old).run()) as running:
        for revision in running:
            group = group_of(_unsaid(revision, said), instance.config.root)
            progress.advance("migrations", doing=group.name)
            progress.take(group)
            untried += any(one.outcome is Outcome.SKIPPED for one in group.results)
            passed = passed and group.passed
    if untried and passed:  # what kept them from being run was accepted
        words = f"{untried} revision{' was' if untried == 1 else 's were'} not run"
        progress.take(failed("migrations", f"{words}, and that is not a pass"))


def why_not(instance: Instance) -> str:
    """Why a gate does not try them on this instance; empty where it does."""
    if not instance.config.migrations.get("enabled", True):
        return "turned off in the configuration"
    if not instance.cluster.ephemeral and touches_server(texts(source_of(instance))):
        return "the named server already has the schema's roles"  # alone, the command does
    return ""


@contextmanager
def _undisturbed(instance: Instance) -> Iterator[Instance]:
    """The instance; where the schema makes roles, which may be there by now, one without them."""
    if instance.alone or not touches_server(texts(source_of(instance))):
        yield instance
        return
    with open_instance(instance.config) as own:
        yield own


def _campaign(instance: Instance, old: frozenset[str]) -> Campaign:
    keep_out(instance.config)
    settings = instance.config.migrations
    names = ("blocked", "rows", "many", "reversible")
    limits = Limits(**{name: settings[name] for name in names if name in settings})
    patterns = {} if instance.config.elsewhere else settings.get("allow", {})
    campaign = Campaign(instance, source_of(instance), limits, Allowed(patterns), old)
    campaign.allowed.refuse_unknown(campaign.steps)
    return campaign


def _unsaid(revision: RevisionResult, said: set[str]) -> RevisionResult:
    """The result without notes that were shown with an earlier one."""
    notes = tuple(note for note in revision.notes if note not in said)
    said.update(notes)
    return replace(revision, notes=notes)
