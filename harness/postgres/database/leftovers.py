"""What runs that were killed have left on a named server, and removing it.

Removed is what carries the mark of a run (`postgres/cluster/ownership.py`) that holds its lock no
more: its comment, or the connection limit that a database has before. A database without a mark
stays, whatever it is called.
"""

from __future__ import annotations

from importlib.resources import files

import psycopg
from psycopg import sql

from harness.core.errors import ServerError
from harness.postgres.cluster import Cluster
from harness.postgres.cluster.ownership import CLASS, LEAST
from harness.postgres.database.drop import drop_database


def remove(cluster: Cluster) -> tuple[list[str], list[str]]:
    """Remove what no live run owns: what was removed, and why anything else was not."""
    query = (files("harness.postgres.database") / "leftovers.sql").read_bytes()
    removed, complaints = list[str](), list[str]()
    with cluster.connect() as connection:
        for kind, name in connection.execute(query, {"class": CLASS, "least": LEAST}).fetchall():
            try:
                if kind == "database":
                    drop_database(connection, name, cluster.connect)
                else:
                    connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
                removed.append(f"{kind} {name}")
            except (ServerError, psycopg.Error) as error:
                complaints.append(f"{kind} {name}: {str(error).strip()}")
    return removed, complaints
