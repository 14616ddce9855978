"""Relations: what the catalog says of a database's tables, as frozen values.

``Schema.read(connection)`` reads all of it in one round trip per kind; nothing here
changes a database. Names print as people write them and compose as ``psycopg.sql``.
"""

from harness.relations.constraint import Constraint, Index
from harness.relations.name import Name
from harness.relations.schema import Schema
from harness.relations.sequence import Sequence
from harness.relations.table import Column, Table
from harness.relations.trigger import Trigger
from harness.relations.type import Attribute, DomainCheck, Type

__all__ = [
    "Attribute",
    "Column",
    "Constraint",
    "DomainCheck",
    "Index",
    "Name",
    "Schema",
    "Sequence",
    "Table",
    "Trigger",
    "Type",
]
