"""The migrations of a schema, tried on an instance: what ``harness migrations`` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from harness.core.config import SCHEMA_CONVENTIONS
from harness.core.errors import ConfigError
from harness.core.results import Group
from harness.instance import Instance, open_instance
from harness.migrations import Campaign, Limits, Trial
from harness.migrations.allowed import Allowed
from harness.migrations.report import group_of
from harness.postgres.database.shared import touches_server
from harness.rowgen.storage import keep_out
from harness.sources import SchemaSource, texts


def revisions(instance: Instance) -> int:
    """How many revisions there are to try. Raises ConfigError where there is no schema."""
    return len(source_of(instance).migrations) or 1


def tried(instance: Instance) -> Iterator[Group]:
    """Every revision, tried: a group of results each, in order."""
    said: set[str] = set()
    with _undisturbed(instance) as own, closing(_campaign(own).run()) as running:
        for trial in running:
            yield group_of(_unsaid(trial, said), instance.config.root)


def why_not(instance: Instance) -> str:
    """Why a gate does not try them on this instance; empty where it does."""
    if not instance.config.migrations.get("enabled", True):
        return "turned off in the configuration"
    if not instance.cluster.ephemeral and touches_server(texts(source_of(instance))):
        return "the named server has the schema's roles by now"  # alone, the command does
    return ""


@contextmanager
def _undisturbed(instance: Instance) -> Iterator[Instance]:
    """The instance; where the schema makes roles, which may be there by now, one without them."""
    if instance.alone or not touches_server(texts(source_of(instance))):
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


def _unsaid(trial: Trial, said: set[str]) -> Trial:
    """The trial without notes that were shown with an earlier one."""
    notes = tuple(note for note in trial.notes if note not in said)
    said.update(notes)
    return replace(trial, notes=notes)
