"""A big schema is stored by the second run, and a run that begins with it comes to the same."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from harness.core.config import Config
from harness.instance import Instance, open_instance
from harness.postgres.server.cache import Cache, key
from harness.postgres.snapshot import Catalog
from harness.sources.stored_schema import NAME, to_store

_TABLE = """CREATE TABLE t{n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id bigint REFERENCES t{parent} (id),
    code text NOT NULL UNIQUE CHECK (code <> '')
);
CREATE INDEX ON t{n} (parent_id);
"""
_MORE = """CREATE SEQUENCE numbers START 7;
SELECT setval('numbers', 41);
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE schema_migrations (version bigint PRIMARY KEY);
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A project whose schema is just big enough, and that no run of these tests has had before."""
    schema = tmp_path / "schema.sql"
    tables = "".join(_TABLE.format(n=n, parent=max(n - 1, 0)) for n in range(20))
    schema.write_text(f"{tables}{_MORE}-- {uuid4()}{'x' * 24_000}\n")
    return Config(tmp_path, schema=schema)


def state(config: Config) -> tuple[bool, object]:
    """Whether a run begins with what is stored, and all that its clones have."""
    with open_instance(config) as instance:
        stored = instance.cluster.stored == NAME
        assert (instance._stored is not None) == stored
        # What another schema's instance on the same server would take for its own.
        other = Instance(replace(config, timeout=5.0), instance.cluster, instance.source)
        assert other._stored is None
        return stored, _of(instance)


def _of(instance: Instance) -> object:
    baseline, template = instance.baseline, instance.template
    with template.cloned() as database, database.connect() as connection:
        catalog = Catalog.of(connection, ignore=[instance.config.pgtap_schema]).to_json()
        seen = connection.execute("SELECT nextval('numbers')").fetchone()
    tables = {name: one[1:3] for name, one in baseline.tables.items()}
    return catalog, seen, tables, baseline.sequences, baseline.references, template.settings


def test_second_run_stores_what_later_runs_begin_with(config: Config) -> None:
    runs = [state(config) for _ in range(3)]
    assert [stored for stored, _ in runs] == [False, True, True]
    assert runs[0][1] == runs[1][1] == runs[2][1]
    assert config.schema is not None
    config.schema.write_text(config.schema.read_text() + "ALTER TABLE t3 ADD COLUMN more int;\n")
    changed, found = state(config)
    assert not changed
    assert found != runs[0][1]


def rows(text: str) -> str:
    return text + "INSERT INTO t0 (code) VALUES (now()::text);\n"


def role(text: str) -> str:
    return text + "DO $$ BEGIN EXECUTE 'CREATE ' || 'ROLE quiet_role'; END $$;\n"


@pytest.mark.parametrize("more", [rows, role])
def test_what_may_differ_from_run_to_run_is_applied_in_each(
    config: Config, more: Callable[[str], str]
) -> None:
    assert config.schema is not None
    config.schema.write_text(more(config.schema.read_text()))
    assert [state(config)[0] for _ in range(3)] == [False, False, False]


def test_damaged_entry_is_built_again(config: Config, capfd: pytest.CaptureFixture[str]) -> None:
    before = _entries(config)
    first = [state(config) for _ in range(2)][-1]
    (entry,) = _entries(config) - before
    place = entry / "data"
    biggest = max((p for p in (place / "base").rglob("*") if p.is_file()), key=_size)
    os.truncate(biggest, 8192)
    assert state(config) == first
    assert "is damaged" in capfd.readouterr().err


def test_run_beside_one_that_stores_does_without(config: Config) -> None:
    before = _entries(config)
    assert not state(config)[0]
    note = Cache(config.cache_dir).place("asked") / key(config.root)
    with note.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not state(config)[0]
        assert _entries(config) == before
    assert state(config)[0]


@pytest.mark.parametrize(
    "statement", ["SELECT pg_read_file('PG_VERSION');", "CREATE ROLE loud_role;"]
)
def test_what_shows_in_the_text_is_not_tried(config: Config, statement: str) -> None:
    assert to_store(config) is not None
    assert config.schema is not None
    config.schema.write_text(f"{config.schema.read_text()}{statement}\n")
    assert to_store(config) is None


def _entries(config: Config) -> set[Path]:
    """What is stored of the project; a directory of that name may have been another one's."""
    return {*Cache(config.cache_dir).root.glob(f"harness-schema-{key(config.root)}-*")}


def _size(path: Path) -> int:
    return path.stat().st_size
