"""Every aspect of triggers, on a schema that keeps it and on one that does not.

The catalog is read from one schema and held against another, as if it did not say what is so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.base import Decision, Property
from harness.properties.checks.trigger import Triggers
from harness.properties.checks.trigger.check import _ASPECTS
from tests.properties.support import FAILED, PASSED, built, numbered, run_once

START = """
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;
END $$;
"""
PARTS = (
    START
    + """
CREATE TABLE p (id int, k int) PARTITION BY RANGE (k);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 (k int, id int);
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (10) TO (20);
"""
)
VIEW = START + "CREATE VIEW v AS SELECT id, a FROM t;"


def x(rest: str, level: str = "ROW", on: str = "t") -> str:
    """The trigger x: ``AFTER INSERT``, and after a colon what stands before EXECUTE."""
    head, _, condition = rest.partition(":")
    return f"CREATE TRIGGER x {head} ON {on} FOR EACH {level} {condition} EXECUTE FUNCTION f();"


def deferrable(words: str) -> str:
    events = "AFTER INSERT OR UPDATE ON t"
    return f"CREATE CONSTRAINT TRIGGER x {events} {words} FOR EACH ROW EXECUTE FUNCTION f();"


EVERY = "INSERT OR UPDATE OR DELETE"
DISTINCT = "WHEN (OLD.* IS DISTINCT FROM NEW.*)"
ALWAYS = "ALTER TABLE t ENABLE ALWAYS TRIGGER x;"
CASES = {
    "fires timing": (START, x(f"AFTER {EVERY}"), x(f"BEFORE {EVERY}")),
    "fires level": (START, x(f"AFTER {EVERY}"), x(f"AFTER {EVERY}", "STATEMENT")),
    "fires statement": (START, x("AFTER UPDATE", "STATEMENT"), x("AFTER UPDATE")),
    "fires truncate": (START, x("AFTER TRUNCATE", "STATEMENT"), ""),
    "fires event": (START, x(f"AFTER {EVERY}"), x("AFTER INSERT OR UPDATE")),
    "fires instead": (VIEW, x(f"INSTEAD OF {EVERY}", on="v"), x("INSTEAD OF INSERT", on="v")),
    "not_otherwise": (START, x("AFTER INSERT"), x("AFTER INSERT OR DELETE")),
    "update_of others": (START, x("AFTER UPDATE OF a"), x("AFTER UPDATE")),
    "update_of listed": (START, x("AFTER UPDATE OF a, b"), x("AFTER UPDATE OF a")),
    "when insert": (START, x("AFTER INSERT:WHEN (NEW.a > 5)"), x("AFTER INSERT:WHEN (NEW.a > 7)")),
    "when null": (
        START,
        x("AFTER INSERT:WHEN (NEW.a > 5)"),
        x("AFTER INSERT:WHEN ((NEW.a > 5) IS NOT FALSE)"),
    ),
    "when update": (
        START,
        x("BEFORE UPDATE:WHEN (OLD.a = 17 AND NEW.a = 18)"),
        x("BEFORE UPDATE:WHEN (OLD.a = 17)"),
    ),
    "when delete": (START, x("AFTER DELETE:WHEN (OLD.a = 17)"), x("AFTER DELETE")),
    "when statement": (
        START,
        x("AFTER UPDATE:WHEN (pg_trigger_depth() = 0)", "STATEMENT"),
        x("AFTER UPDATE:WHEN (pg_trigger_depth() = 1)", "STATEMENT"),
    ),
    "zero_rows": (START, x(f"AFTER {EVERY}", "STATEMENT"), x(f"AFTER {EVERY}")),
    "no_op": (START, x("AFTER UPDATE"), x(f"AFTER UPDATE:{DISTINCT}")),
    "no_op when": (START, x(f"AFTER UPDATE:{DISTINCT}"), x("AFTER UPDATE")),
    "copy": (START, x("BEFORE INSERT"), x("BEFORE UPDATE")),
    "copy when": (START, x("BEFORE INSERT:WHEN (NEW.a = 17)"), x("BEFORE UPDATE")),
    "on_conflict insert": (START, x("BEFORE INSERT"), x("AFTER INSERT")),
    "on_conflict after": (START, x("AFTER INSERT"), x("BEFORE INSERT")),
    "on_conflict update": (START, x("AFTER UPDATE"), ""),
    "on_conflict both": (
        START,
        x("AFTER INSERT OR UPDATE", "STATEMENT"),
        x("AFTER INSERT", "STATEMENT"),
    ),
    "on_conflict when": (START, x("AFTER UPDATE:WHEN (NEW.a = 17)"), x("AFTER INSERT")),
    "merge insert": (START, x(f"AFTER {EVERY}"), x("AFTER UPDATE OR DELETE")),
    "merge update": (START, x(f"AFTER {EVERY}"), x("AFTER INSERT OR DELETE")),
    "merge delete": (START, x(f"BEFORE {EVERY}"), x("BEFORE INSERT OR UPDATE")),
    "merge when": (START, x("AFTER UPDATE:WHEN (NEW.a = 17)"), x("AFTER INSERT")),
    "partitions row": (
        PARTS,
        x(f"AFTER {EVERY}", on="p"),
        x(f"AFTER {EVERY}", on="p") + "ALTER TABLE p2 DISABLE TRIGGER x;",
    ),
    "partitions statement": (
        PARTS,
        x("AFTER UPDATE", "STATEMENT", on="p"),
        x("AFTER UPDATE", "STATEMENT", on="p") + x("AFTER UPDATE", on="p2"),
    ),
    "through_parent row": (
        PARTS,
        x(f"AFTER {EVERY}", on="p2"),
        x(f"AFTER {EVERY}", "STATEMENT", on="p2"),
    ),
    "through_parent statement": (
        PARTS,
        x(f"AFTER {EVERY}", "STATEMENT", on="p2"),
        x(f"AFTER {EVERY}", on="p2"),
    ),
    "moved": (PARTS, x("BEFORE UPDATE OR DELETE", on="p"), x("AFTER UPDATE OR DELETE", on="p")),
    "moved after": (PARTS, x("AFTER UPDATE", on="p"), x("BEFORE UPDATE", on="p")),
    "moved statement": (
        PARTS,
        x("AFTER UPDATE OR DELETE", "STATEMENT", on="p"),
        x("AFTER UPDATE OR DELETE", on="p"),
    ),
    "disabled": (START, x("AFTER INSERT") + "ALTER TABLE t DISABLE TRIGGER x;", x("AFTER INSERT")),
    "replica always": (START, x("AFTER INSERT") + ALWAYS, x("AFTER INSERT")),
    "replica only": (
        START,
        x("AFTER INSERT") + ALWAYS.replace("ALWAYS", "REPLICA"),
        x("AFTER INSERT"),
    ),
    "deferred": (
        START,
        deferrable("DEFERRABLE INITIALLY DEFERRED"),
        deferrable("DEFERRABLE INITIALLY IMMEDIATE"),
    ),
}


Decided = Callable[[bool], dict[str, Decision]]


@pytest.fixture(scope="module")
def decided(cluster: Cluster) -> Decided:
    """``decided(so)``: of each case, what becomes of the aspect of the trigger x that it declares.

    It is held against the same schema, or against the other one of the case. Each kind is made in
    one database for all cases, and decided once for all tests.
    """
    numbers, text = numbered({case: start + one for case, (start, one, _) in CASES.items()})
    _, other = numbered({case: start + one for case, (start, _, one) in CASES.items()})

    def wanted(prop: Property) -> bool:
        case = numbers[prop.table.name.partition("__")[2]]
        return (prop.object, prop.aspect) == ("x", case.split()[0])

    @cache
    def every(so: bool) -> dict[str, Decision]:
        with built(cluster, text, Triggers) as (made, template):
            if so:
                found = run_once(made, template, [p for p in made.properties() if wanted(p)])
        if not so:
            with built(cluster, other, Triggers) as (real, template):
                judged = replace(real, schema=made.schema)
                found = run_once(judged, template, [p for p in judged.properties() if wanted(p)])
        assert len(found) == len(CASES)
        return {numbers[one.prop.table.name.partition("__")[2]]: one for one in found}

    return every


@pytest.mark.parametrize("case", CASES)
def test_an_aspect_that_is_so_is_passed(decided: Decided, case: str):
    one = decided(True)[case]
    assert not one.crash, one.crash
    assert one.outcome is PASSED, one
    assert one.reason, one
    assert "harness.fired" in "\n".join(step.sql for step in one.evidence)


@pytest.mark.parametrize("case", CASES)
def test_an_aspect_that_is_not_so_is_failed(decided: Decided, case: str):
    one = decided(False)[case]
    assert not one.crash, one.crash
    assert one.outcome is FAILED, one


def test_every_aspect_is_here():
    unbreakable = {"order", "transition", "changes"}
    assert {case.split()[0] for case in CASES} | unbreakable == set(_ASPECTS)
