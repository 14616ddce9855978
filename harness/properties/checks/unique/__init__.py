"""No two rows have the same value in a unique key.

The key belongs to a PRIMARY KEY, a UNIQUE constraint or a unique index.

- ``duplicate``: a second row with the same key is refused with SQLSTATE 23505 and the name of the
  constraint or index. On a partitioned table, PostgreSQL names the index of the partition.
- ``differs``, or ``differs_in_COLUMN`` for a key of several columns: a row that differs in one
  column of the key is accepted.
- ``null_in_COLUMN``: a second row with NULL in the key is accepted, or refused under NULLS NOT
  DISTINCT.
- ``outside_predicate``: a partial index does not refuse duplicates outside its predicate.
- ``deferred``: a deferrable constraint refuses the duplicate at the end of the transaction while it
  is deferred, and at once while it is not.

An index on expressions compares their values. The two rows differ in all other columns, as far as
other keys require.
"""

from harness.properties.checks.unique.check import Unique

__all__ = ["Unique"]
