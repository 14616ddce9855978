"""PostgreSQL instances: an ephemeral one of our own, or one that was named explicitly.

::

    cluster.py     Cluster: what the rest of the harness sees
    stored.py      a database that a server has from its start
    superuser.py   what the superuser is called, where a platform has another role of its name
    kept.py        databases that outlive a run, and the record of them
"""

from harness.postgres.cluster.cluster import Cluster, open_cluster

__all__ = ["Cluster", "open_cluster"]
