"""Commands that end in what a trigger or rule does elsewhere, or fails to do: in pairs."""

from __future__ import annotations

from harness.postgres.cluster import Cluster
from harness.properties.checks.usable import Usable
from tests.properties.support import FAILED, PASSED, UNDECIDED, decide

LOGS = """
CREATE TABLE log (id serial PRIMARY KEY, what text NOT NULL CHECK (what IN ('insert', 'update')));
CREATE TABLE counted (id int PRIMARY KEY, left_over int NOT NULL CHECK (left_over >= 0));
CREATE FUNCTION plain() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO log (what) VALUES (TG_OP); RETURN NEW; END $$;
CREATE FUNCTION lowered() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO log (what) VALUES (lower(TG_OP)); RETURN NEW; END $$;
CREATE FUNCTION taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO counted (id, left_over) VALUES (NEW.id, NEW.n); RETURN NEW; END $$;
CREATE TABLE broken (id int PRIMARY KEY, a text);
CREATE TRIGGER logged AFTER INSERT OR UPDATE ON broken FOR EACH ROW EXECUTE FUNCTION plain();
CREATE TABLE ruled (id int PRIMARY KEY, a text);
CREATE RULE logged AS ON INSERT TO ruled DO ALSO INSERT INTO log (what) VALUES ('INSERT');
CREATE TABLE branched (id int PRIMARY KEY, a boolean NOT NULL);
CREATE TRIGGER logged AFTER INSERT ON branched FOR EACH ROW WHEN (NEW.a)
    EXECUTE FUNCTION plain();
CREATE TABLE whole (id int PRIMARY KEY, a text);
CREATE TRIGGER logged AFTER INSERT OR UPDATE ON whole FOR EACH ROW EXECUTE FUNCTION lowered();
CREATE RULE logged AS ON DELETE TO whole DO ALSO INSERT INTO log (what) VALUES ('update');
CREATE TABLE drawn (id int PRIMARY KEY, n int NOT NULL);
CREATE TRIGGER taken AFTER INSERT ON drawn FOR EACH ROW EXECUTE FUNCTION taken();
"""
VIEWS = """
CREATE TABLE t (id int PRIMARY KEY, a text);
CREATE TABLE u (id int PRIMARY KEY REFERENCES t, b text);
CREATE FUNCTION by_new() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN DELETE FROM t WHERE id = NEW.id; RETURN NEW; END $$;
CREATE FUNCTION by_new_too() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN DELETE FROM u WHERE id = NEW.id; RETURN OLD; END $$;
CREATE FUNCTION by_old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN -- not NEW.id
    IF TG_OP = 'DELETE' THEN DELETE FROM u WHERE id = OLD.id; DELETE FROM t WHERE id = OLD.id;
        RETURN OLD; END IF;
    INSERT INTO t VALUES (NEW.id, NEW.a); RETURN NEW; END $$;
CREATE VIEW broken AS SELECT id, a FROM t;
CREATE VIEW joined AS SELECT t.id, a, b FROM t JOIN u USING (id);
CREATE VIEW whole AS SELECT id, a FROM t;
CREATE TRIGGER d INSTEAD OF DELETE ON broken FOR EACH ROW EXECUTE FUNCTION by_new();
CREATE TRIGGER d INSTEAD OF DELETE ON joined FOR EACH ROW EXECUTE FUNCTION by_new_too();
CREATE TRIGGER d INSTEAD OF INSERT OR DELETE ON whole FOR EACH ROW EXECUTE FUNCTION by_old();
"""

SHOWN = """
CREATE TABLE t (id serial PRIMARY KEY, a text NOT NULL, b text, at timestamptz DEFAULT now());
CREATE VIEW lost AS SELECT id, a, b, at FROM t;
CREATE VIEW whole AS SELECT id, a, b, at FROM t;
CREATE VIEW refusing AS SELECT id, a, b, at FROM t;
CREATE FUNCTION part() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN INSERT INTO t (a) VALUES (NEW.a) RETURNING id INTO NEW.id;
    ELSE UPDATE t SET a = NEW.a WHERE id = OLD.id; END IF; RETURN NEW; END $$;
CREATE FUNCTION both_of() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN INSERT INTO t (a, b) VALUES (NEW.a, lower(NEW.b));
    ELSE UPDATE t SET a = NEW.a, b = NEW.b WHERE id = OLD.id; END IF; RETURN NEW; END $$;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.b IS DISTINCT FROM OLD.b THEN RAISE 'b is read-only'; END IF;
    UPDATE t SET a = NEW.a WHERE id = OLD.id; RETURN NEW; END $$;
CREATE TRIGGER x INSTEAD OF INSERT OR UPDATE ON lost FOR EACH ROW EXECUTE FUNCTION part();
CREATE TRIGGER x INSTEAD OF INSERT OR UPDATE ON whole FOR EACH ROW EXECUTE FUNCTION both_of();
CREATE TRIGGER x INSTEAD OF UPDATE ON refusing FOR EACH ROW EXECUTE FUNCTION refuse();
"""
RULED = """
CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL, b text);
CREATE VIEW lost AS SELECT id, a FROM t;
CREATE VIEW whole AS SELECT id, a FROM t;
CREATE RULE x AS ON INSERT TO lost DO INSTEAD INSERT INTO t (id, b) VALUES (NEW.id, NEW.a);
CREATE RULE x AS ON INSERT TO whole DO INSTEAD INSERT INTO t (id, a) VALUES (NEW.id, NEW.a);
"""
MATERIALIZED = """
CREATE TABLE t (id serial PRIMARY KEY, a text NOT NULL, n int NOT NULL);
CREATE FUNCTION by_path(x text) RETURNS bigint LANGUAGE plpgsql STABLE AS
    $$ BEGIN RETURN (SELECT sum(n) FROM t WHERE a = x); END $$;
CREATE FUNCTION by_name(x text) RETURNS bigint LANGUAGE plpgsql STABLE AS
    $$ BEGIN RETURN (SELECT sum(n) FROM public.t WHERE a = x); END $$;
CREATE VIEW grouped AS SELECT a, count(*) AS n FROM t GROUP BY a;
CREATE MATERIALIZED VIEW named AS SELECT a, by_path(a) FROM t;
CREATE MATERIALIZED VIEW divided AS SELECT a, 100 / (n - n) FROM grouped;
CREATE MATERIALIZED VIEW whole AS SELECT a, by_name(a) AS n, 100 / g.n AS share
    FROM t JOIN grouped AS g USING (a);
CREATE UNIQUE INDEX ON whole (a);
CREATE MATERIALIZED VIEW drawn AS SELECT sum(n) AS n FROM whole;
CREATE MATERIALIZED VIEW keyed AS SELECT 1 AS one FROM t CROSS JOIN generate_series(1, 2);
CREATE UNIQUE INDEX ON keyed (one);
CREATE MATERIALIZED VIEW empty AS SELECT a FROM t WHERE false;
"""

