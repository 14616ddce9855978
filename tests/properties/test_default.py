"""Defaults: given, different each time, not frozen."""

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.checks.default import Default
from tests.properties.support import FAILED, PASSED, answers, decide, outcomes

KEPT = """
CREATE DOMAIN currency AS char(3) DEFAULT 'EUR';
CREATE SEQUENCE numbers;
CREATE TABLE orders (
    id serial PRIMARY KEY,
    number bigint NOT NULL DEFAULT nextval('numbers'),
    token uuid NOT NULL DEFAULT gen_random_uuid(),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid')),
    paid_at timestamptz CHECK ((state = 'paid') = (paid_at IS NOT NULL)),
    price numeric(8, 2) DEFAULT 1.005,
    currency currency,
    tags text[] DEFAULT '{}',
    data jsonb NOT NULL DEFAULT '{"a": 1}',
    at timestamptz NOT NULL DEFAULT now(),
    day date DEFAULT CURRENT_DATE,
    due date NOT NULL DEFAULT (CURRENT_DATE + 14),
    clock timestamptz DEFAULT clock_timestamp(),
    era date NOT NULL DEFAULT '1970-01-01',
    forever timestamptz DEFAULT 'infinity',
    late time DEFAULT '23:59:59.999999',
    nothing text
);
"""
REWRITTEN = """
CREATE TABLE notes (state text DEFAULT 'open', at timestamptz DEFAULT now());
CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.state := 'closed'; NEW.at := clock_timestamp(); RETURN NEW; END $$;
CREATE TRIGGER rewrite BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION rewrite();
"""
SAME = """
CREATE TABLE notes (token uuid DEFAULT gen_random_uuid(), mine text DEFAULT whoami());
CREATE FUNCTION rewrite() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.token := '00000000-0000-0000-0000-000000000000'; RETURN NEW; END $$;
CREATE TRIGGER rewrite BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION rewrite();
"""
WHOAMI = "CREATE FUNCTION whoami() RETURNS text LANGUAGE sql AS 'SELECT current_user::text';"
REFUSED = """
CREATE TABLE plans (
    id integer PRIMARY KEY,
    level integer NOT NULL DEFAULT 0 CHECK (level > 0),
    state text NOT NULL DEFAULT 'none'
);
CREATE TABLE states (name text PRIMARY KEY);
ALTER TABLE plans ADD CONSTRAINT known FOREIGN KEY (state) REFERENCES states;
"""


def test_what_is_left_out_is_filled_in(each_cluster: Cluster):
    found = decide(each_cluster, KEPT, Default)
    assert {n: d.reason for n, d in found.items() if d.outcome is not PASSED} == {}
    assert {n.split("::")[1] for n in found if n.endswith("volatile")} == {
        "id",
        "number",
        "token",
        "clock",
    }
    frozen = {n.split("::")[1] for n in found if n.endswith("not_frozen")}
    assert frozen == {"era", "forever", "late"}
    assert "price = 1.01" in answers(found["orders::price::default"])
    assert "currency = EUR" in answers(found["orders::currency::default"])
    assert "orders::nothing::default" not in found


@pytest.mark.parametrize(
    "column",
    [
        "timestamptz DEFAULT 'now'",
        "timestamptz DEFAULT 'now'::timestamptz",
        "timestamp DEFAULT 'now'::timestamp + interval '1 hour'",
        "date DEFAULT 'today'",
        "timestamptz DEFAULT 'tomorrow'",
        "time DEFAULT 'now'",
        "timestamptz DEFAULT '2019-04-03 11:22:33.123457+00'",
    ],
)
def test_a_frozen_moment_is_found(cluster: Cluster, column: str):
    found = decide(cluster, f"CREATE TABLE notes (at {column});", Default)
    assert found["notes::at::not_frozen"].outcome is FAILED
    assert "computed when the table was created" in found["notes::at::not_frozen"].reason
    assert found["notes::at::default"].outcome is PASSED


def test_a_domain_s_frozen_moment_is_found(cluster: Cluster):
    schema = "CREATE DOMAIN moment AS timestamptz DEFAULT 'now'; CREATE TABLE notes (at moment);"
    assert decide(cluster, schema, Default)["notes::at::not_frozen"].outcome is FAILED


def test_a_trigger_that_rewrites_a_constant_refutes_it(cluster: Cluster):
    found = decide(cluster, REWRITTEN, Default)
    assert found["notes::state::default"].outcome is FAILED
    assert "'closed' and not its default, 'open'" in found["notes::state::default"].reason
    assert found["notes::at::default"].outcome is PASSED
    assert "one of the triggers rewrite" in found["notes::at::default"].reason


