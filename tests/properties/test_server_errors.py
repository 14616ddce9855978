"""What an error of each version of PostgreSQL says of the schema: SQLSTATE and `diag` tell."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.database import Template, build_template
from harness.properties.server_errors import Meaning, is_broken, meaning
from harness.properties.statement_result import Answer
from harness.rowgen.draft import Refusal

ROLE = "errors_app"
SCHEMA = f"""
CREATE ROLE {ROLE};
CREATE TABLE t (id int PRIMARY KEY, a int, b text CHECK (b <> 'x'));
CREATE TABLE secret (x int, y varchar(1), z int NOT NULL DEFAULT 1);
CREATE TABLE guarded (id int);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON guarded USING (true) WITH CHECK (id < 5);
CREATE TABLE circular (id int);
ALTER TABLE circular ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON circular USING (id IN (SELECT c.id FROM circular AS c));
CREATE SEQUENCE numbers;
CREATE TABLE numbered (id int DEFAULT nextval('numbers'));
CREATE TABLE computed (a int, b int GENERATED ALWAYS AS (a) STORED);
CREATE TABLE wide (a text); CREATE INDEX ON wide (a);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE VIEW small AS SELECT * FROM t WHERE a < 5 WITH CHECK OPTION;
GRANT ALL ON t, guarded, circular, numbered TO {ROLE};
"""
INSERT = "INSERT INTO t VALUES (1, 1, 'b')"


def body(text: str, declare: str = "") -> str:
    """A trigger on INSERT of t."""
    return (
        f"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" DECLARE {declare} BEGIN {text} RETURN NEW; END $$;"
        "CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();"
    )


RULE, BROKEN, FOR_ROW = Meaning.RULE, Meaning.BROKEN, Meaning.BROKEN_FOR_ROW
VALUES, OTHER = Meaning.VALUES, Meaning.OTHER
CASES = [
    # What the schema says itself.
    (body("RAISE EXCEPTION 'no';"), INSERT, "P0001", RULE),
    (body("RAISE EXCEPTION SQLSTATE '42P01';"), INSERT, "42P01", RULE),
    (body("RAISE insufficient_privilege;"), INSERT, "42501", RULE),
    (body("RAISE no_data_found;"), INSERT, "P0002", RULE),
    (body("ASSERT false;"), INSERT, "P0004", RULE),
    (body("NEW.b := 'x';"), INSERT, "23514", RULE),
    (body("v := -1;", "v positive;"), INSERT, "23514", RULE),
    (body("INSERT INTO secret VALUES (1, 'a', NULL);"), INSERT, "23502", RULE),
    ("", "INSERT INTO small VALUES (1, 7, 'b')", "44000", RULE),
    (f"SET ROLE {ROLE}", "INSERT INTO guarded VALUES (9)", "42501", RULE),
    # What PostgreSQL cannot carry out.
    (body("NEW.gone := 1;"), INSERT, "42703", BROKEN),
    (body("r := NEW; r.gone := 1;", "r record;"), INSERT, "42703", BROKEN),
    (body("INSERT INTO gone VALUES (1);"), INSERT, "42P01", BROKEN),
    (body("PERFORM gone();"), INSERT, "42883", BROKEN),
    (body("PERFORM 1 FROM t WHERE id = 1;", "id int;"), INSERT, "42702", BROKEN),
    (body("CREATE TABLE gone.x ();"), INSERT, "3F000", BROKEN),
    (body("EXECUTE 'INSER INTO t';"), INSERT, "42601", BROKEN),
    (body("INSERT INTO secret VALUES (1) ON CONFLICT (x) DO NOTHING;"), INSERT, "42P10", BROKEN),
    (body("COMMIT;"), INSERT, "2D000", BROKEN),
    (f"SET ROLE {ROLE}", "SELECT * FROM circular", "42P17", BROKEN),
    (body("INSERT INTO secret VALUES (1);") + f"SET ROLE {ROLE}", INSERT, "42501", BROKEN),
    # The same of a row.
    (body("NEW.a := r.a;", "r record;"), INSERT, "55000", FOR_ROW),
    (body("NEW.a := (SELECT generate_series(1, 2));"), INSERT, "21000", FOR_ROW),
    (body("SELECT 1 INTO STRICT NEW.a FROM generate_series(1, 2);"), INSERT, "P0003", FOR_ROW),
    (body("CASE NEW.a WHEN 7 THEN NULL; END CASE;"), INSERT, "20000", FOR_ROW),
    (body("INSERT INTO t VALUES (NEW.id + 1);"), INSERT, "54001", FOR_ROW),
    # What another row may do away with.
    (body("SELECT 1 INTO STRICT NEW.a FROM t;"), INSERT, "P0002", VALUES),
    (body("NEW.a := NEW.b::int;"), INSERT, "22P02", VALUES),
    (body("NEW.a := 1 / (NEW.a - 1);"), INSERT, "22012", VALUES),
    (body("INSERT INTO secret VALUES (1, 'abc');"), INSERT, "22001", VALUES),
    (body("INSERT INTO computed VALUES (1, 2);"), INSERT, "428C9", VALUES),
    (body("PERFORM currval('numbers');"), INSERT, "55000", VALUES),
    (
        "",
        "INSERT INTO wide SELECT string_agg(md5(x::text), '') FROM generate_series(1, 1000) AS x",
        "54000",
        VALUES,
    ),
    (body("INSERT INTO guarded VALUES (9);") + f"SET ROLE {ROLE}", INSERT, "42501", VALUES),
    # What says nothing of the schema.
    (body("PERFORM current_setting('app.user');"), INSERT, "42704", OTHER),
    ("", "SELECT * FROM gone", "42P01", OTHER),
    ("", "INSER INTO t", "42601", OTHER),
    (f"REVOKE ALL ON t FROM {ROLE}; SET ROLE {ROLE}", INSERT, "42501", OTHER),
    ("SET statement_timeout = '10ms'", "SELECT pg_sleep(1)", "57014", OTHER),
    (body("PERFORM pg_sleep(1);") + "SET statement_timeout = '10ms'", INSERT, "57014", OTHER),
]


@pytest.fixture
def template(each_cluster: Cluster) -> Iterator[Template]:
    def build(connection: psycopg.Connection) -> None:
        connection.execute(SCHEMA.encode())

    made = build_template(each_cluster, build)
    yield made
    made.close()
    made.drop()
    with each_cluster.connect("postgres") as connection:
        connection.execute(f"DROP ROLE {ROLE}")


def error(connection: psycopg.Connection, setup: str, statement: str) -> psycopg.Error:
    connection.execute("BEGIN")
    try:
        connection.execute(setup.encode()) if setup else None
        with pytest.raises(psycopg.Error) as raised:
            connection.execute(statement.encode())
        return raised.value
    finally:
        connection.execute("ROLLBACK")


def test_each_error_says_what_it_means(template: Template):
    wrong = []
    with template.cloned() as database, database.connect() as connection:
        for setup, statement, state, expected in CASES:
            raised = error(connection, setup, statement)
            found = {meaning(Answer.refusal(raised)), meaning(Refusal.of(raised))}
            if raised.sqlstate != state or found != {expected}:
                wrong.append(
                    (setup, statement, raised.sqlstate, raised.diag.source_function, found)
                )
    assert not wrong


def test_what_a_grant_needs_behind_the_table_is_broken(template: Template):
    with template.cloned() as database, database.connect() as connection:
        numbers = Answer.refusal(
            error(connection, f"SET ROLE {ROLE}", "INSERT INTO numbered DEFAULT VALUES")
        )
        hidden = "REVOKE USAGE ON SCHEMA public FROM PUBLIC;"
        schema = Answer.refusal(
            error(connection, f"{hidden} SET ROLE {ROLE}", "SELECT * FROM public.t")
        )
    # PostgreSQL 14 gives PUBLIC what 15 does not: the schema's own right is the same.
    for answer in (numbers, schema):
        assert meaning(answer) is OTHER
        assert is_broken(answer, granted=True)


def test_a_row_that_others_refuse_need_not_go_through() -> None:
    case = Answer(
        sqlstate="20000", message="case not found", function="exec_stmt_case", inside=True
    )
    assert is_broken(case)
    assert not is_broken(case, valid_row=False)
    gone = Answer(sqlstate="42P01", function="parserOpenTable", inside=True)
    assert is_broken(gone, valid_row=False)
