"""What a role was granted, it can do: no statement ends in an error of the schema's own code.

Of every table and view, for its owner (``owner``) and for each role that was granted a command on
it (``PUBLIC`` is a role with no other rights): ``insert`` of a valid row, ``update`` and ``delete``
of one that is there, ``select``, with the triggers and policies that the schema has, deferred ones
included. (That a superuser reads a table of their own is not tried: nothing of the schema's runs.)
What PostgreSQL says then is told apart by SQLSTATE and by where in the server it is raised:

- A *rule of the schema* refuses: a constraint, a domain, a policy on the table itself, or a RAISE
  in a trigger. That is what it is for, and the property passes; the result says so.
- A *broken program* fails: a name that is undefined or ambiguous, a record that is not assigned, a
  field that it does not have, two rows where one was meant, CASE without a branch, recursion, a
  missing privilege on *another* object than the table, such as a log that a trigger writes to or
  the sequence of a column, an INSERT in a trigger that leaves out a column which must be given, and
  one in a trigger or rule of a constant that a CHECK of the other table refuses.
  Rows are tried that lead into each branch of the triggers' functions: labels, what a CHECK lists,
  literals in the body, and UPDATEs from one of these values to another.
- What may *depend on the values* of the row, such as a cast, a division, a row that is looked up
  and not found, is tried with other rows. It fails where every row gets the same answer, to the
  letter.

A DELETE that does nothing, or that a constraint of another table refuses, fails where its trigger
reads NEW, which is NULL then, and where the same function with OLD in its place deletes the row. A
``refresh`` of a materialized view has rows in all that it reads.
A statement that reached no row shows nothing and is undecided: policies may hide it. Where these
read settings (``current_setting('app.user')``), the values of the row and of rows around it are
tried for them; where they compare a column with CURRENT_USER, a row that holds the role's name. Row
level security without a policy for the role is a rule. A name that is not found is looked for in
every schema first: the search_path is that of the application's connections, and not in the
catalog. What a role without members lacks is missing; of a group, a member that inherits it may
have the rest.
"""

from harness.properties.checks.usable.check import Usable

__all__ = ["Usable"]
