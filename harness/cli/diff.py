"""Drift: two places that should have the same schema, compared as SQL objects.

A place is a source, perhaps at a revision (``sql/migrations@0001``), a server that runs
(``postgresql://...``, only read), or a snapshot (``schema.json``).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from harness.cli.places import Place, Reading, place_of
from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.text import plain
from harness.sources.finding import refuse_none

SAME, DIFFERENT = 0, 1


def diff(config: Config, words: Sequence[str]) -> int:
    """Say what differs between two places; 0 for nothing, 1 for something."""
    if len(words) != 2:
        raise ConfigError(f"diff: two places are expected, not {len(words)}; see --help")
    places = [place_of(config, word) for word in words]
    with ExitStack() as stack:
        before, after = Reading(config, stack).catalogs(places)
    difference = after.difference(before)
    old, new = (place.name for place in places)
    if not difference:
        print(f"the same {len(after)} objects in {old} and {new}")
        return SAME
    print(plain(f"--- {old}\n+++ {new}\n{difference}"))
    return DIFFERENT


def snapshot(config: Config, words: Sequence[str], output: str) -> int:
    """Write what a place has as JSON, for version control."""
    if len(words) > 1:
        raise ConfigError(f"snapshot: one place is expected, not {len(words)}")
    with ExitStack() as stack:
        (catalog,) = Reading(config, stack).catalogs([_one(config, words)])
    text = f"{catalog.to_json()}\n"
    if output in ("", "-"):
        sys.stdout.write(text)
        return SAME
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"output: cannot write {output}: {error.strerror}") from None
    print(f"{len(catalog)} objects in {output}")
    return SAME


def _one(config: Config, words: Sequence[str]) -> Place:
    if words:
        return place_of(config, words[0])
    if config.schema is None:
        raise refuse_none(config)
    return place_of(config, str(config.schema))
