"""Property checks: the properties that the catalog declares, tried with generated rows.

::

    base.py       PropertyCheck, Property, Decision: what a check is and gives
    checks/       the checks, one file each
    check_context.py     where a check works: rows, statements, what is demanded of their answers
    server_errors.py  what an error means: a rule of the schema, or its own code that is broken
    property_checker.py  one connection, deciding property after property
    campaign.py   all properties, on several connections
    shrinking.py  the smallest row that fails a property
    results.py    decisions as results, for the reports that every run has
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import psycopg

from harness.core.errors import ConfigError
from harness.postgres.database import Database
from harness.postgres.schema_model import Schema
from harness.properties.base import Decision, Property, Step, Undecided
from harness.properties.campaign import Campaign
from harness.properties.check_context import Tools
from harness.properties.property_checker import PropertyChecker, Terms

__all__ = ["Decision", "Property", "Step", "decide"]


def decide(
    connection: psycopg.Connection[Any], check: str, table: str, object: str = ""
) -> list[Decision]:
    """Decide what one check says of a table, or of one object of it, and leave no trace.

    >>> decide(connection, "foreign_key", "tasks", "tasks_user_id_fkey")  # doctest: +SKIP

    The connection must be outside a transaction; what needs sessions of its own is
    undecided here. Raises ConfigError where nothing of the kind is declared.
    """
    from harness.properties.checks import CHECKS

    checks = {one.id: one() for one in CHECKS if one.id == check}
    schema = Schema.read(connection)
    terms = Terms(checks, Tools(_no_clone))
    found = Campaign(schema, terms).properties([schema.table(table).name])
    wanted = [prop for prop in found if object in ("", prop.object)]
    if not wanted:
        raise ConfigError(f"{table} {object}: nothing that check {check!r} is about")
    checker = PropertyChecker(connection, schema, terms)
    try:
        return [checker.decide(prop) for prop in wanted]
    finally:
        checker.end()


def _no_clone() -> AbstractContextManager[Database]:
    raise Undecided("this needs sessions of its own: harness properties has them")
