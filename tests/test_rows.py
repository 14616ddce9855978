from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.pq import TransactionStatus

from harness.core.errors import ConfigError
from harness.postgres.cluster import Cluster
from harness.postgres.database import build_template
from harness.postgres.schema_model import Schema
from harness.rowgen import Draft, Rows, Unsatisfiable, rows
from tests.support.versions import OLDER, on
from tests.test_relations import SCHEMAS, database

NAMES = ("every_type", "hard", "rare", "rental", "shop", "saas")
NEVER = {
    # Rows that cannot be: the constraint that says so, and whether no value satisfies it.
    "hard.impossible": ("impossible_check", True),
    "hard.contradictory": ("contradictory_n_check", True),
    "hard.unpartitioned": ("partition of hard.unpartitioned", True),
    "hard.swallowed": ("", False),
    "hard.open_checks": ("", False),
}
TODO = sorted((SCHEMAS.parent.parent.parent / "sql" / "migrations").glob("*.up.sql"))


@contextmanager
def source(cluster: Cluster, *statements: str, seed: int = 0) -> Iterator[Rows]:
    with database(cluster, *statements) as connection:
        yield Rows(connection, Schema.read(connection), seed)


def script(name: str) -> str:
    return (SCHEMAS / f"{name}.sql").read_text()


def count(made: Rows, table: str) -> int:
    names = sql.Identifier(*table.split("."))
    query = sql.SQL("SELECT count(*) FROM {}").format(names)
    return int(made.server.ask(query)[0][0] or 0)


def try_all(made: Rows) -> dict[str, tuple[str, bool]]:
    """What is unsatisfiable, of all that can be inserted into; the others get three rows."""
    refused = {}
    for table in made.schema:
        if table.insertable:
            try:
                made.valid(table)
                made.insert(table, 1 if str(table) == "hard.singletons" else 3)
            except Unsatisfiable as found:
                refused[str(found.table)] = (found.constraint, found.constant)
    return refused


@pytest.mark.parametrize("name", NAMES)
def test_rows_for_every_table(cluster: Cluster, name: str) -> None:
    with source(cluster, script(name)) as made:
        expected = {t: r for t, r in NEVER.items() if t.startswith(f"{name}.")}
        assert try_all(made) == expected
        for table in made.schema:
            if table.kind == "ordinary" and str(table) not in expected:
                assert count(made, str(table)) >= 1, table


@pytest.mark.parametrize(
    ("older_cluster", "name"),
    [
        *(on(version, "every_type") for version in OLDER),
        *(on(OLDER[0], name) for name in ("rental", "shop")),
    ],
    indirect=["older_cluster"],
)
def test_rows_on_older_servers(older_cluster: Cluster, name: str) -> None:
    with source(older_cluster, script(name)) as made:
        assert try_all(made) == {}


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "EUC_JP"])
def test_other_encodings(cluster: Cluster, encoding: str) -> None:
    create = sql.SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0")
    name = "harness_test_encoding"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(name))
    with cluster.connect() as maintenance:
        maintenance.execute(drop)
        maintenance.execute(create.format(sql.Identifier(name), sql.Literal(encoding)))
        try:
            with psycopg.connect(cluster.dsn(name)) as connection:
                connection.execute("CREATE TABLE t (a text, b varchar(3) NOT NULL, c json)")
                made = Rows(connection, Schema.read(connection))
                assert made.schema.encoding == encoding
                assert len(made.insert("t", 20)) == 20
                connection.rollback()
        finally:
            maintenance.execute(drop)


def test_the_same_seed_gives_the_same_rows(cluster: Cluster) -> None:
    def values(seed: int) -> list[Any]:
        with source(cluster, script("shop"), seed=seed) as made:
            return [draft.values for t in ("orders", "products") for draft in made.insert(t, 3)]

    first = values(1)
    # Identities go on; nothing else differs.
    assert first == values(1)
    assert first != values(2)


def test_what_a_table_is_called_decides_nothing(cluster: Cluster) -> None:
    """Its rows are the same by another name, and the first two differ in every column."""
    made = (
        "CREATE TABLE {} (a int, b int, c numeric(6, 2), d date, PRIMARY KEY (a, b), CHECK (c > 0))"
    )
    tables = ("notes", '"Order"', "x")
    with source(cluster, *map(made.format, tables)) as one:
        names = [table.name for table in one.schema]
        found = [
            [draft.stored for draft in Rows(one.server.connection, one.schema).insert(name, 20)]
            for name in names
        ]
    assert len(names) == 3
    assert found[0] == found[1] == found[2]
    first, second = found[0][:2]
    assert all(first[column] != second[column] for column in first)
    assert first["a"] != first["b"]  # what mixes them up finds no row


