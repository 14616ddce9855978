"""The record of what guards rows and is not tried: each change of it is told, and nothing else."""

from __future__ import annotations

import psycopg
import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.database import build_template
from harness.postgres.schema_model import Name, Schema
from harness.properties.base import Decision, Property
from harness.properties.checks import made
from harness.properties.guards import guards
from harness.properties.record import GUARD, Guard, Record

SCHEMA = """
CREATE ROLE guard_reader;
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE SEQUENCE number_seq START 1000;
CREATE TABLE customer (
    id bigint PRIMARY KEY DEFAULT nextval('number_seq'), email email NOT NULL, mood mood,
    owner text NOT NULL DEFAULT current_user, sent boolean NOT NULL DEFAULT false
);
CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF OLD.sent THEN RAISE EXCEPTION 'frozen'; END IF; RETURN NEW; END $$;
CREATE TRIGGER frozen BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION frozen();
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON customer USING (owner = current_user);
CREATE VIEW sent AS SELECT id FROM customer WHERE sent;
GRANT SELECT ON customer TO guard_reader;
REVOKE EXECUTE ON FUNCTION frozen() FROM PUBLIC;
CREATE RULE kept AS ON DELETE TO customer WHERE old.sent DO INSTEAD NOTHING;
CREATE TABLE logged (day date, note text COLLATE "C") PARTITION BY RANGE (day);
CREATE TABLE logged_24 PARTITION OF logged FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TYPE place AS (street text, zip text);
CREATE AGGREGATE summed (int) (sfunc = int4pl, stype = int, initcond = '0');
"""
CHANGES = [
    ("ALTER DOMAIN email DROP CONSTRAINT email_check", "email_check"),
    (
        "ALTER DOMAIN email DROP CONSTRAINT email_check;"
        "ALTER DOMAIN email ADD CONSTRAINT email_check CHECK (VALUE <> '')",
        "customer::email.email_check::refused",
    ),
    ("ALTER SEQUENCE number_seq INCREMENT BY 10", "customer::id::steps"),
    ("ALTER TYPE mood ADD VALUE 'so-so'", "mood::mood::type"),
    (
        "CREATE OR REPLACE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RETURN NEW; END'",
        "frozen()::frozen::function",
    ),
    (
        "CREATE OR REPLACE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN -- IF OLD.sent THEN RAISE EXCEPTION 'frozen'; END IF;\n RETURN NEW; END $$",
        "frozen()::frozen::function",
    ),
    (
        "CREATE OR REPLACE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN IF OLD.sent THEN RAISE EXCEPTION '-- frozen'; END IF; RETURN NEW; END $$",
        "frozen()::frozen::function",
    ),
    ("ALTER FUNCTION frozen() SECURITY DEFINER", "frozen()::frozen::function"),
    ("ALTER POLICY own ON customer USING (true)", "customer::own::policy"),
    ("CREATE POLICY all_of ON customer USING (true)", "customer::permissive policies::policy"),
    ("GRANT SELECT ON sent TO guard_reader", "sent::grants::grants"),
    ("DROP POLICY own ON customer", "customer::own::policy"),
    ("ALTER TABLE customer DISABLE ROW LEVEL SECURITY", "customer::row security::row security"),
    ("CREATE OR REPLACE VIEW sent AS SELECT id FROM customer", "sent::sent::view"),
    ("REVOKE SELECT ON customer FROM guard_reader", "customer::grants::grants"),
    ("GRANT UPDATE ON customer TO guard_reader", "customer::grants::grants"),
    ("GRANT EXECUTE ON FUNCTION frozen() TO PUBLIC", "frozen()::grants::grants"),
    # What is new on a table that was there, and decides who reads or writes it.
    ("GRANT UPDATE (sent) ON customer TO guard_reader", "customer::grants on sent::grants"),
    ("CREATE POLICY more ON customer AS RESTRICTIVE USING (sent)", "customer::more::policy"),
    ("DROP RULE kept ON customer", "customer::kept::rule"),
    ("ALTER TABLE customer DISABLE RULE kept", "customer::kept::rule"),
    ("CREATE RULE more AS ON INSERT TO customer DO ALSO NOTHING", "customer::more::rule"),
    (
        "DROP TABLE logged_24; CREATE TABLE logged_24 PARTITION OF logged DEFAULT",
        "logged_24::logged_24::partition",
    ),
    ("ALTER TABLE logged ALTER note TYPE text", "logged::note::collation"),
    ("ALTER TYPE place ALTER ATTRIBUTE zip TYPE varchar(5)", "place::place::type"),
    (
        "DROP AGGREGATE summed (int);"
        "CREATE AGGREGATE summed (int) (sfunc = int4mul, stype = int, initcond = '1')",
        "summed(integer)::summed::function",
    ),
]
KINDRED = [  # other words for the same, and what guards nothing
    "CREATE OR REPLACE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$\n"
    "BEGIN IF OLD.sent THEN RAISE EXCEPTION 'frozen'; END IF;\n   RETURN NEW; END $$",
    "CREATE OR REPLACE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$\n"
    "BEGIN -- a sent one, for it's final\n/* as /* agreed */ */ IF OLD.sent THEN RAISE EXCEPTION"
    " 'frozen'; END IF; RETURN NEW; END $$",
    "COMMENT ON TABLE customer IS 'people'",
    "SELECT nextval('number_seq')",
    "GRANT ALL ON customer TO CURRENT_USER",
    "CREATE TABLE more (id int); ALTER TABLE more ENABLE ROW LEVEL SECURITY;"
    "CREATE POLICY more ON more AS RESTRICTIVE USING (true);"
    "GRANT SELECT (id) ON more TO guard_reader",
]