def test_a_trigger_that_computes_a_value_leaves_the_default_to_others(cluster: Cluster):
    schema = """
    CREATE TABLE notes (grade text DEFAULT 'a' CHECK (grade IN ('a', 'b')), due int DEFAULT 0);
    CREATE FUNCTION due() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.due := CASE NEW.grade WHEN 'a' THEN 3 ELSE 9 END; RETURN NEW; END $$;
    CREATE TRIGGER due BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION due();
    """
    found = decide(cluster, schema, Default)["notes::due::default"]
    assert (found.outcome, found.reason) == (
        PASSED,
        "one of the triggers due puts '3' in its place",
    )


def test_what_should_differ_and_does_not(cluster: Cluster):
    found = decide(cluster, WHOAMI + SAME, Default)
    assert found["notes::token::volatile"].outcome is FAILED
    assert "each of 8 rows" in found["notes::token::volatile"].reason
    assert found["notes::mine::volatile"].outcome is PASSED
    assert "always gave the same value" in found["notes::mine::volatile"].reason


def test_a_default_whose_target_may_be_missing_is_shown_without_the_foreign_key(cluster: Cluster):
    found = decide(cluster, REFUSED, Default)
    assert outcomes(found) == {"plans::level::default": "failed", "plans::state::default": "passed"}
    assert "plans_level_check" in found["plans::level::default"].reason


UNSTORABLE = """
CREATE DOMAIN percentage AS int CHECK (VALUE BETWEEN 0 AND 100);
CREATE TABLE broken (
    p percentage DEFAULT 101, s text DEFAULT 'none' CHECK (s IN ('open', 'done')),
    code varchar(3) DEFAULT 'none', n numeric(3, 1) DEFAULT 1000,
    a timestamptz DEFAULT clock_timestamp(), b timestamptz DEFAULT clock_timestamp(),
    c date DEFAULT CURRENT_DATE, d date DEFAULT (CURRENT_DATE - 1), CHECK (b < a), CHECK (d > c)
);
CREATE TABLE parts (id int, state text DEFAULT 'draft') PARTITION BY LIST (state);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN ('live', 'done');
CREATE TABLE whole_parts (id int, state text DEFAULT 'draft') PARTITION BY LIST (state);
CREATE TABLE whole_1 PARTITION OF whole_parts FOR VALUES IN ('live', 'draft');
CREATE TABLE stays (a int, during daterange DEFAULT 'empty', UNIQUE (a, during WITHOUT OVERLAPS));
CREATE TABLE whole_stays (
    a int, during daterange DEFAULT '[2024-01-01,)', UNIQUE (a, during WITHOUT OVERLAPS)
);
CREATE TABLE whole (
    p percentage DEFAULT 100, s text DEFAULT 'open' CHECK (s IN ('open', 'done')),
    code varchar(3) DEFAULT 'non', n numeric(3, 1) DEFAULT 10,
    a timestamptz DEFAULT clock_timestamp(), b timestamptz DEFAULT clock_timestamp(),
    c date DEFAULT CURRENT_DATE, d date DEFAULT (CURRENT_DATE + 1), CHECK (b > a), CHECK (d > c),
    debit int NOT NULL DEFAULT 0, credit int NOT NULL DEFAULT 0, CHECK (debit > 0 OR credit > 0),
    "on" date DEFAULT CURRENT_DATE CHECK (extract(dow FROM "on") < 9),
    monday date DEFAULT CURRENT_DATE CHECK (extract(dow FROM monday) = 1),
    kind text DEFAULT 'none' CHECK (kind <> 'none')
);
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.kind = 'none' THEN NEW.kind := 'some'; END IF; RETURN NEW; END $$;
CREATE TRIGGER fill BEFORE INSERT ON whole FOR EACH ROW EXECUTE FUNCTION fill();
"""


def test_a_default_that_its_own_check_or_type_refuses_fails(cluster: Cluster):
    found = decide(cluster, "CREATE EXTENSION btree_gist;" + UNSTORABLE, Default)
    broken = {one.prop.object for one in found.values() if one.outcome is FAILED}
    assert broken == {*"ps", "code", *"nabcd", "state", "during"}
    tables = {one.prop.table.name for one in found.values() if one.outcome is not PASSED}
    assert tables == {"broken", "parts", "stays"}, found


def test_what_the_clock_gives_is_not_expected_to_stay(cluster: Cluster):
    schema = """
    CREATE DOMAIN token AS uuid DEFAULT gen_random_uuid();
    CREATE TABLE notes (
        token token,
        at timestamptz DEFAULT statement_timestamp(),
        year integer DEFAULT EXTRACT(year FROM clock_timestamp()),
        day date DEFAULT clock_timestamp()
    );
    """
    assert set(outcomes(decide(cluster, schema, Default)).values()) == {"passed"}
