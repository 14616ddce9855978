"""Relations: what the catalog says of a database's tables, as frozen values.

``Schema.read(connection)`` reads all of it in one round trip per kind; nothing here
changes a database. SchemaSuccession reads one after another. Names print as people write them and
compose as ``psycopg.sql``.
"""

from harness.postgres.schema_model.constraint import Constraint, Index
from harness.postgres.schema_model.name import Name
from harness.postgres.schema_model.schema import Schema
from harness.postgres.schema_model.sequence import Sequence
from harness.postgres.schema_model.succession import SchemaSuccession
from harness.postgres.schema_model.table import Column, Command, Grant, Rule, Table
from harness.postgres.schema_model.trigger import Trigger
from harness.postgres.schema_model.type import Attribute, DomainCheck, Type

__all__ = [
    "Attribute",
    "Column",
    "Command",
    "Constraint",
    "DomainCheck",
    "Grant",
    "Index",
    "Name",
    "Rule",
    "Schema",
    "SchemaSuccession",
    "Sequence",
    "Table",
    "Trigger",
    "Type",
]
