"""A schema that Alembic keeps: the project's own environment, run against our database.

::

    source.py          Alembic, the SchemaSource
    alembic_child/     what runs there
"""

from harness.sources.alembic.source import Alembic

__all__ = ["Alembic"]
