"""CHECK constraints of tables and domains."""

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.base import Decision
from harness.properties.checks.check_constraint import Check
from tests.properties.support import (
    FAILED,
    PASSED,
    UNDECIDED,
    Each,
    answers,
    decide,
    each,
    outcomes,
)

__all__ = ["each"]

KEPT = """
CREATE DOMAIN email AS text CONSTRAINT an_email CHECK (VALUE ~ '^[a-z]+@[a-z]+$');
CREATE DOMAIN work_email AS email CONSTRAINT at_work CHECK (length(VALUE) <= 20);
CREATE TABLE others (id integer PRIMARY KEY);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    age integer CONSTRAINT adult CHECK (age BETWEEN 18 AND 99),
    state text NOT NULL CONSTRAINT states CHECK (state IN ('open', 'paid', 'it''s')),
    title varchar(50) NOT NULL CONSTRAINT titled CHECK (length(btrim(title)) >= 3),
    price numeric(6, 2) NOT NULL CONSTRAINT priced CHECK (price > 0),
    paid_at timestamptz,
    starts date NOT NULL, ends date NOT NULL,
    other_id integer REFERENCES others,
    contact email, boss work_email,
    phone text, fax text,
    CONSTRAINT paid CHECK ((state = 'paid') = (paid_at IS NOT NULL)),
    CONSTRAINT ordered CHECK (starts < ends),
    CONSTRAINT not_itself CHECK (other_id <> id),
    CONSTRAINT reachable CHECK (phone IS NOT NULL OR fax IS NOT NULL),
    CONSTRAINT cheap CHECK (price < 9000 OR state = 'paid')
);
ALTER TABLE orders ADD CONSTRAINT later CHECK (price <> 13) NOT VALID;
"""
OLD = """
CREATE TABLE notes (n integer);
INSERT INTO notes VALUES (-1);
ALTER TABLE notes ADD CONSTRAINT positive CHECK (n > 0) NOT VALID;
"""
TRIGGER = """
CREATE TABLE notes (n integer CONSTRAINT small CHECK (n BETWEEN 1 AND 9));
CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NEW; END $$;
CREATE TRIGGER change BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION change();
"""
LIES = """
CREATE SEQUENCE lie;
CREATE FUNCTION lies(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN RETURN nextval(''lie'') % 2 = 0; END';
CREATE TABLE notes (n integer CONSTRAINT lying CHECK (lies(n)));
"""
NEVER = [
    "n integer NOT NULL CONSTRAINT never CHECK (n > 5 AND n < 3)",
    "n integer NOT NULL CONSTRAINT never CHECK (n IN (1, 2) AND n <> 1 AND NOT n = 2)",
    "n text NOT NULL CONSTRAINT never CHECK (n = 'a' AND n = 'b')",
    "n boolean NOT NULL CONSTRAINT never CHECK (n AND NOT n)",
    "n date NOT NULL CONSTRAINT never CHECK (n > '2024-01-01' AND n < '2024-01-02')",
    "n integer CONSTRAINT never CHECK (1 = 0)",
]
UNKNOWN = [
    "n integer NOT NULL CONSTRAINT never CHECK (n * n = 1000000007)",
    "n text NOT NULL CONSTRAINT never CHECK (md5(n) = 'd41d8cd98f00b204e9800998ecf8427f')",
]
COLUMNS = tuple(f"CREATE TABLE notes ({column});" for column in NEVER + UNKNOWN)


@pytest.fixture(scope="module")
def kept(cluster: Cluster) -> dict[str, Decision]:
    return decide(cluster, KEPT, Check)


def test_every_kind_of_condition_is_passed(each_cluster: Cluster):
    found = decide(each_cluster, KEPT, Check)
    assert {n: d.reason for n, d in found.items() if d.outcome is not PASSED} == {}
    refused = [one for name, one in found.items() if name.endswith("refused")]
    assert len(refused) == 13
    for one in refused:
        assert "23514: " in answers(one)
    assert {n for n in found if n.endswith("disjuncts")} == {
        "orders::reachable::disjuncts",
        "orders::cheap::disjuncts",
    }


def test_both_sides_of_each_boundary_are_tried(kept: dict[str, Decision]):
    found = kept
    accepted, refused = (answers(found[f"orders::adult::{a}"]) for a in ("accepted", "refused"))
    assert "age = 18," in accepted
    assert "age = 99," in accepted
    assert "age = NULL," in accepted
    sent = "\n".join(step.sql for step in found["orders::adult::refused"].evidence)
    assert "'17'" in sent
    assert "'100'" in sent
    assert '"adult"' in refused


def test_every_literal_of_a_list_is_tried(kept: dict[str, Decision]):
    accepted = answers(kept["orders::states::accepted"])
    assert all(f"state = {text}," in accepted for text in ("open", "it's"))


