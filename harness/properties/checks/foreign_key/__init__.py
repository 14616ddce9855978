"""A foreign key keeps every reference alive, and does what it says when the target changes.

A row that refers to nothing is refused with SQLSTATE 23503 and the constraint's name, at once
or, where the key is deferred, at COMMIT; under MATCH SIMPLE a NULL in any referencing column
lifts the constraint, under MATCH FULL only NULL in all of them does. A referenced row and one
that refers to it are inserted, and the referenced one is deleted or gets another key: NO ACTION
and RESTRICT refuse that, CASCADE takes the referring rows along (and what refers to them in
turn), SET NULL and SET DEFAULT leave them without or with another reference. The server
enforces this by triggers of its own, which ``DISABLE TRIGGER ALL`` and
``session_replication_role`` switch off. An index that leads with the referencing columns is
not made by the constraint; without one, every delete of a target reads the whole table. The table
may be small, and targets may never go: that there is none is advice.
"""

from harness.properties.checks.foreign_key.check import ForeignKey

__all__ = ["ForeignKey"]
