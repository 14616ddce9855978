"""What the superuser of a server of ours is called, where a platform has another role of its name.

Supabase's ``postgres`` is no superuser, and ours is called so. What connects by the old name
afterwards is that role.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from harness.core.errors import ServerError
from harness.postgres.cluster.cluster import Cluster

_MEANWHILE = "harness_renames_the_superuser"
"""Nobody can rename who they are; this role does it."""


def call_superuser(cluster: Cluster, name: str) -> None:
    """Rename it, and have the cluster connect by that name from now on. Raises ServerError.

    Connections that are open stay the superuser's. Does nothing on a server that is not ours.
    """
    old = str(cluster.conninfo["user"]) if cluster.ephemeral else name
    if old == name:
        return
    names = {"old": sql.Identifier(old), "new": sql.Identifier(name)}
    rename = sql.SQL(
        "CREATE ROLE {meanwhile} SUPERUSER; SET SESSION AUTHORIZATION {meanwhile};"
        "ALTER ROLE {old} RENAME TO {new}; SET SESSION AUTHORIZATION DEFAULT;"
        "DROP ROLE {meanwhile}"
    ).format(meanwhile=sql.Identifier(_MEANWHILE), **names)
    try:
        with cluster.connect() as connection:
            connection.execute(rename)
    except psycopg.Error as error:
        raise ServerError(f"cannot call the server's superuser {name}: {error}") from None
    cluster.conninfo["user"] = name
