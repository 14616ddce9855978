"""PostgreSQL instances: an ephemeral one of our own, or one that was named explicitly.

::

    binaries.py    where initdb and postgres are
    account.py     who runs the server when we are root
    cache.py       directories that are built once and kept
    temporary.py   where an ephemeral server lives
    datadir.py     an initialised data directory, from the cache
    executor.py    the server process (pytest-postgresql's executor)
    supervisor.py  its parent process, which cleans up whatever happens to us
    cluster.py     Cluster: what the rest of the harness sees
    kept.py        databases that outlive a run, and the record of them
"""

from harness.cluster.cluster import Cluster, attached, open_cluster
from harness.cluster.preload import Preload

__all__ = ["Cluster", "Preload", "attached", "open_cluster"]