def test_valid_keeps_the_parents_alone(cluster: Cluster) -> None:
    with source(cluster, *(path.read_text() for path in TODO)) as made:
        draft = made.valid("tasks", user_id="alice")
        assert draft.stored["user_id"] == "alice"
        assert draft.stored["completed"] == "f"
        assert [str(parent.table) for parent in draft.parents] == ["public.users"]
        assert (count(made, "public.tasks"), count(made, "public.users")) == (0, 1)
        again = made.valid("tasks", user_id="alice")
        assert count(made, "public.users") == 1
        assert again.parents == draft.parents


def test_given_values_of_python_and_of_text(cluster: Cluster) -> None:
    table = "CREATE TABLE t (n integer, l integer[], j jsonb, b boolean, d bytea, x text)"
    with source(cluster, table) as made:
        (draft,) = made.insert("t", n=3, l=[1, 2], j={"a": None}, b=True, d=b"\x00a", x=None)
        assert draft.stored == {
            "n": "3", "l": "{1,2}", "j": '{"a": null}', "b": "t", "d": "\\x0061", "x": None,
        }  # fmt: skip
        with pytest.raises(ConfigError, match=r"public\.t has no column nn; did you mean n\?"):
            made.valid("t", nn=1)


def test_given_values_that_cannot_be(cluster: Cluster) -> None:
    with source(
        cluster, "CREATE TABLE t (n integer CONSTRAINT small CHECK (n < 5), m text)"
    ) as made:
        with pytest.raises(Unsatisfiable) as refused:
            made.valid("t", n=7)
        found = refused.value
        assert (str(found.table), found.constraint, found.constant) == ("public.t", "small", False)
        assert found.closest["n"] == "7"
        assert "every row was refused by small" in str(found)


def test_shown_as_sql_for_psql(cluster: Cluster) -> None:
    with source(cluster, script("hard")) as made:
        draft = made.valid("hard.assignments")
        text = draft.literal_sql()
    with database(cluster, script("hard")) as connection:
        connection.execute(text)
        found = connection.execute("SELECT count(*) FROM hard.assignments").fetchone()
        assert found == (1,)


def test_drafts_are_inserted_and_changed(cluster: Cluster) -> None:
    with source(cluster, script("rental")) as made:
        draft = made.valid("film")
        changed = draft.replace(title=None)
        with pytest.raises(psycopg.errors.NotNullViolation), made.server.connection.transaction():
            changed.insert(made.server.connection)
        draft.insert(made.server.connection)
        assert count(made, "public.film") == 1
        assert "title" not in draft.without("title").values


def test_distinct_differs_where_it_is_told_to(cluster: Cluster) -> None:
    with source(cluster, script("hard")) as made:
        draft = made.insert("hard.projects")[0]
        other = made.distinct(draft, ["id"])
        assert other.stored["tenant_id"] == draft.stored["tenant_id"]
        assert other.stored["id"] != draft.stored["id"]
        other = made.distinct(draft, ["tenant_id"])
        assert other.stored["tenant_id"] != draft.stored["tenant_id"]
        assert other.stored["id"] == draft.stored["id"]


def test_keys_are_never_exhausted(cluster: Cluster) -> None:
    table = (
        "CREATE TABLE t (code varchar(8) PRIMARY KEY CHECK (code ~ '^[A-Z]{2}[0-9]{3}$'), n int)"
    )
    with source(cluster, table) as made:
        assert len({draft.stored["code"] for draft in made.insert("t", 120)}) == 120


def test_every_value_of_a_small_key_then_no_more(cluster: Cluster) -> None:
    with source(cluster, script("hard")) as made:
        made.insert("hard.flags", 6)
        with pytest.raises(Unsatisfiable) as refused:
            made.insert("hard.flags")
        found = refused.value
        assert found.constraint == "flags_enabled_level_key"
        assert found.refusal is not None
        assert found.refusal.sqlstate == "23505"


def test_refusals_of_the_server_are_told(cluster: Cluster) -> None:
    with source(cluster, script("hard")) as made, pytest.raises(Unsatisfiable) as refused:
        made.valid("hard.open_checks")
    found = refused.value
    assert found.refusal is not None
    assert (found.refusal.sqlstate, found.refusal.column) == ("23502", "grade")
    assert str(found.refusal.table) == "hard.checks"


def test_nothing_is_committed_and_the_transaction_goes_on(cluster: Cluster) -> None:
    with database(cluster, script("rental")) as connection:
        made = Rows(connection, Schema.read(connection))
        made.insert("payment", 2)
        assert connection.info.transaction_status is TransactionStatus.INTRANS
        connection.rollback()
        assert connection.execute("SELECT count(*) FROM payment").fetchone() == (0,)


def test_a_committing_connection_is_refused(cluster: Cluster) -> None:
    with database(cluster, script("rental")) as connection:
        schema = Schema.read(connection)
        connection.rollback()
        connection.autocommit = True
        with pytest.raises(ConfigError, match="begin a transaction first"):
            Rows(connection, schema)
        connection.autocommit = False


