"""A foreign key refuses rows that refer to nothing, and acts when a referenced row changes.

- ``orphan``, ``orphan_update``: a row that refers to nothing is refused with SQLSTATE 23503 and the
  name of the constraint, on INSERT and on UPDATE.
- ``null``: a row in which all referencing columns are NULL is accepted.
- ``partly_null``: a row in which only some of them are NULL is accepted under MATCH SIMPLE and
  refused under MATCH FULL.
- ``deferred``: a deferrable constraint refuses the row at COMMIT while it is deferred, and at once
  while it is not.
- ``on_delete``, ``on_update``: the referenced row is deleted, or gets another key. NO ACTION and
  RESTRICT refuse this. CASCADE deletes or updates the referring rows, and also the rows that refer
  to those. SET NULL and SET DEFAULT change the reference.
- ``index``: an index begins with the referencing columns. The constraint does not create one.
  Without it, every delete of a referenced row reads the whole referring table. A missing index is
  advice, since the table may be small, or its targets may never be deleted.

PostgreSQL enforces foreign keys with triggers of its own. ``DISABLE TRIGGER ALL`` and
``session_replication_role`` switch these off. If a migration leaves them disabled, the property
fails.
"""

from harness.properties.checks.foreign_key.check import ForeignKey

__all__ = ["ForeignKey"]
