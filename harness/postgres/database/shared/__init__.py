"""State that all databases of a server share, and putting it back after a test file.

::

    rows.py        the state as the rows of the shared catalogs (catalogs/*.sql)
    state.py       SharedState: what the rest of the harness sees
    removal.py     dropping what was created (remove/*.sql), writing back the rest (write/*.sql)
    notes.py       saying so
    statements.py  what a script says it does to the server
    sessions.py    the server to oneself, whatever a role's settings are
"""

from harness.postgres.database.shared.sessions import roles_lock, server_lock
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
