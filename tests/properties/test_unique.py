"""Unique keys: duplicates, neighbours, NULL, predicates."""

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.checks import made
from harness.properties.checks.not_null import NotNull
from harness.properties.checks.unique import Unique
from harness.properties.checks.usable import Usable
from tests.properties.support import FAILED, PASSED, UNDECIDED, answers, decide, outcomes
from tests.support.versions import EVERY

KEPT = """
CREATE TABLE owners (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text UNIQUE);
CREATE TABLE things (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES owners,
    code char(4) NOT NULL,
    email text NOT NULL,
    active boolean NOT NULL,
    parent_id bigint REFERENCES things,
    position integer NOT NULL,
    lone boolean NOT NULL DEFAULT true CHECK (lone),
    doubled integer GENERATED ALWAYS AS (position * 2) STORED,
    CONSTRAINT things_code UNIQUE (owner_id, code),
    CONSTRAINT things_wide UNIQUE (id, owner_id),
    CONSTRAINT things_place UNIQUE (position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT things_under UNIQUE (parent_id, code)
);
CREATE UNIQUE INDEX things_email ON things (lower(email)) WHERE active;
CREATE UNIQUE INDEX things_doubled ON things (doubled) INCLUDE (email);
CREATE TABLE singles (lone boolean PRIMARY KEY DEFAULT true CHECK (lone));
CREATE TABLE parts (id integer, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
"""
NOT_DISTINCT = """
CREATE TABLE pairs (
    a integer, b integer, CONSTRAINT pair UNIQUE NULLS NOT DISTINCT (a, b)
);
"""
INVALID = """
CREATE TABLE parts (id integer, n integer NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
CREATE UNIQUE INDEX parts_n ON ONLY parts (id, n);
"""
TRIGGER = """
CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL CONSTRAINT named UNIQUE);
CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NEW; END $$;
CREATE TRIGGER change BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION change();
"""
TAKEN = "EXISTS (SELECT FROM users WHERE name = NEW.name)"
LIES = """
CREATE SEQUENCE lie;
CREATE FUNCTION lies(integer) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN RETURN nextval(''lie''); END';
CREATE TABLE numbers (n integer NOT NULL);
CREATE UNIQUE INDEX once ON numbers (lies(n));
"""


def test_every_kind_of_key_is_passed(each_cluster: Cluster):
    found = decide(each_cluster, KEPT, Unique)
    assert {n: d.reason for n, d in found.items() if d.outcome is not PASSED} == {}
    duplicates = [one for name, one in found.items() if name.endswith("::duplicate")]
    assert len(duplicates) == 12
    for one in duplicates:
        assert one.evidence[-1].answer.startswith("23505: ")
    assert {n for n in found if "things_code" in n or "things_under" in n} == {
        "things::things_code::duplicate",
        "things::things_code::differs_in_owner_id",
        "things::things_code::differs_in_code",
        "things::things_under::duplicate",
        "things::things_under::differs_in_parent_id",
        "things::things_under::differs_in_code",
        "things::things_under::null_in_parent_id",
    }
    assert found["things::things_email::outside_predicate"].outcome is PASSED


def test_a_wider_key_is_shown_without_the_narrower_one(cluster: Cluster):
    found = decide(cluster, KEPT, Unique)["things::things_wide::duplicate"]
    assert found.reason == "shown without things_pkey"
    assert '"things_wide"' in found.evidence[-1].answer


def test_the_partition_s_index_refuses(cluster: Cluster):
    found = decide(cluster, KEPT, Unique)
    assert '"parts_1_pkey"' in found["parts::parts_pkey::duplicate"].evidence[-1].answer


@pytest.mark.parametrize("each_cluster", EVERY[1:], indirect=True)
def test_nulls_that_are_not_distinct(each_cluster: Cluster):
    found = decide(each_cluster, NOT_DISTINCT, Unique)
    assert set(outcomes(found).values()) == {"passed"}
    assert "23505" in found["pairs::pair::null_in_a"].evidence[-1].answer


