"""Catalog: a snapshot of what a database contains, comparable and readable.

Adding a kind of object is adding one file to ``objects/``: a query that returns
``(classid, objid, objsubid, identity, definition)``. Its owner, privileges, comment and
security label follow by themselves from ``attached/``.
"""

from harness.postgres.snapshot.difference import Difference
from harness.postgres.snapshot.snapshot import Catalog

__all__ = ["Catalog", "Difference"]