def test_the_deferred_constraints_of_the_caller_stay_as_they_are(cluster: Cluster) -> None:
    with source(cluster, script("hard")) as made:
        made.insert("hard.accounts", 2)
        made.server.ask(sql.SQL("UPDATE hard.accounts SET position = 1"))
        with pytest.raises(psycopg.errors.UniqueViolation):
            made.server.ask(sql.SQL("SET CONSTRAINTS ALL IMMEDIATE"))


def test_a_deferrable_circle_ends_as_it_is_declared(cluster: Cluster) -> None:
    with source(cluster, script("hard")) as made:
        assert made.valid("hard.eggs").stored["chicken_id"] is not None
        made.insert("hard.eggs", 2)
        # Of the chickens' key, which is only deferred while there is no egg yet.
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            made.server.ask(sql.SQL("INSERT INTO hard.chickens VALUES (77, 78)"))


def test_rows_in_a_line(cluster: Cluster) -> None:
    with database(cluster, *(path.read_text() for path in TODO)) as connection:
        made = rows(connection, "tasks", 2, user_id="alice")
        assert [draft.stored["user_id"] for draft in made] == ["alice", "alice"]
        assert made[0].stored["id"] != made[1].stored["id"]
        assert rows(connection, "users")[0].stored["id"] != "alice"
        found = connection.execute("SELECT count(*) FROM users").fetchone()
        assert found == (2,)


def test_a_strategy_of_valid_rows(cluster: Cluster) -> None:
    with source(cluster, script("shop")) as made:
        strategy = made.strategy("products", name="thing")
        seen: list[Draft] = []

        @settings(max_examples=30, database=None, deadline=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(st.data())
        def check(data: st.DataObject) -> None:
            draft = data.draw(strategy)
            assert draft.stored["name"] == "thing"
            seen.append(draft)

        check()
        assert len({draft.stored["sku"] for draft in seen}) > 1
        assert count(made, "shop.products") == 0


def test_boundaries_of_a_check(cluster: Cluster) -> None:
    table = "CREATE TABLE t (n integer NOT NULL CONSTRAINT few CHECK (n BETWEEN 3 AND 9 OR n = 20))"
    with source(cluster, table) as made:
        draft, condition = made.valid("t"), made.conditions("t")[0]
        truth = {b.value: b.truth for b in made.boundaries(draft, condition)}
        inside = dict.fromkeys(("3", "4", "8", "9", "20"), True)
        assert inside.items() <= truth.items()
        assert dict.fromkeys(("2", "10", "19", "21"), False).items() <= truth.items()
        broken = made.violation(draft, condition)
        assert broken is not None
        with pytest.raises(psycopg.errors.CheckViolation), made.server.connection.transaction():
            broken.insert(made.server.connection)
        sides = dict(made.disjuncts(draft, condition))
        assert [side and side.values["n"] in inside for side in sides.values()] == [True, True]
        assert sides["n = 20"] is not None
        assert sides["n = 20"].values["n"] == "20"


def test_boundaries_agree_with_the_server(cluster: Cluster) -> None:
    """For each condition of a hard table: what the judge says is what an INSERT says."""
    with source(cluster, script("hard")) as made:
        draft = made.valid("hard.checks")
        for condition in made.conditions("hard.checks"):
            found = made.boundaries(draft, condition)
            assert any(not b.failing for b in found), condition
            assert any(b.failing == (condition.name,) for b in found), condition
            for boundary in found:
                values = boundary.draft.values
                answer = made.server.insert(draft.table, values, keep=False, deferred=False)
                accepted = isinstance(answer, dict)
                if not accepted:
                    assert answer.constraint in boundary.failing, (boundary, answer)
                assert accepted is (not boundary.failing), (boundary, answer)


CIRCLE = """
CREATE TABLE stores (id int PRIMARY KEY, manager_id int NOT NULL);
CREATE TABLE staff (id int PRIMARY KEY, store_id int NOT NULL REFERENCES stores);
ALTER TABLE stores ADD FOREIGN KEY (manager_id) REFERENCES staff;
"""


def test_two_tables_that_need_each_other_have_rows_that_psql_can_insert(cluster):
    template = build_template(cluster, lambda connection: connection.execute(CIRCLE))
    with template.cloned() as database, database.connect() as connection:
        with connection.transaction(force_rollback=True):
            rows = Rows(connection, Schema.read(connection))
            (stored,) = rows.insert("staff", 1)
            found = "SELECT count(*) FROM staff JOIN stores ON store_id = stores.id"
            assert connection.execute(f"{found} AND manager_id = staff.id").fetchone() == (1,)
            text = stored.literal_sql()
        with connection.transaction():
            connection.execute(text)
        role = connection.execute("SHOW session_replication_role").fetchone()
        assert role == ("origin",)
    template.close()
    template.drop()


def test_a_generated_column_is_judged_as_it_is_stored(cluster):
    table = (
        "CREATE TABLE t (n int NOT NULL CHECK (n IN (5, 8)),"
        " half int GENERATED ALWAYS AS (n / 2.0) STORED CHECK (half <> 3))"
    )
    with source(cluster, table) as rows:
        assert rows.valid("t").stored == {"n": "8", "half": "4"}
