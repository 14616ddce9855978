"""Catalog: a snapshot of what a database contains, comparable and readable.

Adding a kind of object is adding one file to ``objects/``: a query that returns
``(classid, objid, objsubid, identity, definition)``. Its owner, privileges, comment and
security label follow by themselves from ``attached/``.
"""

from harness.catalog.catalog import Catalog
from harness.catalog.difference import Difference

__all__ = ["Catalog", "Difference"]
