"""What a run of the tests is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.sqltests.selection import Selection


@dataclass(frozen=True, slots=True)
class TestOptions:
    """What a run is asked for beyond its configuration."""

    keyword: str = ""
    """An expression over the names of files, assertions and checks."""
    selection: Selection = field(default_factory=Selection)
    xunit: str = ""
    """A schema whose test functions are run, instead of files."""
    match: str = ""
    """A regular expression for the names of those functions."""
    last_failed: bool = False
    failed_first: bool = False
    stop_early: bool = False
    """Whether the first file that fails ends the run."""
    seed: int | None = None
    """Shuffles files and checks."""
    keep_failed: bool = False
    one_database: bool = False
    """Whether SQL files run one after another, each on what those before it left."""
    properties: bool = False
    """Whether the properties of the schema are tried, too."""
    timed: bool = False
    """Whether anybody looks at the time of a single statement."""
