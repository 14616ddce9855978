"""What only rows of their own tell apart: one mutant for each way of making such rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.mutation.judge import by_rule
from harness.mutation.trial import Status
from harness.postgres.cluster import Cluster
from tests.mutation.support import Tried, tried

SCHEMA = """
CREATE TYPE state AS ENUM ('open', 'done');
CREATE DOMAIN plain AS integer;
CREATE DOMAIN bytes AS bytea CONSTRAINT four CHECK (VALUE IS NULL OR octet_length(VALUE) = 4);
CREATE DOMAIN zero AS integer DEFAULT 0;
CREATE TYPE tier AS ENUM ('free', 'pro');
CREATE TABLE people (id integer PRIMARY KEY, boss integer REFERENCES people);
CREATE TABLE staff (
    id integer PRIMARY KEY DEFAULT 0 REFERENCES people, grade integer,
    CONSTRAINT graded CHECK (grade IS NULL OR grade > 0),
    CONSTRAINT divided CHECK (grade IS NULL OR 10 / grade > 0),
    CONSTRAINT listed CHECK (grade IS NULL OR (grade IN (1, 2, 30) AND grade < 31)),
    CONSTRAINT nobody CHECK (grade IS NULL OR NOT grade = ANY ('{}'::integer[]))
);
CREATE TABLE orders (
    id integer PRIMARY KEY, staff integer NOT NULL REFERENCES staff,
    code text NOT NULL CONSTRAINT orders_code UNIQUE DEFERRABLE,
    state state NOT NULL DEFAULT 'open', amount integer NOT NULL DEFAULT 0,
    at timestamptz NOT NULL DEFAULT now(), CONSTRAINT orders_at UNIQUE (staff, at)
);
CREATE TABLE lines (
    orders integer REFERENCES orders ON DELETE CASCADE, needs integer REFERENCES orders,
    CONSTRAINT later CHECK (orders > needs)
);
CREATE TABLE log (orders integer NOT NULL, amount integer NOT NULL);
CREATE TABLE costs (one plain DEFAULT NULL, raw bytes, other zero DEFAULT NULL);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log VALUES (NEW.id, NEW.amount);
    RETURN NEW;
