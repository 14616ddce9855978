"""A role can use what it was granted: no statement ends in an error of the schema's own code.

For example, a role has INSERT on ``orders``, but lacks the privilege on the log that a trigger of
``orders`` writes to. The grant looks right, and every INSERT fails.

On every table and view, the harness tries each command as the owner (``owner``), and as each role
that was granted it (``PUBLIC`` is a role with no other privileges):

- ``insert`` of a valid row,
- ``update`` and ``delete`` of an existing row,
- ``select``,
- ``refresh`` of a materialized view, with rows in everything that it reads.

Triggers, deferred ones too, and policies are in force. A table that a superuser owns is not read as
its owner: no code of the schema would run.

SQLSTATE, and the place in the server that raised the error, say what the error means:

- *A rule of the schema* refuses the row: a constraint, a domain, a policy on the table itself, or a
  RAISE in a trigger. Rules exist for that, so the property passes, and the result says so. Row
  level security without any policy for the role is a rule, too.
- *A broken program* fails. Examples are an undefined or ambiguous name, a record that is not
  assigned or lacks a field, a subquery that returns two rows where one is allowed, a CASE without a
  matching branch, endless recursion, and a missing privilege on *another* object, such as a log
  table or a column's sequence. An INSERT in a trigger fails if it leaves out a required column. An
  INSERT in a trigger or a rule fails if it gives a constant that a CHECK of the other table
  refuses.
- *A row stored too early* fails: a trigger that inserts a row which refers to the one that is
  being inserted, before that is there.
- *An error that may depend on the values*, such as a failed cast, a division by zero or a looked-up
  row that does not exist, is tried again with other rows. It fails if every row gets exactly the
  same error. It also fails if every row gets an error in the same line of a function, for a value
  that no column held: one that the function made itself, or a whole row.

The harness also tries rows that reach each branch of the trigger functions. It takes the values
from enum labels, CHECK lists and literals in the function, and updates rows from one of these
values to another. Where a generated column, a CHECK or an index computes something from a column,
an INSERT is tried with each value that the column lists, and so is each cast of such a value.

A DELETE fails if its trigger reads NEW, which is NULL there, so that nothing is deleted or a
constraint of another table refuses it. This is reported only if the same function, with OLD in
place of NEW, deletes the row. An INSERT fails in the same way if its trigger reads OLD, so that NOT
NULL refuses the row. An INSERT or UPDATE through a view fails if its INSTEAD OF trigger never reads
a column of the table that it writes to, so that the view does not show the value afterwards. An
INSERT fails if an index on an expression gets another value each time that the expression is
computed. An UPDATE fails if a BEFORE trigger sets columns of NEW and returns OLD. A trigger also
fails what it stores in another table if that is NEW or OLD of a statement trigger, where both are
NULL, or if row level security there has no policy for INSERT.

A statement that reaches no row is undecided, since a policy may hide the row. If policies read
settings (``current_setting('app.user')``), the harness sets them to values of the row, those of the
columns that policies name first, and of rows that it is related to, and to words that the policies
compare them with (``'admin'``). In a setting with claims, each key that is read gets such a value.
If policies compare a column with CURRENT_USER, it tries a row with the role's name.

A name that is not found is looked for in every schema before it counts as undefined, since the
application may set search_path on its connections. A role without members must have every privilege
itself. For a group role, a member that inherits from it may have the rest.
"""

from harness.properties.checks.usable.check import Usable

__all__ = ["Usable"]
