"""State that all databases of a server share, and putting it back after a test file.

::

    state.py       SharedState: the rows of the shared catalogs (catalogs/*.sql), the lock
    restoring.py   putting the server back to one
    removal.py     dropping what was created (remove/*.sql), writing back the rest (write/*.sql)
    notes.py       saying so
    statements.py  what a script says it does to the server
"""

from harness.postgres.database.shared.restoring import Restored, restore_server
from harness.postgres.database.shared.state import SharedState, roles_lock, server_lock
from harness.postgres.database.shared.statements import created_names, touches_server

__all__ = [
    "Restored",
    "SharedState",
    "created_names",
    "restore_server",
    "roles_lock",
    "server_lock",
    "touches_server",
]
