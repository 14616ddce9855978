"""A trigger fires when it says, and only then.

Its function is replaced, in a transaction that is rolled back, by one that notes each call; then
rows are inserted, updated, deleted and truncated. A row trigger is called once for each row, a
statement trigger once for each statement, on zero rows too; one with WHEN only where the
condition is true, not where it is false or NULL; one on UPDATE OF only where a listed column is
set. Triggers of one kind fire in the byte order of their names. COPY and ON CONFLICT call the
triggers of INSERT: with DO NOTHING the BEFORE triggers fire although nothing is inserted. What
is disabled does not fire.
"""

from harness.properties.checks.trigger.check import Triggers
from harness.properties.checks.trigger.times import MaintainedTimes

__all__ = ["MaintainedTimes", "Triggers"]
