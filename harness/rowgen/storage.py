"""Where Hypothesis keeps what it keeps: its tables of Unicode, constants, examples."""

from __future__ import annotations

from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir

from harness.core.config import Config
from harness.postgres.server.cache import Cache


def keep_out(config: Config) -> None:
    """Keep Hypothesis' files in our cache; a project with ``.hypothesis`` uses it itself.

    To be called before a first value is generated, whoever wants it: Hypothesis would make
    ``.hypothesis`` in the working directory, even without a database.
    """
    if not Path(".hypothesis").exists():
        set_hypothesis_home_dir(Cache(config.cache_dir).root / "hypothesis")
