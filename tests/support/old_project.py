"""A project with a long history, as an adopter has it: migrations that nobody may change any more.

Of every five revisions one makes a table, one adds columns, one an index, one a function with a
trigger, one a foreign key and a constraint. Among them is what linters and properties object to.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

EACH = 5
"""Revisions for each table."""
_CASES = ("CREATE TABLE", "create TABLE", "create table")


def write(root: Path, revisions: int = 200, first: int = 0) -> list[str]:
    """Write the migrations below ``root``; the names of the revisions.

    ``first`` is the number of the first table: the fifth of ten has a trigger that raises.
    """
    folder = root / "db/migrations"
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number, (name, up, down) in enumerate(history(revisions, first), 1):
        names.append(f"{number:04}_{name}")
        (folder / f"{names[-1]}.up.sql").write_text(up, encoding="utf-8")
        (folder / f"{names[-1]}.down.sql").write_text(down, encoding="utf-8")
    return names


def history(revisions: int, first: int = 0) -> Iterator[tuple[str, str, str]]:
    """Name, up migration and down migration of each revision, oldest first."""
    for number in range(revisions):
        table, kind = first + number // EACH, number % EACH
        parent = f"t{max(table - 1, first):02}"
        yield (_table, _columns, _index, _trigger, _keys)[kind](f"t{table:02}", table, parent)


def _table(table: str, number: int, _: str) -> tuple[str, str, str]:
    up = f"""{_CASES[number % 3]} {table} (
    id bigint generated always as identity primary key,
    code varchar(20) not null unique,
    kind char(1) default 'a',
    amount numeric(10, 2) not null check (amount >= 0),
    made_at timestamp not null default now()
);
"""
    return f"create_{table}", up, f"DROP TABLE {table};\n"


def _columns(table: str, number: int, _: str) -> tuple[str, str, str]:
    up = f"ALTER TABLE {table} ADD COLUMN note text, ADD COLUMN changed_at timestamptz;\n"
    down = f"ALTER TABLE {table} DROP COLUMN note, DROP COLUMN changed_at;\n"
    if number % 10 == 3:  # it loses what it cannot give back
        up += f"ALTER TABLE {table} DROP COLUMN kind;\n"
        down += f"ALTER TABLE {table} ADD COLUMN kind char(1) DEFAULT 'a';\n"
    return f"more_of_{table}", up, down


def _index(table: str, number: int, _: str) -> tuple[str, str, str]:
    up = f"CREATE INDEX {table}_made ON {table} (made_at);\n"
    down = f"DROP INDEX {table}_made;\n" if number % 10 != 7 else "SELECT 1 WHERE NULL = 1;\n"
    return f"index_{table}", up, down


def _trigger(table: str, number: int, _: str) -> tuple[str, str, str]:
    column = "changed_at" if number % 10 != 5 else "changed"  # which nobody has
    up = f"""CREATE FUNCTION touch_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.{column} := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER touch BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION touch_{table}();
"""
    return f"touch_{table}", up, f"DROP TRIGGER touch ON {table};\nDROP FUNCTION touch_{table};\n"


def _keys(table: str, _: int, parent: str) -> tuple[str, str, str]:
    up = f"""ALTER TABLE {table} ADD COLUMN parent_id bigint
    REFERENCES {parent} (id) ON DELETE CASCADE;
ALTER TABLE {table} ADD CONSTRAINT {table}_note CHECK (length(note) < 200);
"""
    down = f"""ALTER TABLE {table} DROP CONSTRAINT {table}_note;
ALTER TABLE {table} DROP COLUMN parent_id;
"""
    return f"keys_of_{table}", up, down
