"""A CHECK refuses every row of which its condition is false, and no other.

Values on both sides of every boundary, every literal of an IN list and others, NULL, and rows
that satisfy just one side of an OR are put to the server, which says what the condition comes
to; a row of which it is false has to be refused with SQLSTATE 23514 and the constraint's name,
all others have to be accepted: NULL is not false. The same holds for the CHECKs of a column's
domain. NOT VALID guards new rows as any other does, and rows that are there are looked at as
well. A CHECK that is false whatever the row fails as always false: nothing can ever be
stored in its table. One that is NOT ENFORCED declares nothing.
"""

from harness.properties.checks.check_constraint.check import Check

__all__ = ["Check"]
