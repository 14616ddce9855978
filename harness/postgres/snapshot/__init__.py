"""Catalog: a snapshot of what a database contains, comparable and readable.

Adding a kind of object is adding one file to ``objects/``: a query that returns
``(classid, objid, objsubid, identity, definition)``. Its owner, privileges, comment and
security label follow by themselves from ``attached/``.

Succession reads one catalog after another, and only what has changed since the last: Marks tell.
"""

from harness.postgres.snapshot.difference import Difference
from harness.postgres.snapshot.marks import Marks
from harness.postgres.snapshot.snapshot import Catalog
from harness.postgres.snapshot.succession import Succession

__all__ = ["Catalog", "Difference", "Marks", "Succession"]
