"""Operators: which mutants they make, and that PostgreSQL takes them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from harness.mutation import operators
from harness.mutation.bodies import body_changes
from harness.mutation.expressions import changes
from harness.mutation.mutant import quoted
from harness.mutation.operators import OPERATORS, mutants
from harness.postgres.cluster import Cluster
from harness.properties.statement_result import send
from tests.mutation.support import SCHEMA, Tried, template_of


def test_every_module_is_on_the_list():
    folder = Path(operators.__file__).parent
    modules = {p.stem for p in folder.glob("*.py")} - {"__init__", "base"}
    assert {one.__module__.rpartition(".")[2] for one in OPERATORS} == modules


def test_every_operator_has_mutants_and_each_has_an_id_of_its_own(every: Tried):
    found = Counter(one.kind for one in every.mutants)
    kinds = {one.kind for one in OPERATORS} - {"key"} | {"unique", "primary key"}
    assert kinds == set(found)
    assert len({one.id for one in every.mutants}) == len(every.mutants)
    assert all(one.diff for one in every.mutants)


def test_what_is_made_of_a_key_a_check_and_a_foreign_key(every: Tried):
    made = {one.id for one in every.mutants}
    assert {name for name in made if name.startswith("orders.enough::")} == {
        "orders.enough::dropped",
        "orders.enough::relational:2:> to >=",
        "orders.enough::relational:2:> to <",
        "orders.enough::relational:2:> to <>",
        "orders.enough::constant:3:0 to 1",
        "orders.enough::not_valid",
        "orders.enough::not_enforced",
    }
    assert {
        "orders.orders_owner_id_note_key::column_removed:note",
        "orders.orders_owner_id_note_key::column_added:price",
        "orders.orders_owner_id_note_key::column_exchanged:note for price",
        "orders.orders_owner_id_note_key::nulls:not distinct",
        "orders.orders_owner_id_fkey::column_exchanged:owner_id for buyer_id",
        "orders.orders_owner_id_fkey::on_delete:set null",
        "orders.orders_owner_id_fkey::deferred",
    } <= made


def test_a_policy_that_is_true_for_everybody_is_not_made_so(every: Tried):
    policy = replace(every.declared.policies[0], command="ALL", using="true", check="true")
    made = mutants(replace(every.declared, policies=(policy,)))
    found = {(m.operator, m.detail) for m in made if m.kind == "policy"}
    assert ("dropped", "") in found
    assert not found & {("using", "true"), ("check", "true"), ("check dropped", "")}


def test_dropping_a_key_says_which_foreign_keys_go_along(every: Tried):
    dropped = next(one for one in every.mutants if one.id == "owners.owners_pkey::dropped")
    assert {name.partition(" CONSTRAINT ")[2] for name in dropped.along} == {
        "orders_owner_id_fkey",
        "orders_buyer_id_fkey",
    }
    assert "orders_buyer_id_fkey" in dropped.diff


@pytest.mark.versions
def test_the_server_takes_nearly_all_of_them(each_cluster: Cluster):
    """A view, a policy, a trigger or an enum's CHECK in the way is built anew."""
    with each_cluster.connect() as maintenance:
        maintenance.execute("CREATE ROLE versions_reader")
    schema = SCHEMA.replace("mutation_reader", "versions_reader")
    try:
        with template_of(each_cluster, schema) as (template, declared):
            refused = {}
            with template.cloned() as database, database.connect() as connection:
                for mutant in mutants(declared):
                    send(connection, "BEGIN")
                    answers = [send(connection, statement) for statement in mutant.ddl]
                    send(connection, "ROLLBACK")
                    if not all(answers):
                        refused[mutant.id] = next(str(one) for one in answers if not one)
    finally:
        with each_cluster.connect() as maintenance:
            maintenance.execute("DROP ROLE versions_reader")
    reasons = {text[:5] for text in refused.values()}
    # A generated column or a partition key holds its columns' types; labels are defaults.
    assert reasons <= {"0A000", "42601", "42P16", "22P02", "42809"}, refused
    assert len(refused) < 12, refused


