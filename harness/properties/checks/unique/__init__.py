"""No two rows of a table agree in a unique key.

A second row with the same key has to be refused with SQLSTATE 23505, which names the
constraint, or the index where uniqueness is declared by an index alone. Every other column
differs where another key wants that. Rows that differ in one column of the key are accepted.
Any number of rows may have NULL in the key, unless it says NULLS NOT DISTINCT. A
partial index says nothing of rows outside its predicate, and an index on expressions compares
what they come to. A deferrable constraint is asked at the end of the transaction. On a
partitioned table the refusal names the index of the partition.
"""

from harness.properties.checks.unique.check import Unique

__all__ = ["Unique"]