def test_domains_are_named_with_their_column(kept: dict[str, Decision]):
    found = kept
    assert {n.split("::")[1] for n in found if "." in n} == {
        "contact.an_email",
        "boss.an_email",
        "boss.at_work",
    }


def test_not_valid_guards_new_rows_and_old_ones_are_looked_at(cluster: Cluster):
    found = decide(cluster, OLD, Check)
    assert found["notes::positive::refused"].outcome is FAILED
    assert found["notes::positive::refused"].reason == "a row that is there violates it"
    assert found["notes::positive::accepted"].outcome is PASSED


def test_not_enforced_properties_nothing(cluster: Cluster):
    schema = "CREATE TABLE notes (n integer, CONSTRAINT idle CHECK (n > 0) NOT ENFORCED);"
    assert decide(cluster, schema, Check) == {}


@pytest.mark.parametrize("column", NEVER)
def test_what_no_row_satisfies_is_always_false(each: Each, column: str):
    found = each(COLUMNS, (Check,))[f"CREATE TABLE notes ({column});"]
    assert found["notes::never::accepted"].outcome is FAILED
    assert found["notes::never::accepted"].reason.startswith("always false: ")


@pytest.mark.parametrize("column", UNKNOWN)
def test_what_was_only_not_found_is_not_called_false(each: Each, column: str):
    found = each(COLUMNS, (Check,))[f"CREATE TABLE notes ({column});"]
    assert {one.outcome for one in found.values()} == {UNDECIDED}


def test_a_violation_that_is_swallowed_is_failed(cluster: Cluster):
    schema = TRIGGER.format("IF NEW.n > 9 THEN RETURN NULL; END IF;")
    found = decide(cluster, schema, Check)["notes::small::refused"]
    assert found.outcome is FAILED
    assert "something discards it" in found.reason


def test_a_trigger_that_rewrites_is_put_out_of_the_way(cluster: Cluster):
    schema = TRIGGER.format("NEW.n := least(greatest(NEW.n, 1), 9);")
    found = decide(cluster, schema, Check)["notes::small::refused"]
    assert (found.outcome, found.reason) == (PASSED, "shown without the triggers change")


def test_a_function_that_changes_its_mind_is_not_passed(cluster: Cluster):
    found = decide(cluster, LIES, Check)
    assert PASSED not in {found[f"notes::lying::{a}"].outcome for a in ("refused",)}


def test_views_and_tables_without_checks_property_nothing(cluster: Cluster):
    schema = "CREATE TABLE notes (n integer); CREATE VIEW seen AS SELECT n FROM notes;"
    assert outcomes(decide(cluster, schema, Check)) == {}


def test_values_are_judged_as_they_are_stored(cluster: Cluster):
    schema = """
    CREATE DOMAIN cents AS numeric(6, 2) CONSTRAINT some_cents CHECK (VALUE > 0.004);
    CREATE TABLE lines (
        price numeric(6, 2) NOT NULL CONSTRAINT priced CHECK (price > 0.004 AND price <> 0.015),
        total numeric(8, 1) GENERATED ALWAYS AS (price * 3) STORED,
        amount cents NOT NULL,
        code char(4) NOT NULL CONSTRAINT coded CHECK (length(code) >= 2 AND code <> 'ab'),
        CONSTRAINT totalled CHECK (total > 0.14 AND total < 99.96)
    );
    """
    found = decide(cluster, schema, Check)
    assert FAILED not in {one.outcome for one in found.values()}
    assert found["lines::totalled::refused"].outcome is PASSED


def test_what_is_generated_is_judged_as_it_is_rounded(cluster: Cluster):
    schema = """
    CREATE TABLE lines (
        n integer NOT NULL DEFAULT 1,
        half integer GENERATED ALWAYS AS (n / 2.0) STORED CONSTRAINT few CHECK (half <> 3)
    );
    """
    assert set(outcomes(decide(cluster, schema, Check)).values()) == {"passed"}


def test_a_row_of_another_table_is_not_taken_for_one_of_its_own(cluster: Cluster):
    schema = """
    CREATE TABLE account (id int PRIMARY KEY, email text NOT NULL);
    CREATE TABLE wallet (account int PRIMARY KEY REFERENCES account, n int DEFAULT 0 CHECK (n > 0));
    CREATE FUNCTION opened() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO wallet (account) VALUES (NEW.id); RETURN NULL; END $$;
    CREATE TRIGGER opened AFTER INSERT ON account FOR EACH ROW EXECUTE FUNCTION opened();
    """
    found = decide(cluster, schema, Check)
    without = "shown without the triggers opened of public.account"
    assert {(one.outcome, one.reason) for one in found.values()} == {(PASSED, without)}
