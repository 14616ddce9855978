"""A column that is filled from a sequence never gets the same number twice.

- ``steps``: each number is the one before plus the increment.
- ``concurrent``: two sessions get different numbers.
- ``not_reused``: a number is not given again after its row was deleted, rolled back or refused.
  Gaps are therefore normal.
- ``not_behind``: the next number is beyond the largest value in the column. The sequence falls
  behind if rows are inserted with explicit numbers; later inserts then collide with them.
- ``no_cycle``: a sequence that fills a key does not start again (CYCLE).
- ``room``: the next number fits the type of the column. It is advice if the sequence will exceed
  the type later.
- ``always``, ``always_update``: GENERATED ALWAYS refuses a number that the statement gives, with
  SQLSTATE 428C9.
"""

from harness.properties.checks.sequence.check import Sequences

__all__ = ["Sequences"]
