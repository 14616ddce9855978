"""The command ``scaffold``: what it can write, each a line of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.core.text import nearest

SCAFFOLDS = {
    "tests": "harness.run.scaffold:tests",
    "access": "harness.run.scaffold_access:access",
}
"""Word -> ``module:function``; ``function(config, names, dry_run)`` gives what is to be said."""


def scaffold(config: Config, words: Sequence[str], dry_run: bool) -> str:
    """Write what the first word says, for what the others name. Raises ConfigError."""
    known = ", ".join(SCAFFOLDS)
    if not words:
        raise ConfigError(f"scaffold: say what: {known}")
    what, *names = words
    if what not in SCAFFOLDS:
        raise ConfigError(f"scaffold: there is no {what!r}{nearest(what, list(SCAFFOLDS))}")
    module, _, name = SCAFFOLDS[what].partition(":")
    write: Callable[[Config, Sequence[str], bool], str] = getattr(import_module(module), name)
    return write(config, names, dry_run)