def broken(cluster: Cluster, change: str) -> list[Decision]:
    """What is told of a change."""

    def recorded(connection: psycopg.Connection[tuple[object, ...]]) -> Record:
        schema = Schema.read(connection)
        every = (prop for check in made().values() for prop in check.properties(schema))
        return Record.of(schema, every).with_guards(guards(connection, ["tap"]))

    template = build_template(cluster, lambda connection: None)
    try:
        with template.cloned() as database, database.connect() as connection:
            connection.execute(SCHEMA.encode())
            before = recorded(connection)
            connection.execute(change.encode())
            after = recorded(connection)
            connection.execute("DROP OWNED BY guard_reader; DROP ROLE guard_reader")
    finally:
        template.close()
        template.drop()
    return list(before.broken(after))


@pytest.mark.parametrize(("change", "name"), CHANGES)
def test_what_changes_is_told(cluster: Cluster, change: str, name: str):
    found = [one.prop.id for one in broken(cluster, change)]
    assert any(name in one for one in found), found


@pytest.mark.parametrize("change", KINDRED)
def test_what_guards_as_before_is_not(cluster: Cluster, change: str):
    assert not broken(cluster, change)


def test_an_earlier_record_that_has_the_comments_of_bodies_still_holds():
    prop = Property(GUARD, Name("public", "f()"), "f", "function")
    said = "LANGUAGE sql AS SELECT 1 -- one"
    now = Record({}).with_guards([Guard(prop, "LANGUAGE sql AS SELECT 1", said)])
    assert not list(Record({prop: said}).broken(now))
    assert list(Record({prop: f"{said} more"}).broken(now))


def test_guards_are_read_on_each_version(each_cluster: Cluster):
    template = build_template(each_cluster, lambda connection: None)
    try:
        with template.cloned() as database, database.connect() as connection:
            connection.execute(SCHEMA.encode())
            kinds = {one.prop.aspect for one in guards(connection, ["tap"])}
            connection.execute("DROP OWNED BY guard_reader; DROP ROLE guard_reader")
    finally:
        template.close()
        template.drop()
    policies = {"policy", "row security", "rule"}
    assert kinds == policies | {
        *("function", "view", "sequence", "type", "grants", "partition", "collation")
    }


def test_a_record_that_knows_no_rules_yet_is_not_held_to_them(cluster: Cluster):
    template = build_template(cluster, lambda connection: None)
    try:
        with template.cloned() as database, database.connect() as connection:
            connection.execute(SCHEMA.encode())
            now = Record({}).with_guards(guards(connection, ["tap"]))
            connection.execute("DROP OWNED BY guard_reader; DROP ROLE guard_reader")
    finally:
        template.close()
        template.drop()
    before = Record({prop: words for prop, words in now.words.items() if prop.aspect != "rule"})
    assert not list(before.broken(now))
