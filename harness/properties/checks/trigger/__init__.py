"""A trigger fires when its definition says so, and only then.

Inside a transaction that is rolled back, the harness replaces the trigger's function by one that
records each call. If the function is built into the server, the trigger gets another function
instead. Then rows are inserted, updated, deleted and truncated. The result says how many calls were
recorded. Calls that come from a cascade or from another trigger do not count. If another trigger
refuses or discards the row, the harness disables that one, and the result says so.

- ``fires``: at each of its events, a row trigger is called once for each row, and a statement
  trigger once for each statement, BEFORE or AFTER as declared.
- ``not_otherwise``: it is not called at other events.
- ``when``: with WHEN, it is called if the condition is true, and not if the condition is false or
  NULL. The harness looks for rows of each kind. A second trigger without WHEN records the row that
  the condition judges, which earlier BEFORE triggers may have changed.
- ``update_of``: an UPDATE of a listed column calls it; an UPDATE of other columns does not.
- ``zero_rows``: a statement that affects no row calls statement triggers and no row triggers.
- ``no_op``: ``UPDATE SET x = x`` calls it, unless WHEN or an earlier trigger such as
  ``suppress_redundant_updates_trigger`` prevents that. The result says which.
- ``order``: triggers of the same kind fire in the byte order of their names.
- ``copy``: COPY calls INSERT triggers.
- ``on_conflict``: INSERT … ON CONFLICT DO NOTHING calls BEFORE row triggers and statement triggers
  for INSERT, even if nothing is inserted. DO UPDATE calls those for UPDATE as well, BEFORE and
  AFTER.
- ``merge``: MERGE (PostgreSQL 15 and later) calls the triggers of the actions that it takes, and no
  others.
- ``partitions``: a row written directly to a partition calls the row triggers of the partitioned
  table, and not its statement triggers.
- ``through_parent``: a row written through the partitioned table calls the row triggers of the
  partition, and not its statement triggers.
- ``moved``: an UPDATE that moves a row to another partition calls BEFORE UPDATE, then the row
  triggers for DELETE and INSERT, and no AFTER UPDATE row trigger. Of the statement triggers, it
  calls only those for UPDATE.
- ``disabled``: a disabled trigger does not fire.
- ``replica``: ENABLE ALWAYS and ENABLE REPLICA triggers fire if ``session_replication_role`` is
  ``replica``. This is tried if the session may set it.
- ``deferred``: a deferred constraint trigger is called at COMMIT and not before. This is tried in a
  copy of the database, in which transactions commit.
- ``transition``: OLD TABLE and NEW TABLE hold as many rows as the statement changed.
- ``changes``: reports what the function of a BEFORE row trigger does. It may set columns, refuse
  the statement or discard the row. The harness compares the statement with the trigger and without
  it.

An INSTEAD OF trigger of a view is called once for each affected row of the view. A statement
trigger of a view fails if it can never fire, because the statements go to the table instead.
"""

from harness.properties.checks.trigger.check import Triggers
from harness.properties.checks.trigger.times import MaintainedTimes

__all__ = ["MaintainedTimes", "Triggers"]
