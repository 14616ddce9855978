"""What a role was granted, it can do: each broken program beside the right one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import pytest

from harness.core.results import Outcome
from harness.postgres.cluster import Cluster
from harness.properties.base import Decision
from harness.properties.checks.usable import Usable
from tests.properties.support import (
    FAILED,
    PASSED,
    UNDECIDED,
    answers,
    decide,
    decide_each,
    outcomes,
)

ROLE = "usable_app"
CREATE_ROLE = f"CREATE ROLE {ROLE};"
TABLES = f"""
CREATE TABLE t (id int PRIMARY KEY, a int, b text);
CREATE TABLE log (t int, at timestamptz DEFAULT now());
GRANT SELECT, INSERT, UPDATE, DELETE ON t, log TO {ROLE};
"""
START = CREATE_ROLE + TABLES
END = f"DROP ROLE {ROLE};"


def function(name: str, text: str, declare: str = "", rest: str = "") -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {rest} AS $$"
        f" DECLARE {declare} BEGIN {text} END $$;\n"
    )


def trigger(when: str, text: str, declare: str = "", rest: str = "") -> str:
    made = function("f", text, declare, rest)
    return f"{made} CREATE TRIGGER f {when} ON t FOR EACH ROW EXECUTE FUNCTION f();\n"


class Pair(NamedTuple):
    """A schema that is broken, its twin that is right, and which properties say so."""

    broken: str
    right: str
    failed: frozenset[str]
    sqlstate: str


def pair(broken: str, right: str, failed: str, sqlstate: str) -> Pair:
    return Pair(broken, right, frozenset(failed.split()), sqlstate)


OWNER_UPDATE = f"t::owner::update t::{ROLE}::update"
OWNER_INSERT = "t::owner::insert"
OWNER_DELETE = f"t::owner::delete t::{ROLE}::delete"
POLICY = f"ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t TO {ROLE} USING"
DEEP = (
    "CREATE TABLE deep (x int); INSERT INTO deep VALUES (1); CREATE VIEW v AS SELECT * FROM deep;"
)
PARTS = (
    "CREATE TABLE p (id int, k int CHECK (k IN (1, 2))) PARTITION BY LIST (k);"
    "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
    "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);"
)
DOMAIN = (
    "CREATE FUNCTION whole(v text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS"
    " $$ BEGIN RETURN {} > 3; END $$;"
    "CREATE DOMAIN code AS text CHECK (VALUE ~ '^[A-Z]{{2}}[0-9]{{2}}' AND whole(VALUE));"
    "CREATE TABLE d (id int PRIMARY KEY, code code NOT NULL);"
)
KEPT = f"CREATE TABLE kept (t int NOT NULL, after jsonb); GRANT INSERT ON kept TO {ROLE};"
LISTED = "ALTER TABLE t ADD c text NOT NULL DEFAULT 'x' CHECK (c IN ('x', 'y', 'z'));"
NUMBERED = "CREATE TABLE n (id serial PRIMARY KEY, a text); CREATE TABLE m (n int REFERENCES n);"
HIDES = "CREATE SCHEMA hidden; CREATE TABLE hidden.log (t int);"
CHILD = "CREATE TABLE child (t int NOT NULL REFERENCES t ON DELETE CASCADE);"
MAKES_CHILD = "INSERT INTO child VALUES (NEW.id); RETURN NEW;"
ASKING = (
    "CREATE FUNCTION who() RETURNS text LANGUAGE sql STABLE AS"
    " $$ SELECT current_setting('app.who', true) $$;"
    "CREATE TABLE asked (id int PRIMARY KEY, who text NOT NULL DEFAULT coalesce(who(), ''));"
)

PAIRS = {
    "a field that NEW does not have": pair(
        trigger("BEFORE UPDATE", "NEW.changed := now(); RETURN NEW;"),
        trigger("BEFORE UPDATE", "NEW.b := now()::text; RETURN NEW;"),
        OWNER_UPDATE,
        "42703",
    ),
    "an ambiguous name in an AFTER trigger": pair(
        trigger("AFTER UPDATE", "DELETE FROM log WHERE t = NEW.id; RETURN NULL;", "t int;"),
        trigger("AFTER UPDATE", "DELETE FROM log WHERE log.t = NEW.id; RETURN NULL;"),
        OWNER_UPDATE,
        "42702",
    ),
    "a record that is not assigned": pair(
        trigger("BEFORE INSERT", "NEW.a := r.a; RETURN NEW;", "r record;"),
        trigger("BEFORE INSERT", "SELECT 1 AS a INTO r; NEW.a := r.a; RETURN NEW;", "r record;"),
        OWNER_INSERT,
        "55000",
    ),
    "two rows where one was meant": pair(
        trigger("AFTER DELETE", "PERFORM (SELECT x FROM generate_series(1, 2) AS x); RETURN NULL;"),
        trigger("AFTER DELETE", "PERFORM (SELECT x FROM generate_series(1, 1) AS x); RETURN NULL;"),
        OWNER_DELETE,
        "21000",
    ),
    "INTO STRICT that finds two": pair(
        trigger(
            "AFTER DELETE",
            "SELECT x INTO STRICT y FROM generate_series(1, 2) AS x; RETURN NULL;",
            "y int;",
        ),
        trigger(
            "AFTER DELETE",
            "SELECT x INTO y FROM generate_series(1, 2) AS x; RETURN NULL;",
            "y int;",
        ),
        OWNER_DELETE,
        "P0003",
    ),
    "INTO STRICT that never finds one": pair(
        trigger(
            "BEFORE INSERT", "SELECT log.t INTO STRICT NEW.a FROM log WHERE false; RETURN NEW;"
        ),
        trigger("BEFORE INSERT", "SELECT log.t INTO NEW.a FROM log WHERE false; RETURN NEW;"),
        OWNER_INSERT,
        "P0002",
    ),
    "CASE without a branch": pair(
        trigger("BEFORE UPDATE", "CASE WHEN NEW.id IS NULL THEN NULL; END CASE; RETURN NEW;"),
        trigger(
            "BEFORE UPDATE", "CASE WHEN NEW.id IS NULL THEN NULL; ELSE NULL; END CASE; RETURN NEW;"
        ),
        OWNER_UPDATE,
        "20000",
    ),
    "a schema that does not exist, put together": pair(
        trigger(
            "AFTER INSERT", "EXECUTE 'INSERT INTO gone.log VALUES ($1)' USING NEW.id; RETURN NULL;"
        ),
        trigger(
            "AFTER INSERT",
            "EXECUTE 'INSERT INTO public.log VALUES ($1)' USING NEW.id; RETURN NULL;",
            "",
            "SECURITY DEFINER",
        ),
        OWNER_INSERT,
        "42P01",
    ),
    "a function that does not exist": pair(
        trigger("AFTER DELETE", "PERFORM note(OLD.id); RETURN NULL;"),
        trigger("AFTER DELETE", "PERFORM abs(OLD.a); RETURN NULL;"),
        OWNER_DELETE,
        "42883",
    ),
    "a cast that nothing survives": pair(
        trigger("BEFORE INSERT", "NEW.a := 'none'::text; RETURN NEW;"),
        trigger("BEFORE INSERT", "NEW.a := '0'::text; RETURN NEW;"),
        OWNER_INSERT,
        "22P02",
    ),
    "a cast of an UPDATE that nothing survives": pair(
        trigger("BEFORE UPDATE", "NEW.a := 'n/a'::text; RETURN NEW;"),
        trigger("BEFORE UPDATE", "NEW.a := length(NEW.b); RETURN NEW;"),
        OWNER_UPDATE,
        "22P02",
    ),
    "a built-in type where the row's own was meant": pair(
        trigger("BEFORE INSERT", "kept := NEW; RETURN kept;", "kept box;"),
        trigger("BEFORE INSERT", "kept := NEW; RETURN kept;", "kept t;"),
        OWNER_INSERT,
        "22P02",
    ),
    "a built-in type where a deleted row was meant": pair(
        trigger("AFTER DELETE", "gone := OLD; RETURN NULL;", "gone cidr;"),
        trigger("AFTER DELETE", "gone := OLD; RETURN NULL;", "gone record;"),
        OWNER_DELETE,
        "22P02",
    ),
    "a number with a letter before it": pair(
        trigger("BEFORE UPDATE", "NEW.a := 'T' || NEW.id; RETURN NEW;"),
        trigger("BEFORE UPDATE", "NEW.a := '7' || NEW.id; RETURN NEW;"),
        OWNER_UPDATE,
        "22P02",
    ),
    "a cast of what a CHECK lists": pair(
        LISTED + trigger("BEFORE INSERT", "NEW.a := NEW.c; RETURN NEW;"),
        LISTED + trigger("BEFORE INSERT", "NEW.a := ascii(NEW.c); RETURN NEW;"),
        OWNER_INSERT,
        "22P02",
    ),
    "a date whose month is a name": pair(
        trigger("BEFORE UPDATE", "NEW.b := (NEW.id || '-Mai-1')::date; RETURN NEW;"),
        trigger("BEFORE UPDATE", "NEW.b := (2000 + NEW.id % 9 || '-May-1')::date; RETURN NEW;"),
        OWNER_UPDATE,
        "22007",
    ),
    "a state that an UPDATE leads to from another": pair(
        "ALTER TABLE t ADD state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'on', 'off'));"
        + trigger(
            "BEFORE UPDATE",
            "IF OLD.state = 'on' AND NEW.state = 'off' THEN NEW.ended := now(); END IF;"
            " RETURN NEW;",
        ),
        "ALTER TABLE t ADD state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'on', 'off'));"
        + trigger(
            "BEFORE UPDATE",
            "IF OLD.state = 'on' AND NEW.state = 'off' THEN NEW.b := now(); END IF; RETURN NEW;",
        ),
        OWNER_UPDATE,
        "42703",
    ),
    "CASE that knows every label but one": pair(
        "CREATE TYPE kind AS ENUM ('x', 'y', 'z'); ALTER TABLE t ADD k kind NOT NULL DEFAULT 'x';"
        + trigger(
            "BEFORE INSERT",
            "CASE NEW.k WHEN 'x' THEN NEW.a := 1; WHEN 'y' THEN NEW.a := 2; END CASE; RETURN NEW;",
        ),
        "CREATE TYPE kind AS ENUM ('x', 'y'); ALTER TABLE t ADD k kind NOT NULL DEFAULT 'x';"
        + trigger(
            "BEFORE INSERT",
            "CASE NEW.k WHEN 'x' THEN NEW.a := 1; WHEN 'y' THEN NEW.a := 2; END CASE; RETURN NEW;",
        ),
        f"{OWNER_INSERT} t::{ROLE}::insert",
        "20000",
    ),
    "a row that is looked at when it goes": pair(
        "ALTER TABLE t ADD kept bool NOT NULL DEFAULT false;"
        + trigger("BEFORE DELETE", "IF OLD.kept THEN PERFORM gone(OLD.id); END IF; RETURN OLD;"),
        "ALTER TABLE t ADD kept bool NOT NULL DEFAULT false;"
        + trigger("BEFORE DELETE", "IF OLD.kept THEN PERFORM abs(OLD.id); END IF; RETURN OLD;"),
        OWNER_DELETE,
        "42883",
    ),
    "a column of the log that is never given": pair(
        "ALTER TABLE log ADD who text NOT NULL;"
        + trigger("AFTER UPDATE", "INSERT INTO log (t) VALUES (NEW.id); RETURN NULL;"),
        "ALTER TABLE log ADD who text NOT NULL;"
        + trigger(
            "AFTER UPDATE",
            "INSERT INTO log (t, who) VALUES (NEW.id, current_setting('a.b', true)); RETURN NULL;",
        ),
        OWNER_UPDATE,
        "23502",
    ),
    "a generated column that cannot be computed": pair(
        "CREATE TABLE g (a int NOT NULL, b int GENERATED ALWAYS AS (a / 0) STORED);",
        "CREATE TABLE g (a int NOT NULL, b int GENERATED ALWAYS AS (a / 2) STORED);",
        "g::owner::insert",
        "22012",
    ),
    "INSTEAD OF over two tables": pair(
        "CREATE VIEW v AS SELECT t.id, t.a, log.at FROM t JOIN log ON log.t = t.id;"
        + function("i", "INSERT INTO t VALUES (NEW.id, NEW.n); RETURN NEW;")
        + "CREATE TRIGGER i INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION i();",
        "CREATE VIEW v AS SELECT t.id, t.a, log.at FROM t JOIN log ON log.t = t.id;"
        + function("i", "INSERT INTO t VALUES (NEW.id, NEW.a); RETURN NEW;")
        + "CREATE TRIGGER i INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION i();",
        "v::owner::insert",
        "42703",
    ),
    "no RETURN": pair(
        trigger("BEFORE INSERT", "NEW.a := 1;"),
        trigger("BEFORE INSERT", "NEW.a := 1; RETURN NEW;"),
        OWNER_INSERT,
        "2F005",
    ),
    "recursion without an end": pair(
        trigger(
            "AFTER UPDATE", "UPDATE t SET a = coalesce(t.a, 0) + 1 WHERE id = NEW.id; RETURN NULL;"
        ),
        trigger(
            "AFTER UPDATE",
            "IF pg_trigger_depth() < 2 THEN UPDATE t SET a = 1 WHERE id = NEW.id; END IF;"
            " RETURN NULL;",
        ),
        OWNER_UPDATE,
        "54001",
    ),
    "a log that the role may not write to": pair(
        f"REVOKE ALL ON log FROM {ROLE};"
        + trigger("AFTER INSERT", "INSERT INTO log VALUES (NEW.id); RETURN NULL;"),
        trigger(
            "AFTER INSERT", "INSERT INTO log VALUES (NEW.id); RETURN NULL;", "", "SECURITY DEFINER"
        ),
        f"t::{ROLE}::insert",
        "42501",
    ),
    "a schema that the role may not use": pair(
        HIDES
        + trigger("AFTER UPDATE", "INSERT INTO hidden.log VALUES (NEW.id); RETURN NULL;")
        + f"GRANT INSERT ON hidden.log TO {ROLE};",
        HIDES
        + trigger("AFTER UPDATE", "INSERT INTO hidden.log VALUES (NEW.id); RETURN NULL;")
        + f"GRANT INSERT ON hidden.log TO {ROLE}; GRANT USAGE ON SCHEMA hidden TO {ROLE};",
        f"t::{ROLE}::update hidden.log::{ROLE}::insert",
        "42501",
    ),
    "a sequence without USAGE": pair(
        "CREATE SEQUENCE s; ALTER TABLE t ALTER id SET DEFAULT nextval('s');",
        "CREATE SEQUENCE s; ALTER TABLE t ALTER id SET DEFAULT nextval('s');"
        f"GRANT USAGE ON SEQUENCE s TO {ROLE};",
        f"t::{ROLE}::insert",
        "42501",
    ),
    "a policy that reads itself": pair(
        f"{POLICY} (id IN (SELECT o.id FROM t AS o));",
        f"{POLICY} (EXISTS (SELECT FROM generate_series(1, 2)));",
        f"t::{ROLE}::insert t::{ROLE}::update t::{ROLE}::delete t::{ROLE}::select",
        "42P17",
    ),
    "a policy with a function that the role may not call": pair(
        "CREATE FUNCTION mine() RETURNS bool LANGUAGE sql AS 'SELECT true';"
        f"REVOKE ALL ON FUNCTION mine() FROM PUBLIC; {POLICY} (mine());",
        f"CREATE FUNCTION mine() RETURNS bool LANGUAGE sql AS 'SELECT true'; {POLICY} (mine());",
        f"t::{ROLE}::insert t::{ROLE}::update t::{ROLE}::delete t::{ROLE}::select",
        "42501",
    ),
    "a deferred trigger": pair(
        function("f", "INSERT INTO gone VALUES (NEW.id); RETURN NULL;")
        + "CREATE CONSTRAINT TRIGGER f AFTER UPDATE ON t DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION f();",
        function("f", "PERFORM NEW.id; RETURN NULL;")
        + "CREATE CONSTRAINT TRIGGER f AFTER UPDATE ON t DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION f();",
        OWNER_UPDATE,
        "42P01",
    ),
    "a statement trigger": pair(
        function("f", "INSERT INTO log SELECT gone FROM gone; RETURN NULL;")
        + "CREATE TRIGGER f AFTER DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION f();",
        function("f", "PERFORM count(*) FROM t; RETURN NULL;")
        + "CREATE TRIGGER f AFTER DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION f();",
        OWNER_DELETE,
        "42P01",
    ),
    "a view whose owner may not read": pair(
        DEEP + f"ALTER VIEW v OWNER TO {ROLE};",
        DEEP + f"GRANT SELECT ON v TO {ROLE};",
        "v::owner::select v::owner::insert v::owner::update v::owner::delete",
        "42501",
    ),
    "a view with a function that looks for a table": pair(
        "CREATE FUNCTION g(int) RETURNS int LANGUAGE plpgsql AS"
        " 'BEGIN RETURN (SELECT count(*) FROM gone); END';"
        "CREATE VIEW v AS SELECT id, g(a) FROM t;",
        "CREATE FUNCTION g(int) RETURNS int LANGUAGE plpgsql AS"
        " 'BEGIN RETURN (SELECT count(*) FROM log); END';"
        "CREATE VIEW v AS SELECT id, g(a) FROM t;",
        "v::owner::select",
        "42P01",
    ),
    "INSTEAD OF that writes to what is not there": pair(
        "CREATE VIEW v AS SELECT id, count(*) AS n FROM t GROUP BY id;"
        + function("i", "INSERT INTO tt VALUES (NEW.id); RETURN NEW;")
        + "CREATE TRIGGER i INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION i();",
        "CREATE VIEW v AS SELECT id, count(*) AS n FROM t GROUP BY id;"
        + function("i", "INSERT INTO t VALUES (NEW.id); RETURN NEW;")
        + "CREATE TRIGGER i INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION i();",
        "v::owner::insert",
        "42P01",
    ),
    "a partitioned table": pair(
        "CREATE TABLE p (id int, k int) PARTITION BY LIST (k);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
        + function("g", "NEW.gone := 1; RETURN NEW;")
        + "CREATE TRIGGER g BEFORE UPDATE ON p FOR EACH ROW EXECUTE FUNCTION g();",
        "CREATE TABLE p (id int, k int) PARTITION BY LIST (k);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
        + function("g", "NEW.id := 1; RETURN NEW;")
        + "CREATE TRIGGER g BEFORE UPDATE ON p FOR EACH ROW EXECUTE FUNCTION g();",
        "p::owner::update",
        "42703",
    ),
    "a trigger that takes a row to another partition": pair(
        PARTS
        + function("g", "NEW.k := 3 - NEW.k; RETURN NEW;")
        + "CREATE TRIGGER g BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION g();",
        PARTS
        + function("g", "NEW.id := 3 - NEW.k; RETURN NEW;")
        + "CREATE TRIGGER g BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION g();",
        "p::owner::insert",
        "0A000",
    ),
    "a CHECK of a domain that cannot be computed": pair(
        DOMAIN.format("twice(v)"), DOMAIN.format("length(v)"), "d::owner::insert", "42883"
    ),
    "NEW in a DELETE, which another table wants": pair(
        KEPT
        + trigger("AFTER DELETE", "INSERT INTO kept VALUES (NEW.id, to_jsonb(NEW)); RETURN OLD;"),
        KEPT
        + trigger(
            "AFTER UPDATE OR DELETE",
            "INSERT INTO kept VALUES (coalesce(NEW.id, OLD.id), to_jsonb(NEW)); RETURN OLD;",
        ),
        OWNER_DELETE,
        "23502",
    ),
    "RETURN NEW at a DELETE": pair(
        trigger("BEFORE DELETE", "IF OLD.a = 7 THEN RETURN NULL; END IF; RETURN NEW;"),
        trigger("BEFORE DELETE", "-- NEW is NULL\nRETURN NULL;"),
        OWNER_DELETE,
        "",
    ),
    "a guard that a RAISE is the whole of": pair(
        trigger("BEFORE DELETE", "PERFORM nosuch(); RETURN OLD;"),
        trigger(
            "BEFORE UPDATE OR DELETE",
            "IF NEW IS DISTINCT FROM OLD THEN RAISE EXCEPTION 'kept'; END IF; RETURN NEW;",
        ),
        OWNER_DELETE,
        "42883",
    ),
    "a row that is made before the one that it refers to": pair(
        CHILD + trigger("BEFORE INSERT", MAKES_CHILD, rest="SECURITY DEFINER"),
        CHILD + trigger("AFTER INSERT", MAKES_CHILD, rest="SECURITY DEFINER"),
        OWNER_INSERT,
        "23503",
    ),
    "a cast beside code that asks who is there": pair(
        ASKING + trigger("BEFORE INSERT", "NEW.a := 'none'::text; RETURN NEW;"),
        ASKING + trigger("BEFORE INSERT", "NEW.a := '0'::text; RETURN NEW;"),
        OWNER_INSERT,
        "22P02",
    ),
    "INSTEAD OF UPDATE alone, beside a computed column": pair(
        "CREATE VIEW v AS SELECT id, a, upper(b) AS loud FROM t;"
        + function("i", "UPDATE t SET a = NEW.n WHERE id = OLD.id; RETURN NEW;")
        + "CREATE TRIGGER i INSTEAD OF UPDATE ON v FOR EACH ROW EXECUTE FUNCTION i();",
        "CREATE VIEW v AS SELECT id, a, upper(b) AS loud FROM t;"
        + function("i", "UPDATE t SET a = NEW.a WHERE id = OLD.id; RETURN NEW;")
        + "CREATE TRIGGER i INSTEAD OF UPDATE ON v FOR EACH ROW EXECUTE FUNCTION i();",
        "v::owner::update",
        "42703",
    ),
    "a rule that takes another number": pair(
        f"{NUMBERED} CREATE RULE r AS ON INSERT TO n DO ALSO INSERT INTO m VALUES (NEW.id);",
        f"{NUMBERED} CREATE RULE r AS ON INSERT TO n DO ALSO INSERT INTO m SELECT max(id) FROM n;",
        "n::owner::insert",
        "23503",
    ),
}


@pytest.fixture(autouse=True)
def no_role(cluster: Cluster):
    yield
    with cluster.connect("postgres") as connection:
        connection.execute(f"DROP ROLE IF EXISTS {ROLE}, usable_member")


Decided = Callable[[str, str], dict[str, Decision]]
TOGETHER = 13
"""Pairs in one database: some for each worker of a run."""


@pytest.fixture(scope="module")
def decided(cluster: Cluster) -> Decided:
    """``decided("broken", name)``: what becomes of that half of a pair, tried beside others."""

    @cache
    def several(half: str, part: int) -> dict[str, dict[str, Decision]]:
        names = [*PAIRS][part * TOGETHER : (part + 1) * TOGETHER]
        schemas = {name: TABLES + getattr(PAIRS[name], half) for name in names}
        return decide_each(cluster, CREATE_ROLE, schemas, Usable)

    def one(half: str, name: str) -> dict[str, Decision]:
        return several(half, [*PAIRS].index(name) // TOGETHER)[name]

    return one


@pytest.mark.parametrize("name", PAIRS)
def test_a_broken_program_fails_where_it_comes_up_and_nowhere_else(name: str, decided: Decided):
    one, decisions = PAIRS[name], decided("broken", name)
    failed = {key for key, decision in decisions.items() if decision.outcome is FAILED}
    assert failed == one.failed, outcomes(decisions)
    for key in failed:
        assert one.sqlstate in decisions[key].reason
        assert one.sqlstate in answers(decisions[key])


MAC = "ALTER TABLE t ADD c text NOT NULL {};"
TEXTS = {
    "a piece of a text": MAC.format("")
    + trigger("BEFORE INSERT", "NEW.b := split_part(NEW.c, '/', 2)::macaddr; RETURN NEW;"),
    "a text of a length": MAC.format("CHECK (length(c) = 17)")
    + trigger("BEFORE INSERT", "NEW.b := NEW.c::macaddr; RETURN NEW;"),
    "a text in capitals": MAC.format("")
    + trigger("BEFORE INSERT", "NEW.b := upper(NEW.c)::pg_lsn; RETURN NEW;"),
    "a day of a month": "ALTER TABLE t ADD c int NOT NULL;"
    + trigger("BEFORE INSERT", "NEW.b := ('2024-' || NEW.c || '-1')::date; RETURN NEW;"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_cast_that_some_value_survives_is_not_broken(name: str, cluster: Cluster):
    decisions = decide(cluster, START + TEXTS[name], Usable)
    assert FAILED not in {one.outcome for one in decisions.values()}, outcomes(decisions)


@pytest.mark.parametrize("name", PAIRS)
def test_its_right_twin_passes(name: str, decided: Decided):
    decisions = decided("right", name)
    wrong = {key: one.reason for key, one in decisions.items() if one.outcome is not PASSED}
    assert not wrong


VERSIONS = [
    "a field that NEW does not have",
    "a log that the role may not write to",
    "a schema that the role may not use",
    "a sequence without USAGE",
    "a policy that reads itself",
    "recursion without an end",
]


def test_every_version_says_so(each_cluster: Cluster):
    broken = {f"{name}, broken": TABLES + PAIRS[name].broken for name in VERSIONS}
    right = {f"{name}, right": TABLES + PAIRS[name].right for name in VERSIONS}
    try:
        decided = decide_each(each_cluster, CREATE_ROLE, broken | right, Usable)
    finally:
        with each_cluster.connect("postgres") as connection:
            connection.execute(f"DROP ROLE {ROLE}")
    failed = {
        name: {key for key, one in decisions.items() if one.outcome is FAILED}
        for name, decisions in decided.items()
    }
    expected: dict[str, set[str]] = {f"{name}, broken": {*PAIRS[name].failed} for name in VERSIONS}
    assert failed == expected | {name: set() for name in right}


# --- what is no broken program ---------------------------------------------------------------


def of(cluster: Cluster, schema: str, *keys: str) -> list[tuple[str, str]]:
    """Outcome and reason of some properties."""
    decisions = decide(cluster, START + schema, Usable)
    return [(decisions[key].outcome.value, decisions[key].reason) for key in keys]


def test_an_append_only_table_is_right(cluster: Cluster):
    schema = trigger("BEFORE UPDATE OR DELETE", "RAISE EXCEPTION 'append only';")
    found = of(cluster, schema, "t::owner::update", "t::owner::delete", f"t::{ROLE}::update")
    rule = "a rule of the schema refuses it: P0001: append only"
    assert found == [("passed", rule)] * 3


def test_a_raise_may_choose_the_code_of_a_broken_program(cluster: Cluster):
    schema = trigger("BEFORE UPDATE", "RAISE undefined_column USING MESSAGE = 'no';")
    assert of(cluster, schema, "t::owner::update") == [
        ("passed", "a rule of the schema refuses it: 42703: no")
    ]


def test_a_policy_that_refuses_is_a_rule(cluster: Cluster):
    schema = (
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY p ON t TO {ROLE} USING (true) WITH CHECK (false);"
    )
    ((outcome, reason),) = of(cluster, schema, f"t::{ROLE}::insert")
    assert outcome == "passed"
    assert reason.startswith("a rule of the schema refuses it: 42501")


@pytest.mark.parametrize("command", ["update", "delete", "select"])
def test_what_reaches_no_row_shows_nothing(command: str, cluster: Cluster):
    schema = "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (false);"
    assert of(cluster, schema, f"t::{ROLE}::{command}") == [
        ("undecided", f"{command.upper()} as {ROLE} reached no row, which shows nothing")
    ]


@pytest.mark.parametrize(
    "condition",
    [
        "a = current_setting('app.user')::int",
        "b = current_setting('app.user', true)",
        "b = current_setting('request.jwt.claims', true)::json ->> 'sub'",
        "b = CURRENT_USER",
        # What somebody is, and not who: a word that the policy compares, in a claim or a setting.
        "current_setting('app.role', true) = 'clerk'",
        "current_setting('app.kind', true) = ANY ('{clerk,chief}') AND"
        " a = current_setting('app.user', true)::int",
        "current_setting('request.jwt.claims', true)::json ->> 'role' = 'clerk'",
        f"current_setting('request.jwt.claim.role', true) = '{ROLE}' AND"
        " b = current_setting('request.jwt.claim.sub', true)",
        "a = (current_setting('request.jwt.claims', true)::json ->> 'tenant')::int",
        "b = current_setting('request.jwt.claims', true)::json -> 'app_metadata' ->> 'tenant'",
        "current_setting('app.user')::uuid IS NOT NULL",
    ],
)
def test_whoever_policies_want_is_there(condition: str, cluster: Cluster):
    schema = f"ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING ({condition});"
    keys = [f"t::{ROLE}::{command}" for command in ("insert", "update", "delete", "select")]
    assert {outcome for outcome, _ in of(cluster, schema, *keys)} == {"passed"}


def test_the_column_that_a_policy_reads_may_be_the_last_of_many(cluster: Cluster):
    more = ", ".join(f"ADD c{number} int NOT NULL" for number in range(8))
    schema = (
        f"ALTER TABLE t {more}, ADD who text NOT NULL; ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY p ON t USING (who = current_setting('app.who', true));"
    )
    keys = [f"t::{ROLE}::{command}" for command in ("insert", "update", "delete", "select")]
    assert {outcome for outcome, _ in of(cluster, schema, *keys)} == {"passed"}


@pytest.mark.parametrize(("by", "outcome"), [("n - n", FAILED), ("nullif(n, 0)", PASSED)])
def test_what_is_computed_when_it_is_read_can_be(by: str, outcome: Outcome, cluster: Cluster):
    if cluster.version < 180000:
        pytest.skip("virtual generated columns came with 18")
    schema = (
        "CREATE TABLE v (id serial PRIMARY KEY, n int NOT NULL,"
        f" part int GENERATED ALWAYS AS (100 / ({by})) VIRTUAL);"
    )
    assert decide(cluster, schema, Usable)["v::owner::select"].outcome is outcome


def test_a_setting_that_only_an_application_sets_is_no_broken_program(cluster: Cluster):
    schema = (
        "CREATE FUNCTION who() RETURNS uuid LANGUAGE plpgsql STABLE AS"
        " $$ BEGIN RETURN current_setting('app.user')::uuid; END $$;"
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY p ON t USING (who() = gen_random_uuid());"
    )
    ((outcome, _),) = of(cluster, schema, f"t::{ROLE}::select")
    assert outcome == "undecided"


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("current_setting('app.role', true) = 'clerk' AND nobody.id = a", "failed"),
        ("current_setting('app.role', true) = 'clerk' AND a IS NULL AND a = 1", "undecided"),
    ],
)
def test_a_word_that_is_said_hides_nothing(condition: str, outcome: str, cluster: Cluster):
    """A policy that reads a table nobody may read is broken, whoever says that he is a clerk."""
    schema = (
        "CREATE TABLE nobody (id int); ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY p ON t USING (EXISTS (SELECT FROM nobody WHERE {condition}));"
        if "nobody" in condition
        else f"ALTER TABLE t ENABLE ROW LEVEL SECURITY;CREATE POLICY p ON t USING ({condition});"
    )
    assert [found for found, _ in of(cluster, schema, f"t::{ROLE}::select")] == [outcome]


def test_a_cast_that_some_rows_survive_is_tried_with_them(cluster: Cluster):
    schema = trigger("BEFORE INSERT", "NEW.a := split_part(NEW.b, '-', 2)::int; RETURN NEW;")
    ((outcome, reason),) = of(cluster, schema, "t::owner::insert")
    assert (outcome, reason) == ("passed", "")


def test_a_name_of_another_schema_is_looked_for_there(cluster: Cluster):
    schema = (
        "CREATE SCHEMA app; CREATE TABLE app.log2 (t int); CREATE TABLE app.own (id int);"
        + function("g", "INSERT INTO log2 VALUES (NEW.id); RETURN NEW;")
        + "CREATE TRIGGER g BEFORE INSERT ON app.own FOR EACH ROW EXECUTE FUNCTION g();"
    )
    assert of(cluster, schema, "app.own::owner::insert") == [("passed", "")]


def test_a_group_lacks_what_its_members_have(cluster: Cluster):
    schema = (
        "CREATE SEQUENCE s; ALTER TABLE t ALTER id SET DEFAULT nextval('s');"
        f"CREATE ROLE usable_member IN ROLE {ROLE}; GRANT USAGE ON SEQUENCE s TO usable_member;"
    )
    assert of(cluster, schema, f"t::{ROLE}::insert") == [("passed", "")]


def test_a_role_is_asked_for_what_it_was_granted(cluster: Cluster):
    schema = (
        "CREATE TABLE narrow (id int PRIMARY KEY, a int, secret text);"
        f"GRANT INSERT (id, a), UPDATE (a) ON narrow TO {ROLE};"
        f"GRANT SELECT (a) ON narrow TO PUBLIC;"
    )
    decisions = decide(cluster, START + schema, Usable)
    found = {key: one for key, one in decisions.items() if key.startswith("narrow::")}
    assert {one.outcome for one in found.values()} == {PASSED}
    others = {key.removeprefix("narrow::") for key in found if "owner" not in key}
    assert others == {f"{ROLE}::insert", f"{ROLE}::update", "PUBLIC::select"}


def test_rows_that_are_not_there_are_the_owners_failure_alone(cluster: Cluster):
    schema = trigger("BEFORE INSERT", "NEW.gone := 1; RETURN NEW;") + (
        "CREATE TABLE child (id int PRIMARY KEY, t int NOT NULL REFERENCES t);"
    )
    decisions = decide(cluster, START + schema, Usable)
    failed = {key for key, one in decisions.items() if one.outcome is FAILED}
    assert failed == {"t::owner::insert"}
    assert decisions["child::owner::insert"].outcome is UNDECIDED
    assert decisions[f"t::{ROLE}::insert"].outcome is UNDECIDED
    assert decisions["t::owner::update"].outcome is PASSED  # of a row that is there


def test_row_security_without_a_policy_is_a_rule(cluster: Cluster):
    schema = (
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t FOR SELECT USING (true);"
        "CREATE POLICY q ON t FOR ALL TO pg_monitor USING (true);"
    )
    denied = "row level security lets it reach no row: there is no policy for it"
    keys = [f"t::{ROLE}::{command}" for command in ("select", "update", "delete")]
    assert of(cluster, schema, *keys) == [("passed", ""), ("passed", denied), ("passed", denied)]


def test_a_policy_may_ask_who_is_a_member(cluster: Cluster):
    schema = (
        "CREATE TABLE team (id int PRIMARY KEY);"
        "CREATE TABLE member (team int REFERENCES team, who uuid, PRIMARY KEY (team, who));"
        "CREATE TABLE doc (id int PRIMARY KEY, team int NOT NULL REFERENCES team, title text);"
        "ALTER TABLE doc ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON doc USING (team IN ("
        " SELECT m.team FROM member AS m WHERE m.who = current_setting('app.who', true)::uuid));"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON doc TO {ROLE}; GRANT SELECT ON member TO {ROLE};"
    )
    keys = [f"doc::{ROLE}::{command}" for command in ("select", "insert", "update", "delete")]
    assert of(cluster, schema, *keys) == [("passed", "")] * 4


def test_an_owner_need_not_look_into_the_schema(cluster: Cluster):
    schema = "CREATE SCHEMA closed; CREATE TABLE closed.x (id int);"
    schema += f"ALTER TABLE closed.x OWNER TO {ROLE}; GRANT SELECT ON closed.x TO PUBLIC;"
    keys = ["closed.x::owner::select", "closed.x::PUBLIC::select"]
    assert [outcome for outcome, _ in of(cluster, schema, *keys)] == ["undecided"] * 2


@pytest.mark.parametrize(("body", "outcome"), [("NEW.gone := 1;", FAILED), ("", PASSED)])
def test_the_evidence_is_what_happens_again(body: str, outcome: object, cluster: Cluster):
    schema = (
        trigger(
            "BEFORE INSERT",
            f"IF NEW.id > 0 THEN {body} END IF; RETURN NULL;".replace(
                "THEN  END", "THEN NULL; END"
            ),
        )
        + function("g", f"{body} RETURN NEW;")
        + ("CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION g();")
    )
    decision = decide(cluster, START + schema, Usable)["t::owner::update"]
    assert decision.outcome is outcome
    shown = [step.sql for step in decision.evidence]
    assert any("DISABLE TRIGGER" in text for text in shown)
    assert any("ENABLE TRIGGER" in text for text in shown)


@pytest.mark.parametrize(
    "condition", ["r.email = NEW.b", "r.id = NEW.a", "r.email = NEW.owner_email", "r.email = 'tax'"]
)
def test_what_is_looked_up_strictly_may_be_there(condition: str, cluster: Cluster):
    schema = (
        (
            "ALTER TABLE t ADD owner_email text;"
            "CREATE TABLE rates (id int PRIMARY KEY, b text, email text UNIQUE, a int);"
            + trigger(
                "BEFORE INSERT",
                f"SELECT r.id INTO STRICT NEW.a FROM rates AS r WHERE {condition}; RETURN NEW;",
            )
        )
        .replace("r.email = NEW.b", "r.b = NEW.b")
        .replace("r.id = NEW.a", "r.a = NEW.a")
    )
    assert of(cluster, schema, "t::owner::insert") == [("passed", "")]


def test_what_is_looked_up_strictly_and_never_there(cluster: Cluster):
    schema = "CREATE TABLE rates (id int PRIMARY KEY, email text);" + trigger(
        "BEFORE INSERT",
        "SELECT r.id INTO STRICT NEW.a FROM rates AS r WHERE r.id < 0 AND r.id > 0; RETURN NEW;",
    )
    ((outcome, reason),) = of(cluster, schema, "t::owner::insert")
    assert (outcome, "P0002" in reason) == ("failed", True)


def test_a_delete_that_a_trigger_suppresses(cluster: Cluster):
    schema = trigger("BEFORE DELETE", "UPDATE t SET b = 'gone' WHERE id = OLD.id; RETURN NULL;")
    keys = ("t::owner::delete", f"t::{ROLE}::delete")
    assert of(cluster, schema, *keys) == [("passed", "a trigger suppresses it")] * 2


def test_an_update_has_what_its_trigger_looks_up(cluster: Cluster):
    schema = "CREATE TABLE tax (rate int NOT NULL);" + trigger(
        "BEFORE INSERT OR UPDATE", "SELECT rate INTO STRICT NEW.a FROM tax LIMIT 1; RETURN NEW;"
    )
    keys = ("t::owner::insert", "t::owner::update", "t::owner::delete")
    assert of(cluster, schema, *keys) == [("passed", "")] * 3


def test_a_rule_of_a_view_leaves_what_it_reads_as_it_is(cluster: Cluster):
    schema = (
        "CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, price int NOT NULL);"
        "CREATE VIEW items AS SELECT id, price FROM item;"
        "CREATE RULE kept AS ON UPDATE TO items DO INSTEAD"
        " (INSERT INTO log VALUES (OLD.id); UPDATE item SET price = NEW.price WHERE id = OLD.id);"
    )
    keys = [f"items::owner::{command}" for command in ("insert", "update")]
    assert {outcome for outcome, _ in of(cluster, schema, *keys)} == {"passed"}


@pytest.mark.parametrize(("before", "outcome"), [("7", PASSED), ("T", FAILED)])
def test_which_numbers_the_keys_have_decides_nothing(
    before: str, outcome: Outcome, cluster: Cluster
):
    """What ids the rows have is chance: 7-695, 72147483647. Small ones are tried, too."""
    names = [f"t{number}" for number in range(8)]
    body = f"BEGIN NEW.a := '{before}' || NEW.id; RETURN NEW; END"
    schema = f"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $${body}$$;\n" + "".join(
        f"CREATE TABLE {name} (id int PRIMARY KEY, a int);\n"
        f"CREATE TRIGGER g BEFORE UPDATE ON {name} FOR EACH ROW EXECUTE FUNCTION f();\n"
        for name in names
    )
    found = decide(cluster, schema, Usable())
    assert {found[f"{name}::owner::update"].outcome for name in names} == {outcome}
