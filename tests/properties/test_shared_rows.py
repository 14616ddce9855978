"""What is made once for many properties: rows that others refer to, searches, a spare clone."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.checks.foreign_key import ForeignKey
from harness.properties.checks.not_null import NotNull
from harness.properties.checks.sequence import Sequences
from harness.rowgen.evaluator import Server, is_lasting
from tests.properties.support import PASSED, UNDECIDED, decide

CHAIN = """
CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, made timestamptz DEFAULT now());
CREATE TABLE b (id serial PRIMARY KEY, a bigint NOT NULL REFERENCES a);
CREATE TABLE c (id serial PRIMARY KEY, b int NOT NULL REFERENCES b, a bigint NOT NULL REFERENCES a);
CREATE TABLE d (id serial PRIMARY KEY, c int NOT NULL REFERENCES c);
"""
WAITING = CHAIN.replace("REFERENCES a", "REFERENCES a DEFERRABLE INITIALLY DEFERRED")
REFUSES = """
CREATE TABLE t (p text NOT NULL, q text NOT NULL, r text NOT NULL, s text NOT NULL,
    u text NOT NULL, v text NOT NULL, w text NOT NULL, x text NOT NULL, y text NOT NULL,
    z text NOT NULL);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'not on this day'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse();
"""
# Each row has to have a higher number than any before, undone ones included.
REFUSES_AGAIN = """
CREATE SEQUENCE highest MINVALUE 0 START 0;
CREATE FUNCTION rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <= (SELECT last_value FROM highest) THEN RAISE EXCEPTION 'too low'; END IF;
    PERFORM setval('highest', NEW.id);
    RETURN NEW;
END $$;
CREATE TRIGGER rises BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION rises();
"""


@pytest.mark.parametrize("schema", [CHAIN, WAITING], ids=["at once", "deferred"])
def test_rows_that_others_refer_to_are_the_same_for_all_tables(cluster: Cluster, schema: str):
    decisions = decide(cluster, schema, NotNull)
    assert {one.outcome for one in decisions.values()} == {PASSED}
    texts = {
        step.sql
        for one in decisions.values()
        for step in one.evidence
        if step.sql.startswith('INSERT INTO "public"."a"') and '"id"' in step.sql
    }
    assert len(texts) == 1, texts


def test_what_one_property_has_looked_at_at_once_waits_again_for_the_next(cluster: Cluster):
    decisions = decide(cluster, WAITING, ForeignKey)
    late = {name: one.outcome for name, one in decisions.items() if "index" not in name}
    assert {*late.values()} == {PASSED}
    assert decisions["c::c_a_fkey::deferred"].reason == "initially deferred"


def test_a_row_that_is_refused_the_second_time_is_made_anew(cluster: Cluster):
    plain = decide(cluster, CHAIN, NotNull)
    again = decide(cluster, CHAIN + REFUSES_AGAIN, NotNull)
    beside = {name: one.outcome for name, one in again.items() if not name.startswith("a::")}
    assert beside == {n: one.outcome for n, one in plain.items() if not n.startswith("a::")}


def test_a_search_that_found_nothing_is_not_repeated_for_each_property(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
):
    tried = []
    insert = Server.insert

    def counted(server: Server, *arguments: object, **options: object) -> object:
        tried.append(1)
        return insert(server, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Server, "insert", counted)
    decisions = decide(cluster, REFUSES, NotNull)
    assert {one.outcome for one in decisions.values()} == {UNDECIDED}
    assert {
        one.reason for one in decisions.values() if "not on this day" not in one.reason
    } == set()
    assert len(decisions) == 10
    assert len(tried) <= 2 * 80


def test_a_sequence_is_put_back_for_the_next_property(cluster: Cluster):
    schema = "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (START 7 CACHE 5), n int);"
    decisions = decide(cluster, schema, Sequences)
    assert decisions["t::id::steps"].outcome is PASSED
    assert decisions["t::id::steps"].reason == ""


@pytest.mark.parametrize(
    ("expression", "lasts"),
    [
        ("((amount >= (0)::numeric) AND (amount < (9)::numeric(10,2)))", True),
        ("(status = ANY (ARRAY['new'::text, 'done'::text]))", True),
        ("(length(code) > 2)", False),
        ('("Mine".allowed (code))', False),
        ("(day <= CURRENT_DATE)", False),
        ("(owner = CURRENT_USER)", False),
        ("(EXISTS ( SELECT 1 FROM t))", False),
    ],
)
def test_only_an_expression_that_calls_nothing_lasts(expression: str, lasts: bool):
    assert is_lasting([expression]) is lasts


def test_values_are_judged_once_where_that_lasts(cluster: Cluster):
    with cluster.connect("postgres") as connection, connection.transaction(force_rollback=True):
        connection.execute("CREATE TEMPORARY TABLE allowed (most int)")
        connection.execute("INSERT INTO allowed VALUES (5)")
        body = "SELECT a <= most FROM allowed"
        connection.execute(f"CREATE FUNCTION pg_temp.ok(a int) RETURNS boolean RETURN ({body})")
        server = Server(connection)
        rows = [{"a": "1"}, {"a": "7"}]

        def judged(*expressions: str) -> list[object]:
            return list(server.judge({"a": "integer"}, rows, expressions))

        assert judged("(a > 5)") == judged("(a > 5)") == [("f",), ("t",)]
        assert len(server._judged) == 1
        assert judged("pg_temp.ok(a)") == [("t",), ("f",)]
        connection.execute("UPDATE allowed SET most = 9")
        assert judged("pg_temp.ok(a)") == [("t",), ("t",)]
        rows[1]["a"] = "no number"  # an error is none that lasts
        assert judged("(a > 5)") == [("f",), None]
        assert len(server._judged) == 1
