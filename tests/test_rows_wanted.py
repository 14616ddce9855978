"""Rows that rules of the application want: which references are NULL, what parents are like."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.rowgen import Unsatisfiable
from harness.rowgen.conditions import over
from tests.test_rows import source

OWNERS = "CREATE TABLE people (id int PRIMARY KEY); CREATE TABLE firms (id int PRIMARY KEY);"
ACCOUNTS = """
CREATE TABLE accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    closed date,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'frozen'))
);
CREATE TABLE transfers (
    source bigint NOT NULL REFERENCES accounts, target bigint NOT NULL REFERENCES accounts,
    note text, CHECK (source <> target)
);
CREATE FUNCTION check_open() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM accounts WHERE id IN (NEW.source, NEW.target)
               AND (closed IS NOT NULL OR state <> 'open')) OR NEW.note IS NOT NULL THEN
        RAISE EXCEPTION 'not possible';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_open BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION check_open();
"""


@pytest.mark.parametrize(
    "wanted",
    [
        "num_nonnulls(person, firm) = 1",
        "(person IS NULL) <> (firm IS NULL)",
        "person IS NULL",
        "firm IS NOT NULL AND person IS NULL",
        "num_nonnulls(person, firm, other) = 2",
    ],
)
def test_references_are_null_where_a_check_wants_it(wanted: str, cluster: Cluster):
    table = f"""CREATE TABLE contacts (
        kind text NOT NULL CHECK (kind <> ''),
        person int REFERENCES people, firm int REFERENCES firms, other int REFERENCES people,
        CHECK ({wanted}))"""
    with source(cluster, OWNERS, table) as rows:
        assert len(rows.insert("contacts", 3)) == 3


def test_a_check_that_only_settled_columns_decide_is_given_up_at_once(cluster: Cluster):
    table = """CREATE TABLE contacts (a text, b text, CHECK (a <> b AND length(b) > 3),
        person int NOT NULL REFERENCES people, firm int NOT NULL REFERENCES firms,
        CONSTRAINT never CHECK (person < firm AND person > firm))"""
    with source(cluster, OWNERS, table) as rows:
        with pytest.raises(Unsatisfiable) as caught:
            rows.valid("contacts")
        assert caught.value.constraint == "never"


def test_parents_have_nothing_that_a_trigger_might_object_to(cluster: Cluster):
    with source(cluster, ACCOUNTS) as rows:
        drafts = rows.insert("transfers", 2)
    assert all(draft.stored["note"] is None for draft in drafts)


def test_a_function_that_a_check_calls_says_what_to_try(cluster: Cluster):
    schema = r"""
        CREATE FUNCTION is_code(t text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
            RETURN t ~ '^[A-Z]{3}-\d{4}$' AND right(t, 1)::int % 2 = 0; END $$;
        CREATE TABLE parts (code text NOT NULL CHECK (is_code(code)),
            kind text NOT NULL CHECK (known(kind)))"""
    known = """CREATE FUNCTION known(t text) RETURNS boolean IMMUTABLE LANGUAGE sql
        BEGIN ATOMIC SELECT t IN ('bolt', 'nut'); END;"""
    with source(cluster, known, schema) as rows:
        draft = rows.valid("parts")
    assert draft.stored["kind"] in ("bolt", "nut")


def test_a_violation_may_need_what_other_checks_tie_to_it(cluster: Cluster):
    invoices = """CREATE TABLE invoices (
        status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'sent', 'paid')),
        sent date, paid date,
        CONSTRAINT paid_then CHECK (status <> 'paid' OR paid IS NOT NULL),
        CHECK (status = 'draft' OR sent IS NOT NULL))"""
    with source(cluster, invoices) as rows:
        draft = rows.valid("invoices", status="draft", sent=None, paid=None)
        (condition,) = (c for c in rows.conditions("invoices") if c.name == "paid_then")
        broken = rows.violation(draft, condition)
    assert broken is not None
    assert (broken.values["status"], broken.values["paid"]) == ("paid", None)
    assert broken.values["sent"] is not None


def test_a_row_of_a_kind_is_found_by_what_the_kind_compares_with(cluster: Cluster):
    with source(cluster, "CREATE TABLE t (note text, n int)") as rows:
        plan = rows.plan("t")
        wanted = over(plan.table, "", "note = 'some very own text' AND n = 4711", strict=True)
        found = plan.search([wanted], {}, ["note", "n"])
    assert found.rows[0] == {"note": "some very own text", "n": "4711"}
