"""No two rows of a table stand in the relation that an EXCLUDE constraint rules out.

Beside one row others are tried: the same values, ranges that overlap it, that touch it, that
lie apart from it, the empty range, NULL. The server says of each pair whether all operators
of the constraint hold; such a row has to be refused with SQLSTATE 23P01 and the constraint's
name, and every other has to be accepted: a range that only touches does not overlap, the
empty range overlaps nothing, and an operator is never true of NULL. A key WITHOUT OVERLAPS,
which PostgreSQL has from version 18, declares the same, and refuses the empty range.
"""

from harness.properties.checks.exclude.check import Exclude

__all__ = ["Exclude"]
