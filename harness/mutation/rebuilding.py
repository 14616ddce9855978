"""Rebuilding: what depends on an object is dropped before the object changes, and made again.

PostgreSQL refuses to alter the type of a column that a view, a policy or a trigger reads, and
says so for most columns of a schema that has views. What is made again is as it was: views with
their owners, options, grants and triggers, policies with their roles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.mutation.declared import Declared, Policy, View
from harness.mutation.mutant import quoted
from harness.postgres.schema_model import Name, Table, Trigger


def around_column(
    declared: Declared, table: Table, column: str, statements: Sequence[str]
) -> tuple[str, ...]:
    """The statements that change a column, between those that drop and make its dependants."""
    views = declared.views_on(table.name, column)
    policies = [policy for policy in declared.policies if _reads(policy, table, column)]
    triggers = [trigger for trigger in table.triggers if _watches(trigger, column)]
    where = quoted(*table.name)
    drops = [*without(views), *(policy.drop for policy in policies)]
    drops += [f"DROP TRIGGER {quoted(trigger.name)} ON {where}" for trigger in triggers]
    makes = [statement for view in views for statement in view.create()]
    makes += [policy.create for policy in policies]
    makes += [trigger.definition for trigger in triggers]
    return (*drops, *statements, *makes)


def around_view(declared: Declared, name: Name, statements: Sequence[str]) -> tuple[str, ...]:
    """The statements that make another view, between those for the views that read it."""
    views = declared.views_on(name)
    makes = [statement for view in views for statement in view.create()]
    return (*without(views), *statements, *makes)


def without(views: Sequence[View]) -> list[str]:
    """What drops views, the one that reads another before that."""
    return [f"DROP VIEW {quoted(*view.relation)}" for view in reversed(views)]


def _reads(policy: Policy, table: Table, column: str) -> bool:
    """Whether a policy may read a column: of its own table by its name, of another with both."""
    text = f"{policy.using or ''} {policy.check or ''}"
    named = _says(text, column)
    return named and (policy.table == table.name or _says(text, table.name.name))


def _watches(trigger: Trigger, column: str) -> bool:
    return column in trigger.update_columns or _says(trigger.when or "", column)


def _says(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