def test_what_takes_something_along_or_makes_a_column_not_null_is_not_equivalent(
    cluster: Cluster,
):
    schema = """
        CREATE TABLE a (
            b int PRIMARY KEY, c int, d int NOT NULL, e int NOT NULL UNIQUE
        );
        ALTER TABLE a ADD UNIQUE (b);
        CREATE TABLE f (e int REFERENCES a (e));
    """
    with template_of(cluster, schema) as (_, declared):
        same = {one.id: one.same for one in mutants(declared) if one.object.startswith("a.")}
    assert same["a.a_pkey::column_added:c"] == ""
    assert same["a.a_pkey::column_added:d"] != ""
    assert same["a.a_e_key::nulls:not distinct"] == ""
    assert same["a.a_b_key::nulls:not distinct"] != ""


def test_an_expression_is_changed_in_one_place_at_a_time():
    found = {f"{one.operator} {one.detail}": one.text for one in changes("a >= 5 AND b IS NULL")}
    assert found == {
        "relational 1:>= to >": "a > 5 AND b IS NULL",
        "relational 1:>= to <=": "a <= 5 AND b IS NULL",
        "relational 1:>= to =": "a = 5 AND b IS NULL",
        "constant 2:5 to 6": "a >= 6 AND b IS NULL",
        "constant 2:5 to 4": "a >= 4 AND b IS NULL",
        "logical 3:AND to OR": "a >= 5 OR b IS NULL",
        "null test 5:IS to IS NOT": "a >= 5 AND b IS NOT NULL",
        "operand removed 0.0:a >= 5": "(b IS NULL)",
        "operand removed 0.1:b IS NULL": "(a >= 5)",
    }


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x = ANY (ARRAY['a'::text, 'b'::text])", "x = ANY (ARRAY['a'::text])"),
        ("x = ANY (ARRAY['a'::text, 'b'::text])", "x = ANY (ARRAY['b'::text])"),
        ("d > '2020-01-31'::date", "d > '2020-01-30'::date"),
        ("t < '18 years'::interval", "t < '19 years'::interval"),
        ("a BETWEEN 1 AND 2 AND c", "a BETWEEN 1 AND 2 OR c"),
        ("x ~ '^a'", "x !~ '^a'"),
    ],
)
def test_a_change_that_is_made(text: str, wanted: str):
    assert wanted in {one.text for one in changes(text)}


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("a BETWEEN 1 AND 2", "a BETWEEN 1 OR 2"),
        ("a::numeric(10,2) > b", "a::numeric(11,2) > b"),
        ("nextval('s'::regclass)", "nextval('mutant'::regclass)"),
        ("current_setting('app.user') = -1", "current_setting('app.user') = +1"),
    ],
)
def test_a_change_that_would_be_none_or_no_sql(text: str, never: str):
    assert never not in {one.text for one in changes(text)}


def test_a_body_loses_statements_conditions_and_handlers():
    body = "DECLARE n int := 1; BEGIN IF a THEN b := 2; END IF; RETURN NEW; EXCEPTION"
    body += " WHEN others THEN RAISE; END;"
    found = {one.text for one in body_changes(body)}
    assert body.replace("b := 2;", "NULL;") in found
    assert body.replace("IF a ", "IF NOT (a) ") in found
    assert body.replace("RETURN NEW;", "RETURN NULL;") in found
    assert body.replace("EXCEPTION WHEN others THEN RAISE; ", "") in found
    assert not any("n int := 2" in text for text in found)


def test_names_are_quoted_where_they_have_to_be():
    assert quoted("public", "orders") == "public.orders"
    assert quoted("Order", 'a"b', "user") == '"Order"."a""b"."user"'
