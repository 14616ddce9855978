"""Generated columns: computed, recomputed, never written."""

from harness.postgres.cluster import Cluster
from harness.properties.checks.generated import Generated
from tests.properties.support import FAILED, PASSED, answers, decide, outcomes

KEPT = """
CREATE TABLE lines (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 9),
    price numeric(8, 2) NOT NULL,
    total numeric(10, 1) GENERATED ALWAYS AS (quantity * price) STORED,
    kind text GENERATED ALWAYS AS ('line') STORED
);
"""
VIRTUAL = (
    "CREATE TABLE names (name text, upper_name text GENERATED ALWAYS AS (upper(name)) VIRTUAL);"
)
LIES = """
CREATE FUNCTION lies(integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN RETURN clock_timestamp()::text; END';
CREATE TABLE notes (n integer, at text GENERATED ALWAYS AS (lies(n)) STORED);
"""
STALE = """
CREATE FUNCTION rate() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2';
CREATE TABLE notes (n integer NOT NULL, twice integer GENERATED ALWAYS AS (n * rate()) STORED);
INSERT INTO notes (n) VALUES (7);
CREATE OR REPLACE FUNCTION rate() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 3';
"""
FROZEN = """
CREATE TABLE notes (n integer NOT NULL, twice integer GENERATED ALWAYS AS (n * 2) STORED);
CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'rows stay as they are'; END $$;
CREATE TRIGGER stop BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION stop();
"""


def test_a_generated_column_is_computed_recomputed_and_not_written(cluster: Cluster):
    found = decide(cluster, KEPT, Generated)
    assert outcomes(found) == dict.fromkeys(
        [
            "lines::kind::computed",
            "lines::kind::not_written",
            "lines::total::computed",
            "lines::total::not_written",
            "lines::total::recomputed",
        ],
        "passed",
    )
    written = found["lines::total::not_written"]
    assert [s.answer[:5] for s in written.evidence if "428C9" in s.answer] == ["428C9", "428C9"]
    assert any(s.sql.startswith("UPDATE") for s in found["lines::total::recomputed"].evidence)


def test_virtual_ones_too(cluster: Cluster):
    found = decide(cluster, VIRTUAL, Generated)
    assert set(outcomes(found).values()) == {"passed"}
    assert len(found) == 3


def test_a_function_that_is_not_immutable_is_found(cluster: Cluster):
    found = decide(cluster, LIES, Generated)
    assert found["notes::at::computed"].outcome is FAILED
    assert "its expression says" in found["notes::at::computed"].reason
    assert found["notes::at::recomputed"].outcome is FAILED
    assert found["notes::at::not_written"].outcome is PASSED


def test_rows_that_are_there_and_hold_something_else_are_found(cluster: Cluster):
    found = decide(cluster, STALE, Generated)
    reason = "a row that is there holds '14', and its expression says '21'"
    assert found["notes::twice::computed"].reason == reason
    assert found["notes::twice::computed"].outcome is FAILED


def test_a_trigger_that_refuses_updates_is_put_out_of_the_way(cluster: Cluster):
    found = decide(cluster, FROZEN, Generated)["notes::twice::recomputed"]
    assert (found.outcome, found.reason) == (PASSED, "shown without the triggers stop")


def test_a_check_that_no_row_satisfies_is_not_in_the_way(cluster: Cluster):
    with_check = KEPT + "ALTER TABLE lines ADD CONSTRAINT never CHECK (quantity * quantity < 0);"
    found = decide(cluster, with_check, Generated)
    assert set(outcomes(found).values()) == {"passed"}
    assert "shown without never" in {one.reason for one in found.values()}


def test_on_an_older_server(older_cluster: Cluster):
    found = decide(older_cluster, KEPT, Generated)
    assert set(outcomes(found).values()) == {"passed"}
    assert "428C9" in answers(found["lines::kind::not_written"])


def test_a_row_of_a_deferred_circle_is_stored_with_the_others(cluster: Cluster):
    schema = """
    CREATE TABLE club (
        id serial PRIMARY KEY, name text NOT NULL, founder int NOT NULL,
        slug text GENERATED ALWAYS AS (lower(name)) STORED
    );
    CREATE TABLE member (club int REFERENCES club, id int, PRIMARY KEY (club, id));
    ALTER TABLE club ADD FOREIGN KEY (id, founder) REFERENCES member DEFERRABLE INITIALLY DEFERRED;
    """
    found = decide(cluster, schema, Generated)
    assert {n: d.reason for n, d in found.items() if d.outcome is not PASSED} == {}
