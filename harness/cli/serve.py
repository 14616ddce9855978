"""``harness serve``: a server with the schema applied, for as long as somebody wants it."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack, suppress
from urllib.parse import quote

from harness.core.config import Config
from harness.instance import open_instance
from harness.postgres.database import Database


def serve(config: Config) -> int:
    """Print the URL of a database with the schema, and keep it until interrupted.

    The URL alone goes to standard output. It has no password: an ephemeral server takes
    connections from this account's socket only, a named one wants its own.
    """
    with ExitStack() as stack:
        instance = stack.enter_context(open_instance(config))
        instance.keeps_notes = True  # so that the tool can go on from here
        database = stack.enter_context(instance.template.cloned())
        database.connect().close()
        print(url(database), flush=True)
        print("the schema is applied; Ctrl-C ends this, and removes it", file=sys.stderr)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


def url(database: Database) -> str:
    """A connection URL that libpq, SQLAlchemy and node-postgres understand, sockets included."""
    conninfo = database.cluster.conninfo
    user, host, port = (str(conninfo.get(name) or "") for name in ("user", "host", "port"))
    login = f"{quote(user, safe='')}@" if user else ""
    name = quote(database.name, safe="")
    if host.startswith("/"):
        return f"postgresql://{login}/{name}?host={quote(host)}&port={port}"
    return f"postgresql://{login}{host}:{port}/{name}"
