"""SC-001: the schema can be applied, rolled back and applied again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

Snapshot = Callable[[psycopg.Connection[Any]], object]

BESIDE = (
    "CREATE TABLE settings (key text PRIMARY KEY, value text)",
    "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
)
"""Objects of others that have nothing to do with the schema."""

ON_TOP = {
    "CREATE VIEW titles AS SELECT title FROM tasks": "DROP VIEW titles",
    "CREATE TABLE logins (user_id text REFERENCES users (id))": "DROP TABLE logins",
    "CREATE TRIGGER stamp BEFORE UPDATE ON settings FOR EACH ROW"
    " EXECUTE FUNCTION set_updated_at()": "DROP TRIGGER stamp ON settings",
}
"""What others may have built on a table, on a key and on the function; how it goes away."""


def test_up_down_up(
    empty_database: psycopg.Connection[Any], schema_source: Any, snapshot: Snapshot
) -> None:
    """SC-001: after down nothing is left; after the second up all is as after the first."""
    empty = snapshot(empty_database)
    schema_source.apply(empty_database)
    first = snapshot(empty_database)
    assert first != empty

    empty_database.execute("INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com')")
    empty_database.execute("INSERT INTO tasks (user_id, title) VALUES ('ada', 'a task')")
    schema_source.rollback(empty_database)
    assert snapshot(empty_database) == empty

    schema_source.apply(empty_database)
    assert snapshot(empty_database) == first
    assert empty_database.execute("SELECT * FROM users").fetchall() == []


def test_down_leaves_what_is_not_ours(
    empty_database: psycopg.Connection[Any], schema_source: Any, snapshot: Snapshot
) -> None:
    """SC-001: objects beside the schema survive its rollback."""
    for statement in BESIDE:
        empty_database.execute(statement)
    theirs = snapshot(empty_database)
    schema_source.apply(empty_database)
    schema_source.rollback(empty_database)
    assert snapshot(empty_database) == theirs


def test_down_refuses_to_take_along_what_is_not_ours(
    database: psycopg.Connection[Any], schema_source: Any, snapshot: Snapshot
) -> None:
    """SC-001: whatever was built on the tables stops their rollback (2BP01), and all stays."""
    first, *later = schema_source.migrations
    for migration in reversed(later):
        schema_source.downgrade(database, migration)
    for statement in BESIDE:
        database.execute(statement)
    for create, drop in ON_TOP.items():
        database.execute(create)
        before = snapshot(database)
        with pytest.raises(Exception, match="2BP01"):
            schema_source.downgrade(database, first)
        assert snapshot(database) == before
        database.execute(drop)
