"""Drift: two places that should have the same schema, compared as SQL objects.

A place is a source, perhaps at a revision (``sql/migrations@0001``), a server that runs
(``postgresql://...``, only read), or a snapshot (``schema.json``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from harness.catalog import Catalog
from harness.cluster import open_cluster
from harness.config import Config, nearest
from harness.errors import CannotRun, ConfigError, ServerError
from harness.instance import Instance
from harness.instance import preload
from harness.sources import Migration, SchemaSource, open_source
from harness.sources.command import Command

SAME, DIFFERENT = 0, 1
_SERVERS = ("postgresql://", "postgres://")
_NOTES = Command(Path(), Path(), (), (), "").bookkeeping
"""Tables that tools keep for themselves; a server that one of them migrates has them."""
_READ_ONLY = "-c default_transaction_read_only=on"


@dataclass(frozen=True, slots=True)
class Place:
    """What has a schema; ``name`` is how it is shown, without a password."""

    name: str
    read: Callable[[Instance], Catalog]


def diff(config: Config, places: list[str]) -> int:
    """Say what differs between two places; 0 for nothing, 1 for something."""
    if len(places) != 2:
        raise ConfigError(f"diff: two places are expected, not {len(places)}; see --help")
    old, new = (_place(config, text) for text in places)
    with ExitStack() as stack:
        instance = _instance(config, stack)
        before, after = old.read(instance), new.read(instance)
    difference = after.difference(before)
    if not difference:
        print(f"{old.name} and {new.name} have the same {len(after)} objects")
        return SAME
    print(f"--- {old.name}\n+++ {new.name}\n{difference}")
    return DIFFERENT
