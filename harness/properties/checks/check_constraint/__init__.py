"""A CHECK refuses the rows for which its condition is false, and no others.

For example, ``CHECK (priority BETWEEN 1 AND 5)`` must refuse 0 and 6 and accept 1, 5 and NULL. NULL
is accepted because a condition that is NULL is not false.

- ``refused``: every row for which the condition is false is refused with SQLSTATE 23514 and the
  name of the constraint, and the table holds no such row already.
- ``accepted``: rows for which the condition is true or NULL are accepted.
- ``disjuncts``: for ``a OR b``, a row that satisfies only one of the two sides is accepted.

The harness tries values on both sides of each boundary, each literal of an IN list, other values
and NULL. The server evaluates the condition for each row and so says which ones must be refused.

The CHECKs of a column's domain are tried in the same way, and so is a constraint that is NOT VALID:
it applies to new rows. A CHECK that no row can satisfy fails as *always false*, since nothing can
ever be stored in its table. A constraint that is NOT ENFORCED is not tried.
"""

from harness.properties.checks.check_constraint.check import Check

__all__ = ["Check"]
