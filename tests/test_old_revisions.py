"""What old revisions leave is stored, and a run that begins with it comes to the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.core.config import Config
from harness.instance import Instance, open_instance
from harness.postgres.snapshot import Catalog
from tests.support import old_project

_NEW = "CREATE TABLE lands_where_the_session_is (id int PRIMARY KEY, at timestamptz);\n"


def catalog(instance: Instance) -> Catalog:
    """What the template has."""
    with instance.template.cloned() as database, database.connect() as connection:
        return Catalog.of(connection, ignore=[instance.config.pgtap_schema])


def test_a_run_on_what_is_stored_comes_to_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "db/migrations"
    names = old_project.write(tmp_path, 9)
    last = folder / f"{names[-1]}.up.sql"
    settled = "CREATE SCHEMA app; SET search_path = app; SET timezone = 'Asia/Tokyo';\n"
    last.write_text(last.read_text() + settled)
    (folder / "0010_new.up.sql").write_text(_NEW)
    (folder / "0010_new.down.sql").write_text("DROP TABLE lands_where_the_session_is;\n")
    config = Config(tmp_path, schema=folder)
    adopted = replace(config, baseline=names[-1])
    with open_instance(config) as plain:
        expected = catalog(plain)
    for _ in range(2):  # it is stored, then found
        with open_instance(adopted) as instance:
            assert instance.old is not None
            assert instance.old.names == tuple(names)
            assert ("TimeZone", "Asia/Tokyo") in instance.old.settings
            assert not catalog(instance).difference(expected)
            assert "app.lands_where_the_session_is" in catalog(instance).objects["table"]
    first = folder / f"{names[0]}.up.sql"
    first.write_text(first.read_text() + "CREATE TABLE added_to_an_old_one (id int);\n")
    with open_instance(adopted) as instance:
        assert "public.added_to_an_old_one" in catalog(instance).objects["table"]


def test_what_cannot_be_stored_is_applied_as_ever(tmp_path: Path) -> None:
    names = old_project.write(tmp_path, 9)
    folder = tmp_path / "db/migrations"
    config = Config(tmp_path, schema=folder, baseline=names[-1])
    first = folder / f"{names[0]}.up.sql"
    text = first.read_text()
    first.write_text(text + "CREATE ROLE old_app;\n")  # in the way of who applies it again
    with open_instance(config) as instance:
        assert instance.old is None
        assert "public.t00" in catalog(instance).objects["table"]
    with open_instance(replace(config, baseline=names[5])) as instance:  # too few to be worth it
        assert instance.old is None
