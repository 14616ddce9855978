"""Every aspect of triggers, on a schema that keeps it and on one that does not.

The catalog is read from one schema and held against another, as if it did not say what is so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.schema_model import Schema
from harness.properties.base import Decision
from harness.properties.checks.trigger import Triggers
from harness.properties.checks.trigger.check import _ASPECTS
from tests.properties.support import FAILED, PASSED, built, lent, run_once

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


Read = Callable[[str], Schema]


@pytest.fixture(scope="module")
def read(cluster: Cluster) -> Iterator[Read]:
    """What a schema declares: it is made in one database of all tests, and rolled back."""
    with (
        built(cluster, "") as (_, template),
        lent(template)() as database,
        database.connect() as one,
    ):

        def read(schema: str) -> Schema:
            with one.transaction(force_rollback=True):
                one.execute(schema.encode())
                return Schema.read(one, ignore=["tap"])

        yield read


def held(cluster: Cluster, declared: Schema, so: str, aspect: str) -> Decision:
    """What becomes of an aspect of the trigger x that one schema declares, in another one."""
    with built(cluster, so, Triggers) as (real, template):
        judged = replace(real, schema=declared)
        wanted = [p for p in judged.properties() if (p.object, p.aspect) == ("x", aspect)]
        (one,) = run_once(judged, template, wanted)
    assert not one.crash, one.crash
    return one


@pytest.mark.parametrize("case", CASES)
def test_an_aspect_that_is_so_is_passed(cluster: Cluster, read: Read, case: str):
    start, declared, _ = CASES[case]
    one = held(cluster, read(start + declared), start + declared, case.split()[0])
    assert one.outcome is PASSED, one
    assert one.reason, one
    assert "harness.fired" in "\n".join(step.sql for step in one.evidence)


@pytest.mark.parametrize("case", CASES)
def test_an_aspect_that_is_not_so_is_failed(cluster: Cluster, read: Read, case: str):
    start, declared, so = CASES[case]
    one = held(cluster, read(start + declared), start + so, case.split()[0])
    assert one.outcome is FAILED, one


def test_every_aspect_is_here():
    unbreakable = {"order", "transition", "changes"}
    assert {case.split()[0] for case in CASES} | unbreakable == set(_ASPECTS)
