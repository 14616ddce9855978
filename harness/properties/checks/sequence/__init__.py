"""A column that a sequence feeds never gets the same number twice.

Numbers come in the steps of the sequence, each once, whichever session asks: a delete, a
rollback or an insert that fails gives none of them back, so gaps are normal and nobody may rely
on there being none. GENERATED ALWAYS refuses a value of the writer's with SQLSTATE 428C9. The
sequence must not be behind the column's largest value, which happens when rows were inserted
with values of their own: the next inserts would collide. Nor may a sequence that feeds a key
start again (CYCLE), or have come to a number that its column cannot hold. That it would count on
beyond that one day is advice.
"""

from harness.properties.checks.sequence.check import Sequences

__all__ = ["Sequences"]
