"""An EXCLUDE constraint refuses a row that conflicts with another one, and no other row.

For example, ``EXCLUDE USING gist (room WITH =, during WITH &&)`` must refuse a second booking of
the same room that overlaps the first one.

- ``conflict``: a row that conflicts with another one is refused with SQLSTATE 23P01 and the name of
  the constraint.
- ``apart``: a row that does not conflict is accepted.
- ``touching``, ``empty``: with ``&&``, a range that only touches another one is accepted, and so is
  the empty range, since neither overlaps anything.
- ``null``: NULL in a compared column is accepted, since no operator is true for NULL.

The server evaluates the operators of the constraint for each pair of rows. Two rows conflict if all
operators are true.

A key WITHOUT OVERLAPS (PostgreSQL 18 and later) is tried in the same way. It refuses the empty
range.
"""

from harness.properties.checks.exclude.check import Exclude

__all__ = ["Exclude"]