PARTLY = """
CREATE ROLE usable_web;
CREATE TABLE t (
    id serial PRIMARY KEY, a text NOT NULL, live boolean NOT NULL DEFAULT false,
    stage text NOT NULL CHECK (stage IN ('new', 'won')) DEFAULT 'new'
);
CREATE TABLE u (id serial PRIMARY KEY, a text, stage text NOT NULL CHECK (stage IN ('a', 'b')));
CREATE VIEW broken AS SELECT id, a FROM t WHERE live WITH CHECK OPTION;
CREATE VIEW whole AS SELECT id, a FROM t WHERE NOT live WITH CHECK OPTION;
CREATE VIEW passing AS SELECT id, a FROM t WHERE live;
CREATE VIEW part AS SELECT id, a FROM u WHERE stage = 'a';
CREATE VIEW never AS SELECT id, a FROM u WHERE stage = 'c';
GRANT INSERT ON broken, whole TO usable_web;
GRANT USAGE ON SEQUENCE t_id_seq TO usable_web;
"""


def failed(cluster: Cluster, schema: str) -> set[str]:
    found = decide(cluster, schema, Usable)
    wrong = {
        name: one.reason
        for name, one in found.items()
        if one.outcome is not PASSED and one.prop.table.name in ("whole", "drawn", "t", "u", "log")
    }
    assert not wrong
    return {name for name, one in found.items() if one.outcome is FAILED}


def test_a_constant_that_another_tables_check_refuses_fails_whatever_the_row(cluster: Cluster):
    insert = {f"{name}::owner::insert" for name in ("broken", "ruled", "branched")}
    assert failed(cluster, LOGS) == insert | {"broken::owner::update"}


def test_a_delete_through_a_view_that_deletes_nothing_fails(cluster: Cluster):
    assert failed(cluster, VIEWS) == {"broken::owner::delete", "joined::owner::delete"}


def test_a_value_that_a_view_takes_and_stores_nowhere_fails(cluster: Cluster):
    assert failed(cluster, SHOWN) == {"lost::owner::insert", "lost::owner::update"}


def test_a_rule_that_leaves_out_a_column_fails_and_one_that_gives_no_row_back_does_not(
    cluster: Cluster,
):
    assert failed(cluster, RULED) == {"lost::owner::insert"}


def test_a_materialized_view_is_refreshed_with_rows_in_what_it_reads(cluster: Cluster):
    found = decide(cluster, MATERIALIZED, Usable)
    said = {n.split("::")[0]: d.outcome.value for n, d in found.items() if n.endswith("refresh")}
    assert said == {
        "named": "failed",
        "divided": "failed",
        "whole": "passed",
        "drawn": "passed",
        "keyed": "undecided",
        "empty": "undecided",
    }
    assert "42P01" in found["named::owner::refresh"].reason


def test_what_a_view_does_not_show_is_told(cluster: Cluster):
    try:
        found = decide(cluster, PARTLY, Usable)
    finally:
        with cluster.connect("postgres") as connection:
            connection.execute("DROP ROLE usable_web")
    said = {n: one.reason for n, one in found.items() if n.endswith("::insert")}
    assert [n for n, one in found.items() if one.outcome is FAILED] == [
        "broken::usable_web::insert"
    ]
    assert found["broken::owner::insert"].outcome is UNDECIDED  # it may be there to be read
    assert found["whole::usable_web::insert"].outcome is PASSED
    assert "the view does not show it" in said["passing::owner::insert"]
    assert "23502" in said["part::owner::insert"]
    assert "in public.u" in found["never::owner::select"].reason
