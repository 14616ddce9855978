"""Values that a column lists, and records that are NULL: what code makes of them, in pairs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.schema_model import Schema
from harness.properties.base import Decision, Property
from harness.properties.checks.usable import Usable
from tests.properties.support import FAILED, PASSED, decide

START = """
CREATE TYPE size AS ENUM ('s', 'm', 'l');
CREATE FUNCTION few(v size) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
    CASE v WHEN 's' THEN RETURN 1; WHEN 'm' THEN RETURN 2; END CASE; END $$;
CREATE FUNCTION every(v size) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
    CASE v WHEN 's' THEN RETURN 1; WHEN 'm' THEN RETURN 2; ELSE RETURN 3; END CASE; END $$;
CREATE FUNCTION drawn(a text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
    RETURN a || random(); END $$;
CREATE TABLE log (t int NOT NULL, price int NOT NULL, s size);
"""


def table(name: str, columns: str, more: str = "") -> str:
    return f"CREATE TABLE {name} (id int PRIMARY KEY, {columns}); {more.format(name)}\n"


def trigger(name: str, columns: str, when: str, text: str) -> str:
    return table(name, columns) + (
        f"CREATE FUNCTION f_{name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {text} RETURN NEW; END $$;\n"
        f"CREATE TRIGGER x {when} ON {name} FOR EACH ROW EXECUTE FUNCTION f_{name}();\n"
    )


SIZE = "v size NOT NULL"
KIND = "kind text NOT NULL CHECK (kind IN ('s', 'm', 'other'))"
LOGGED = "INSERT INTO log VALUES (NEW.id, {}.price, NULL);"
CAST = "INSERT INTO log VALUES (NEW.id, 1, NEW.kind::size);"
KNOWN = f"IF NEW.kind <> 'other' THEN {CAST} END IF;"
ISSUED = "IF TG_OP = 'INSERT' OR NEW.price <> OLD.price THEN {} END IF;"
SCHEMA = (
    START
    + table("generated_few", f"{SIZE}, n int GENERATED ALWAYS AS (few(v)) STORED")
    + table("generated_every", f"{SIZE}, n int GENERATED ALWAYS AS (every(v)) STORED")
    + table("check_few", f"{SIZE}, CHECK (few(v) > 0)")
    + table("check_refuses", f"{SIZE}, CHECK (v <> 'l'), CHECK (few(v) > 0)")
    + table("index_few", SIZE, "CREATE INDEX ON {} (few(v));")
    + table("index_every", SIZE, "CREATE INDEX ON {} (every(v));")
    + table("index_drawn", "a text NOT NULL", "CREATE INDEX ON {} (lower(a), drawn(a));")
    + table("index_lower", "a text NOT NULL", "CREATE INDEX ON {} (lower(a));")
    + table("cast_few", f"{KIND}, n size GENERATED ALWAYS AS (to_size(kind)) STORED")
    + trigger("kind_cast", KIND, "AFTER INSERT OR UPDATE", CAST)
    + trigger("kind_known", KIND, "AFTER INSERT OR UPDATE", KNOWN)
    + trigger("old_logged", "price int NOT NULL", "AFTER INSERT", LOGGED.format("OLD"))
    + trigger("new_logged", "price int NOT NULL", "AFTER INSERT", LOGGED.format("NEW"))
    + trigger(
        "old_version",
        "version int NOT NULL DEFAULT 1",
        "BEFORE INSERT OR UPDATE",
        "NEW.version := OLD.version + 1;",
    )
    + trigger(
        "looked_up",  # what it finds may be NULL, and that it reads OLD has no part in it
        "price int NOT NULL, n int NOT NULL",
        "BEFORE INSERT OR UPDATE",
        "IF NEW.price IS DISTINCT FROM OLD.price THEN"
        " NEW.n := (SELECT l.price FROM log AS l WHERE l.t = NEW.price); END IF;",
    )
    + trigger(
        "on_change",
        "price int NOT NULL",
        "AFTER INSERT OR UPDATE",
        ISSUED.format(LOGGED.format("NEW")),
    )
).replace(
    "CREATE TABLE cast_few",
    "CREATE FUNCTION to_size(t text) RETURNS size LANGUAGE plpgsql IMMUTABLE AS"
    " $$ BEGIN RETURN t::size; END $$; CREATE TABLE cast_few",
)


@pytest.fixture(scope="module")
def inserts(cluster: Cluster) -> dict[str, Decision]:
    decisions = decide(cluster, SCHEMA, _Inserts)
    return {key.split("::")[0]: one for key, one in decisions.items()}


class _Inserts(Usable):
    """The owner's INSERTs alone."""

    def properties(self, schema: Schema) -> Iterator[Property]:
        return (one for one in super().properties(schema) if one.aspect == "insert")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("generated_few", "INSERT as the owner of 'l', which the column allows"),
        ("check_few", "INSERT as the owner of 'l', which the column allows"),
        ("index_few", "INSERT as the owner of 'l', which the column allows"),
        ("index_drawn", "gives another value each time"),
        ("cast_few", "INSERT as the owner of 'other', which the column allows"),
        ("kind_cast", "for a value that the column allows: 22P02"),
        ("old_logged", "reads OLD, which is NULL in an INSERT"),
        ("old_version", "reads OLD, which is NULL in an INSERT"),
    ],
)
def test_it_is_broken(name: str, said: str, inserts: dict[str, Decision]):
    assert inserts[name].outcome is FAILED
    assert said in inserts[name].reason
    assert inserts[name].evidence


@pytest.mark.parametrize(
    "name",
    [
        "generated_every",
        "check_refuses",
        "index_every",
        "index_lower",
        "kind_known",
        "new_logged",
        "on_change",
    ],
)
def test_its_twin_is_right(name: str, inserts: dict[str, Decision]):
    assert (inserts[name].outcome, inserts[name].reason) == (PASSED, "")


def test_what_a_lookup_misses_is_no_fault_of_the_record(inserts: dict[str, Decision]):
    assert inserts["looked_up"].outcome is not FAILED
