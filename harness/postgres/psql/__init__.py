"""Reads psql scripts: statements with file and line, variables, includes, branches.

A pure reader: it opens script files and the data files they name, nothing else. What it
cannot serve it refuses with a ScriptError; it never skips anything.
"""

from harness.postgres.psql.items import Discard, Echo, Gexec, Gset, Item, Reconnect, Statement
from harness.postgres.psql.reader import Script

__all__ = ["Discard", "Echo", "Gexec", "Gset", "Item", "Reconnect", "Script", "Statement"]