END $$;
CREATE TRIGGER note AFTER UPDATE OF amount ON orders FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER copied AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note();
CREATE FUNCTION fee(tier tier, amount integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF tier = 'pro' AND amount > 1000 THEN
        RETURN amount / 10;
    END IF;
    RETURN 0;
END $$;
CREATE FUNCTION amount_of(who integer) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public AS 'SELECT amount FROM orders WHERE id = who';
CREATE FUNCTION enter(who integer, sum integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fee('pro', sum);
    INSERT INTO log VALUES (who, sum);
END $$;
CREATE FUNCTION locked(n integer) RETURNS boolean LANGUAGE sql
AS 'SELECT n > 0 AND pg_try_advisory_lock(1)';
CREATE FUNCTION both_locked(n integer) RETURNS boolean LANGUAGE sql STABLE
AS 'SELECT locked(n) AND n > 1';
CREATE TABLE sums (id integer PRIMARY KEY, total integer NOT NULL DEFAULT 0);
CREATE TABLE parts (sum integer NOT NULL REFERENCES sums, part integer NOT NULL CHECK (part > 0));
CREATE FUNCTION add_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sums WHERE id = coalesce(NEW.sum, OLD.sum) AND total = (
        SELECT coalesce(sum(part), 0) FROM parts WHERE sum = coalesce(NEW.sum, OLD.sum)
    )) THEN
        RAISE EXCEPTION 'the parts do not add up';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER add_up AFTER INSERT OR DELETE ON parts DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION add_up();
CREATE FUNCTION is_mine(who integer) RETURNS boolean LANGUAGE sql STABLE
AS $$ SELECT who = nullif(current_setting('app.who', true), '')::integer $$;
CREATE VIEW big AS SELECT id FROM orders WHERE amount > 100;
"""


@pytest.fixture(scope="module")
def linked(cluster: Cluster) -> Iterator[Tried]:
    """Tables that refer to each other and to themselves."""
    with tried(cluster, SCHEMA) as found:
        yield found


@pytest.mark.parametrize(
    ("mutant", "check"),
    [
        ("people.boss::unique_added", "alike"),  # two rows that refer to the same one
        ("staff.staff_id_fkey::on_update:set default", "references"),  # the default's target
        ("orders.orders_staff_fkey::on_update:cascade", "references"),  # staff is to be somebody
        ("orders.orders_code::not_deferrable", "unique"),
        ("orders.orders_at::dropped", "unique"),  # now() is another one when it is replayed
        ("state::labels_reversed", "ranges"),
        ("note()::statement_removed:1:INSERT INTO log VALUES (NEW.id, NEW.amou", "effects"),
        ("fee(tier public.tier, amount integer)::relational:7:> to >=", "calls"),
        ("amount_of(who integer)::relational:6:= to >=", "calls"),
        ("amount_of(who integer)::security", "calls"),  # by a role that may not read orders
        ("amount_of(who integer)::setting_dropped", "calls"),
        ("enter(who integer, sum integer)::statement_removed:9:INSERT INTO log", "calls"),
        ("enter(who integer, sum integer)::volatility:STABLE", "calls"),
        ("add_up()::statement_removed", "effects"),  # every row alone is refused
        ("add_up()::function:28:sum to count", "effects"),  # and this one is not, beside others
        ("is_mine(who integer)::relational:2:= to <>", "calls"),  # where a setting says who
        ("big::where_dropped:6", "shown"),
        ("big::security_invoker", "roles"),
    ],
)
def test_a_row_of_its_own_tells_it_apart(linked: Tried, mutant: str, check: str):
    trial = linked.replay.trial(next(m for m in linked.mutants if m.id.startswith(mutant)))
    assert trial.status is Status.KILLED, trial
    assert trial.difference is not None
    assert trial.difference.transcript.check == check


def test_what_no_rollback_undoes_is_not_called(linked: Tried):
    """Not even by a function that only calls another one."""
    called = {one.object for one in linked.replay.transcripts if one.check == "calls"}
    assert {name.partition("(")[0] for name in called} == {"fee", "amount_of", "enter", "is_mine"}
    survived = linked.trials("locked(n integer)", operator="strict")
    assert {one.status for one in survived.values()} == {Status.SURVIVED}


def test_the_volatility_of_what_reads_nothing_is_a_matter_of_speed(linked: Tried):
    ruled = {one.id: by_rule(one) for one in linked.mutants if one.operator == "volatility"}
    fee = ruled["fee(tier public.tier, amount integer)::volatility:VOLATILE"]
    assert fee is not None
    assert fee.status is Status.SPEED
    assert ruled["amount_of(who integer)::volatility:IMMUTABLE"] is None


def test_a_default_of_null_is_needless_unless_the_domain_has_another(linked: Tried):
    plain, zero = linked.trials("costs.one", "costs.other", operator="default dropped").values()
    assert (plain.status, plain.rule) == (Status.EQUIVALENT, "the default is NULL")
    assert zero.status is Status.KILLED


def test_null_that_a_trigger_refuses_too_is_told_by_whose_it_is(linked: Tried):
    trial = linked.trials("orders.amount")["orders.amount::not_null_dropped"]
    assert trial.status is Status.KILLED
    assert trial.difference is not None
    wanted, said = trial.difference.wanted, trial.difference.said
    assert (wanted.sqlstate, wanted.message) == ("23502", "orders")
    assert (said.sqlstate, said.message) == ("23502", "log")


def test_a_null_test_beside_a_comparison_is_needless_unless_that_may_fail(linked: Tried):
    removed = [one for one in linked.mutants if one.operator == "operand removed"]
    ruled = {one.object: by_rule(one) for one in removed if "IS NULL" in one.detail}
    assert (rule := ruled["staff.graded"]) is not None
    assert rule.status is Status.EQUIVALENT
    assert rule.rule == "a comparison is NULL where grade is, and a CHECK lets NULL pass"
    assert ruled["staff.divided"] is None
    assert (rule := ruled["staff.listed"]) is not None
    assert rule.status is Status.EQUIVALENT
    assert ruled["staff.nobody"] is None
    assert (rule := ruled["bytes.four"]) is not None
    assert rule.status is Status.EQUIVALENT
