"""State that all databases of a server share, and putting it back after a test file.

::

    rows.py          the state as the rows of the shared catalogs (catalogs/*.sql)
    queries.py       those files as one statement
    state.py         SharedState: what the rest of the harness sees
    removal.py       dropping what was created (remove/*.sql)
    writing.py       writing back what was changed or dropped (write/*.sql)
    notes.py         saying so
    undisturbed.py   a session that a role's settings do not get at
    statements.py    what a script says it does to the server
    lock.py          the server to oneself
"""

from harness.postgres.database.shared.lock import roles_lock, server_lock
from harness.postgres.database.shared.state import Restored, SharedState
from harness.postgres.database.shared.statements import created_names, touches_server

__all__ = [
    "Restored",
    "SharedState",
    "created_names",
    "roles_lock",
    "server_lock",
    "touches_server",
]
