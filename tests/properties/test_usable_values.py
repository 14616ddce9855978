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


RECORDS = """
CREATE ROLE values_app;
CREATE TABLE log (t int NOT NULL);
CREATE TABLE guarded_log (t int NOT NULL); ALTER TABLE guarded_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON guarded_log FOR SELECT USING (true);
CREATE TABLE open_log (t int NOT NULL); ALTER TABLE open_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY write ON open_log WITH CHECK (true);
CREATE FUNCTION logs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format('INSERT INTO %I VALUES ($1)', TG_ARGV[0]) USING NEW.id; RETURN NULL; END $$;
CREATE FUNCTION plain() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO log VALUES (NEW.id); RETURN NULL; END $$;
CREATE TABLE bad_level (id int PRIMARY KEY); CREATE TABLE good_level (id int PRIMARY KEY);
CREATE TRIGGER x AFTER INSERT ON bad_level FOR EACH STATEMENT EXECUTE FUNCTION plain();
CREATE TRIGGER x AFTER INSERT ON good_level FOR EACH ROW EXECUTE FUNCTION plain();
CREATE TABLE bad_policy (id int PRIMARY KEY); CREATE TABLE good_policy (id int PRIMARY KEY);
CREATE TRIGGER x AFTER INSERT ON bad_policy FOR EACH ROW EXECUTE FUNCTION logs('guarded_log');
CREATE TRIGGER x AFTER INSERT ON good_policy FOR EACH ROW EXECUTE FUNCTION logs('open_log');
GRANT INSERT ON guarded_log, open_log, bad_policy, good_policy TO values_app;
CREATE TABLE bad_vector (id int PRIMARY KEY, title text, doc tsvector);
CREATE TABLE good_vector (LIKE bad_vector INCLUDING ALL);
CREATE TRIGGER x BEFORE INSERT ON bad_vector FOR EACH ROW EXECUTE FUNCTION
    tsvector_update_trigger(doc, 'pg_catalog.english', title, content);
CREATE TRIGGER x BEFORE INSERT ON good_vector FOR EACH ROW EXECUTE FUNCTION
    tsvector_update_trigger(doc, 'pg_catalog.english', title);
CREATE FUNCTION old_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.n := 1; RETURN OLD; END $$;
CREATE FUNCTION kept_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RETURN OLD; -- NEW.n := 1;
END $$;
CREATE FUNCTION new_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.n := 1; RETURN NEW; END $$;
CREATE TABLE bad_return (id int PRIMARY KEY, a text, n int);
CREATE TABLE good_keep (LIKE bad_return INCLUDING ALL);
CREATE TABLE good_return (LIKE bad_return INCLUDING ALL);
CREATE TRIGGER x BEFORE UPDATE ON bad_return FOR EACH ROW EXECUTE FUNCTION old_row();
CREATE TRIGGER x BEFORE UPDATE ON good_keep FOR EACH ROW EXECUTE FUNCTION kept_row();
CREATE TRIGGER x BEFORE UPDATE ON good_return FOR EACH ROW EXECUTE FUNCTION new_row();
"""


def test_what_no_row_can_do_fails_and_its_twin_passes(cluster: Cluster):
    try:
        found = decide(cluster, RECORDS, Usable)
    finally:
        with cluster.connect("postgres") as connection:
            connection.execute("DROP ROLE values_app")
    assert {name for name, one in found.items() if one.outcome is FAILED} == {
        "bad_level::owner::insert",
        "bad_policy::values_app::insert",
        "bad_vector::owner::insert",
        "bad_return::owner::update",
    }
    right = {name: one.reason for name, one in found.items() if name.startswith("good_")}
    assert set(right.values()) == {""}, right