def test_nulls_that_are_distinct(cluster: Cluster):
    found = decide(cluster, NOT_DISTINCT.replace("NULLS NOT DISTINCT", ""), Unique)
    assert set(outcomes(found).values()) == {"passed"}
    assert "a = NULL" in found["pairs::pair::null_in_a"].evidence[-1].answer


def test_an_index_that_partitions_do_not_have_is_failed(cluster: Cluster):
    found = decide(cluster, INVALID, Unique)
    assert found["parts::parts_n::duplicate"].outcome is FAILED
    assert found["parts::parts_n::duplicate"].reason == "a duplicate of (id, n) is accepted"


def test_a_function_that_is_not_immutable_is_not_passed(cluster: Cluster):
    assert decide(cluster, LIES, Unique)["numbers::once::duplicate"].outcome is not PASSED


def test_a_duplicate_that_is_swallowed_is_failed(cluster: Cluster):
    schema = TRIGGER.format(f"IF {TAKEN} THEN RETURN NULL; END IF;")
    found = decide(cluster, schema, Unique)["users::named::duplicate"]
    assert found.outcome is FAILED
    assert "neither refused nor stored" in found.reason


def test_a_trigger_that_makes_it_another_is_put_out_of_the_way(cluster: Cluster):
    schema = TRIGGER.format(f"IF {TAKEN} THEN NEW.name := NEW.name || NEW.id; END IF;")
    found = decide(cluster, schema, Unique)["users::named::duplicate"]
    assert (found.outcome, found.reason) == (PASSED, "shown without the triggers change")


def test_a_trigger_that_makes_all_the_same_leaves_others_undecided(cluster: Cluster):
    found = decide(cluster, TRIGGER.format("NEW.name := 'x';"), Unique)
    assert found["users::named::duplicate"].outcome is PASSED
    assert found["users::named::differs"].outcome in (PASSED, UNDECIDED)
    assert "answers" not in found["users::named::differs"].reason
    assert '"named"' in answers(found["users::named::duplicate"])


SEEDED = """
CREATE TABLE depots (code text PRIMARY KEY CHECK (code IN ('MUC', 'BER')), name text NOT NULL);
INSERT INTO depots VALUES ('MUC', 'a'), ('BER', 'b');
CREATE TABLE regions (id int PRIMARY KEY CHECK (id BETWEEN 1 AND 3), name text NOT NULL);
INSERT INTO regions VALUES (1, 'a');
CREATE TABLE kept (code text PRIMARY KEY CHECK (code IN ('a', 'b')));
INSERT INTO kept VALUES ('a');
CREATE TABLE users (kept text NOT NULL DEFAULT 'a' REFERENCES kept);
INSERT INTO users VALUES ('a');
"""


SINGLE = """
CREATE TABLE settings (lone boolean PRIMARY KEY DEFAULT true CHECK (lone), theme text NOT NULL);
CREATE TABLE options (LIKE settings INCLUDING ALL);
INSERT INTO settings (theme) VALUES ('dark');
"""


def test_a_table_of_one_row_with_its_default_as_key_is_decided(cluster: Cluster):
    found = decide(cluster, SINGLE, *made().values())
    assert {one.outcome for one in found.values()} == {PASSED}, outcomes(found)
    assert "settings::owner::update" in found


def test_a_table_that_holds_all_that_it_may_makes_room_for_a_row(cluster: Cluster):
    found = decide(cluster, SEEDED, Unique, NotNull, Usable)
    undecided = {n: d.reason for n, d in found.items() if d.outcome is not PASSED}
    assert undecided == {
        "kept::kept_pkey::differs": "rows that are there have every other value of code"
    }
    duplicate = found["depots::depots_pkey::duplicate"]
    assert any(step.sql.startswith("DELETE") for step in duplicate.evidence), duplicate.evidence
