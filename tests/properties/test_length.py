"""Length and precision: at the limit, beyond it, and what is cut or rounded."""

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.checks.length import Length
from tests.properties.against import against
from tests.properties.support import FAILED, PASSED, UNDECIDED, answers, decide, outcomes

KEPT = """
CREATE DOMAIN code AS varchar(5);
CREATE DOMAIN upper_code AS code CHECK (VALUE = upper(VALUE));
CREATE TABLE limited (
    name varchar(12) NOT NULL,
    long varchar(5000),
    country char(2),
    mask bit(4) NOT NULL,
    masks bit varying(70),
    price numeric(6, 2),
    hundreds numeric(3, -2),
    tiny numeric(2, 5),
    wide numeric(40, 20),
    code upper_code,
    free text,
    any_number numeric
);
"""
REWRITTEN = """
CREATE TABLE codes (code varchar(4), amount numeric(4, 1));
CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.code := lower(left(NEW.code, 1)); RETURN NEW; END $$;
CREATE TRIGGER rewrite BEFORE INSERT ON codes FOR EACH ROW EXECUTE FUNCTION rewrite();
"""
REFUSED = """
CREATE TABLE codes (
    id integer PRIMARY KEY, code varchar(4) NOT NULL CHECK (code ~ '^[a-z]-[0-9]$')
);
CREATE TABLE uses (code varchar(4) PRIMARY KEY, owner integer NOT NULL REFERENCES codes);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.code LIKE 'xxx%' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON uses FOR EACH ROW EXECUTE FUNCTION refuse();
"""
SWALLOWED = """
CREATE TABLE codes (code varchar(4));
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.code = 'xxxx' THEN RETURN NULL; END IF; RETURN NEW; END $$;
CREATE TRIGGER swallow BEFORE INSERT ON codes FOR EACH ROW EXECUTE FUNCTION swallow();
"""


def test_at_the_limit_and_beyond(each_cluster: Cluster):
    # PostgreSQL 14 knows no scale that is negative or beyond the precision.
    unknown = ("hundreds", "tiny") if each_cluster.version < 150000 else ()
    lines = KEPT.splitlines(keepends=True)
    schema = "".join(line for line in lines if not line.strip().startswith(unknown))
    found = decide(each_cluster, schema, Length)
    assert set(outcomes(found).values()) == {"passed"}
    states = {
        "name": "22001",
        "long": "22001",
        "country": "22001",
        "mask": "22026",
        "masks": "22001",
        "price": "22003",
        "hundreds": "22003",
        "tiny": "22003",
        "wide": "22003",
        "code": "22001",
    }
    for column in states.keys() - set(unknown):
        assert f"{states[column]}:" in answers(found[f"limited::{column}::beyond_limit"])
        assert found[f"limited::{column}::at_limit"].outcome is PASSED
    assert not [name for name in found if "free" in name or "any_number" in name]


@pytest.mark.parametrize(
    ("prop", "written", "stored"),
    [
        ("price::at_limit", "'9999.99'", "price = 9999.99"),
        ("price::scale", "'0.011'", "price = 0.01"),
        ("hundreds::at_limit", "'99900'", "hundreds = 99900"),
        ("hundreds::scale", "'110'", "hundreds = 100"),
        ("tiny::at_limit", "'0.00099'", "tiny = 0.00099"),
        ("name::spaces", "'xxxxxxxxxxxx' || ' '", "name = xxxxxxxxxxxx"),
        ("long::at_limit", "repeat('x', 5000)", "long = xxx"),
    ],
)
def test_what_is_written_and_what_is_stored(cluster: Cluster, prop: str, written: str, stored: str):
    evidence = decide(cluster, KEPT, Length)[f"limited::{prop}"].evidence
    assert written in evidence[-1].sql
    assert stored in evidence[-1].answer


def test_a_trigger_that_rewrites_is_told_of(cluster: Cluster):
    found = decide(cluster, REWRITTEN, Length)
    assert found["codes::code::at_limit"].outcome is PASSED
    assert "a trigger stores something else" in found["codes::code::at_limit"].reason
    assert found["codes::amount::scale"].reason == ""


def test_checks_references_and_triggers_are_out_of_the_way(cluster: Cluster):
    found = decide(cluster, REFUSED, Length)
    assert set(outcomes(found).values()) == {"passed"}
    assert found["codes::code::at_limit"].reason == "shown without codes_code_check"
    assert found["uses::code::at_limit"].reason == "shown without the triggers refuse"


def test_what_is_generated_from_a_limit_may_overflow(cluster: Cluster):
    schema = """CREATE TABLE lines (n integer NOT NULL CHECK (n > 9), price numeric(6, 2) NOT NULL,
        total numeric(6, 2) GENERATED ALWAYS AS (n * price) STORED)"""
    found = decide(cluster, schema, Length)["lines::price::at_limit"]
    assert (found.outcome, found.reason) == (PASSED, "shown without the generated total")


def test_a_value_that_is_swallowed_is_failed(cluster: Cluster):
    found = decide(cluster, SWALLOWED, Length)
    assert found["codes::code::at_limit"].outcome is FAILED
    assert "something discards it" in found["codes::code::at_limit"].reason
    assert found["codes::code::beyond_limit"].outcome is PASSED


def test_without_a_valid_row_nothing_is_said(cluster: Cluster):
    never = "CREATE TABLE never (code varchar(3), day date) PARTITION BY RANGE (day);"
    found = decide(cluster, never, Length)
    assert {one.outcome for one in found.values()} == {UNDECIDED}


INTEGERS = """
CREATE DOMAIN small AS smallint CHECK (VALUE >= 0);
CREATE TABLE counts (
    id integer PRIMARY KEY, few smallint NOT NULL, many bigint, age small,
    percent integer CHECK (percent BETWEEN 0 AND 100)
);
"""


def test_integers_have_their_range(each_cluster: Cluster):
    found = decide(each_cluster, INTEGERS, Length)
    assert outcomes(found) == {
        f"counts::{name}::range": "passed" for name in ("id", "few", "many", "age", "percent")
    }


@pytest.mark.parametrize(
    ("column", "wider"),
    [("few", "integer"), ("id", "bigint"), ("many", "numeric"), ("percent", "bigint")],
)
def test_integers_of_another_size_fail(cluster: Cluster, column: str, wider: str):
    change = f"ALTER TABLE counts ALTER {column} TYPE {wider}"
    found = against(cluster, INTEGERS, change, Length)[f"counts::{column}::range"]
    assert found.outcome is FAILED, found.reason
    narrower = against(cluster, INTEGERS, "ALTER TABLE counts ALTER id TYPE smallint", Length)
    assert narrower["counts::id::range"].outcome is FAILED
