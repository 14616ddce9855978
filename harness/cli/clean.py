"""``harness clean``: a named server without what killed runs have left there."""

from __future__ import annotations

from harness.core.config import Config
from harness.core.errors import ConfigError, ServerError
from harness.postgres.cluster import open_cluster
from harness.postgres.database.leftovers import remove


def clean(config: Config) -> int:
    """Remove it and print what it was; the exit code.

    Raises ConfigError where no server is named, ServerError for what could not be removed.
    """
    if not config.server:
        raise ConfigError(
            "server: name one with --server or HARNESS_SERVER; a server that a run starts itself"
            " ends with it and leaves nothing"
        )
    with open_cluster(config) as cluster:
        removed, complaints = remove(cluster)
    for one in removed:
        print(f"removed {one}")
    if complaints:
        raise ServerError("\n".join(complaints))
    if not removed:
        print("nothing to remove")
    return 0
