"""A trigger fires when it says, and only then.

Its function is replaced, in a transaction that is rolled back, by one that notes each call (of a
function that is built into the server, the trigger is given another one); then rows are inserted,
updated, deleted and truncated, and each result says how many calls were seen. Calls that a
cascade or another trigger leads to are not counted. Where another trigger refuses or swallows
the row, that one is switched off, and the result says so.

- ``fires``: a row trigger is called once for each row, a statement trigger once for each
  statement, BEFORE or AFTER, at each of its events; ``not_otherwise``: not at the others.
- ``when``: with WHEN, only where the condition is true, not where it is false or NULL. Rows are
  sought for each, and a second trigger beside it, without WHEN, sees the rows that it judges:
  what the BEFORE triggers in front have made of them.
- ``update_of``: an UPDATE of each listed column calls it, an UPDATE of others does not.
- ``zero_rows``: a statement that finds no row calls statement triggers, and no row triggers.
- ``no_op``: ``UPDATE SET x = x`` is an UPDATE, unless WHEN or a trigger in front such as
  ``suppress_redundant_updates_trigger`` keeps it away; which of these is reported.
- ``order``: triggers of one kind fire in the byte order of their names.
- ``copy``: COPY calls the triggers of INSERT.
- ``on_conflict``: with DO NOTHING the BEFORE row triggers and the statement triggers of INSERT
  fire although nothing is inserted; with DO UPDATE also those of UPDATE, BEFORE and AFTER.
- ``merge``: from PostgreSQL 15 on, MERGE calls the triggers of what it does, and no others.
- ``partitions``: a row trigger of a partitioned table is called for rows that are written to a
  partition directly, a statement trigger is not; ``through_parent``: what comes through the
  whole calls a partition's own row triggers, and not its statement triggers; ``moved``: an UPDATE
  that moves a row calls BEFORE UPDATE, then the row triggers of DELETE and INSERT, no AFTER
  UPDATE, and of statement triggers those of UPDATE only.
- ``disabled``: what is disabled does not fire; ``replica``: ENABLE ALWAYS and ENABLE REPLICA
  fire under ``session_replication_role = replica``, where the session may set that.
- ``deferred``: a constraint trigger that is deferred is called at COMMIT and not before, seen in
  a copy of the database in which transactions end.
- ``transition``: OLD TABLE and NEW TABLE hold as many rows as the statement has changed.
- ``changes``: what a BEFORE row trigger's own function does: which columns it sets, that it
  refuses or suppresses the statement, told by the same statement without it.

INSTEAD OF triggers of views are called once for each row that the view shows; a statement
trigger of a view whose statements go to its table instead never fires, and fails.
"""

from harness.properties.checks.trigger.check import Triggers
from harness.properties.checks.trigger.times import MaintainedTimes

__all__ = ["MaintainedTimes", "Triggers"]
