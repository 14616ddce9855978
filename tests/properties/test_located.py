"""Properties are shown at the line that makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.postgres.schema_model import Name
from harness.properties.base import Property
from harness.properties.source_location import located

FIRST, SECOND = Path("1.sql"), Path("2.sql")
SOURCES = {
    FIRST: """-- the tasks
CREATE TABLE IF NOT EXISTS public."tasks" (
    id bigint PRIMARY KEY,
    user_id text NOT NULL,
    CONSTRAINT titled CHECK (title != ''),
    title text
);
CREATE TABLE tasks_old (due date, title text);
CREATE TRIGGER touched BEFORE UPDATE ON tasks EXECUTE FUNCTION f();
""",
    SECOND: """ALTER TABLE tasks ALTER COLUMN title SET NOT NULL;
ALTER TABLE ONLY tasks ADD COLUMN due date, ADD parent bigint
    REFERENCES tasks;
ALTER TABLE tasks DROP COLUMN IF EXISTS user_id;
ALTER TABLE tasks_old ADD parent int;
ALTER TABLE tasks DROP CONSTRAINT titled;
COMMENT ON CONSTRAINT titled ON tasks IS 'x';
CREATE OR REPLACE TRIGGER "Odd name" AFTER DELETE ON tasks EXECUTE FUNCTION f();
CREATE TRIGGER touched BEFORE UPDATE ON tasks_old EXECUTE FUNCTION f();
ALTER TABLE tasks_old ADD CONSTRAINT titled CHECK (title != '');
""",
}


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("user_id", (FIRST, 4)),
        ("tasks_user_id_fkey", (FIRST, 4)),
        ("titled", (FIRST, 5)),
        ("title", (SECOND, 1)),
        ("due", (SECOND, 2)),
        ("tasks_parent_fkey", (SECOND, 2)),
        ("touched", (FIRST, 9)),
        ("Odd name", (SECOND, 8)),
        ("tasks_pkey", (FIRST, 2)),
        ("nowhere", (FIRST, 2)),
    ],
)
def test_a_property_is_where_it_was_made_last(name: str, where: tuple[Path, int]) -> None:
    found = located(Property("any", Name("public", "tasks"), name), SOURCES)
    assert found == where


def test_a_table_that_no_file_creates_is_nowhere() -> None:
    assert located(Property("any", Name("public", "made"), "id"), SOURCES) is None
