"""Transcripts against mutants: what they notice, and that they notice nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.mutation import gaps, probes
from harness.mutation.mutant import Mutant
from harness.mutation.probes import PROBES
from harness.mutation.transcripts.transcript import MOVING, ServerAnswer, expected, numbered
from harness.mutation.trial import Status, score
from harness.postgres.cluster import Cluster
from tests.mutation.support import Tried, changing_nothing, tried

CIRCLE = """
CREATE TABLE hens (id integer PRIMARY KEY, egg integer NOT NULL);
CREATE TABLE eggs (
    id integer PRIMARY KEY, hen integer NOT NULL REFERENCES hens DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE hens ADD CONSTRAINT hatched FOREIGN KEY (egg) REFERENCES eggs DEFERRABLE;
"""


def test_every_probe_is_on_the_list():
    folder = Path(probes.__file__).parent
    modules = {p.stem for p in folder.glob("[!_]*.py")}
    assert {one.__module__.rpartition(".")[2] for one in PROBES} == modules


def test_nearly_every_constraint_mutant_is_told_apart(every: Tried):
    kinds = ("column", "unique", "primary key", "foreign key", "check", "exclude")
    few = replace(every, mutants=[one for one in every.mutants if one.kind in kinds][::3])
    found = list(few.trials().values())
    survived = [one.mutant.id for one in found if one.status is Status.SURVIVED]
    # No partition takes NULL; a product of what is never NULL; what a trigger fills in.
    alike = {"events.at::not_null_dropped", "orders.total::not_null_added"}
    alike |= {"orders.note::not_null_added"}
    assert {*survived} <= alike
    assert (score(found) or 0) > 90
    equivalent = sum(one.status is Status.EQUIVALENT for one in found)
    assert equivalent < 0.1 * len(found)


@pytest.mark.parametrize(
    ("mutant", "check"),
    [
        ("orders.buyer_id::type_changed:bigint", "ranges"),
        ("orders.price::unique_added", "alike"),
        ("orders.buyer_id::not_null_added", "nulls"),
        ("orders.changed::not_null_dropped", "nulls"),
        ("orders_id_seq::cache:10", "numbers"),
        ("orders_id_seq::maximum:32767", "numbers"),
        ("owners.code::default_changed:constant:0:'abc' to 'mutant'", "defaults"),
        ("orders.enough::not_valid", "validated"),
        ("orders.orders_owner_id_fkey::on_delete:restrict", "references"),
        ("open_orders::where_dropped:36", "shown"),
        ("orders::granted:SELECT to PUBLIC", "roles"),
        ("orders::row_security_enabled", "roles"),
        ("owners.own::using:relational:6:= to <>", "roles"),
        ("owners.own::command:ALL", "roles"),
        ("doubled(n integer)::revoked:EXECUTE from PUBLIC", "rights"),
    ],
)
def test_a_probe_notices_what_nothing_else_does(every: Tried, mutant: str, check: str):
    """With the transcripts of one probe alone; each probe is needed for one of these."""
    chosen = next(one for one in every.mutants if one.id == mutant)
    own = [transcript for transcript in every.replay.transcripts if transcript.check == check]
    replay = replace(every.replay, transcripts=own)
    trial = replay.trial(chosen)
    assert trial.status is Status.KILLED, trial
    assert trial.difference is not None
    assert trial.difference.transcript.check == check


def test_a_test_for_a_gap_compares_booleans_as_such(every: Tried):
    """The protocol says "t", a cast to text says "true"."""
    names = ("orders.enough::not_valid", "doubled(n integer)::revoked:EXECUTE from PUBLIC")
    for mutant in [one for one in every.mutants if one.id in names]:
        trial = every.replay.trial(mutant)
        assert trial.difference is not None
        text = gaps.test(trial)
        query = text.partition("$test$")[2].partition("$test$")[0]
        with every.template.cloned() as database, database.connect() as connection:
            assert connection.execute(query.encode()).fetchall() == [(True,)]
        assert "ARRAY['t'::boolean]" in text


def test_a_mutant_that_cannot_be_made_is_stillborn(every: Tried):
    found = every.trials("orders.quantity", operator="type changed")
    trial = found["orders.quantity::type_changed:smallint"]
    assert trial.status is Status.STILLBORN
    assert trial.rule.startswith("0A000: ")


def test_a_mutant_that_changes_nothing_is_never_noticed(every: Tried):
    """Keys, CHECKs and indexes made anew have other oids: which refuses first may change."""
    same = [
        changing_nothing(one, one.ddl[0], f"ALTER TABLE {one.tables[0]} ADD {one.before}")
        for one in every.mutants
        if one.operator == "dropped"
        and one.kind in ("check", "unique", "exclude")
        and one.tables[0].name in ("orders", "owners")
        and not one.along
        and "has_at" not in one.object
    ]
    assert len(same) > 4
    nothing = changing_nothing(same[0], "SELECT 1")
    found = [every.replay.trial(one) for one in [nothing, *same]]
    assert {one.status for one in found} == {Status.SURVIVED}, found


def test_what_making_an_object_again_changes_is_not_the_mutants_doing(cluster: Cluster):
    """The cascade acts before or after NO ACTION looks, as they were made."""
    schema = """
        CREATE TABLE people (id integer PRIMARY KEY);
        CREATE TABLE pets (
            owner integer NOT NULL REFERENCES people ON DELETE CASCADE,
            vet integer NOT NULL REFERENCES people,
            CHECK (owner = vet)
        );
    """
    with tried(cluster, schema) as found:
        key = next(m for m in found.mutants if m.id == "pets.pets_owner_fkey::not_valid")
        again = changing_nothing(key, *key.control)
        without = found.replay.trial(replace(again, control=()))
        assert found.replay.trial(again).status is Status.SURVIVED
        assert found.replay.trial(key).status is Status.KILLED
        assert without.status is Status.KILLED  # so that there is something to be told apart
        wider = next(m for m in found.mutants if m.id == "pets.owner::type_changed:bigint")
        anew = changing_nothing(wider, *wider.control)
        assert found.replay.trial(anew).status is Status.SURVIVED
        assert found.replay.trial(replace(anew, control=())).status is Status.KILLED


def test_what_a_trigger_has_planned_with_another_type_is_forgotten(every: Tried):
    """PL/pgSQL keeps what it has planned of NEW.buyer_id, and would refuse every later row."""
    replay = replace(every.replay, _unsteady=set())
    changed = next(m for m in every.mutants if m.id == "orders.buyer_id::type_changed:bigint")
    before = replay.trial(replace(changed, ddl=("SELECT 1",), kind="function"))
    trial = replay.trial(changed)
    assert (trial.difference and trial.difference.said.sqlstate) != "42804"
    after = replay.trial(replace(changed, ddl=("SELECT 1",), kind="function"))
    assert before.status is after.status is Status.SURVIVED, after
    assert replay._unsteady == set()


def test_deferred_modes_of_one_transcript_do_not_reach_the_next(cluster: Cluster):
    with tried(cluster, CIRCLE) as found:
        hens = found.declared.schema.table("hens").name
        eggs = found.declared.schema.table("eggs").name
        nothing = Mutant("function", "hens", "nothing", ("SELECT 1",), tables=(hens, eggs))
        trial = found.replay.trial(nothing)
    assert trial.status is Status.SURVIVED, trial.difference


def test_rules_name_themselves(every: Tried):
    found = {
        name: trial
        for table in ("orders.enough", "orders.orders_price", "orders.touch")
        for name, trial in every.trials(table).items()
    }
    rules = {one.mutant.operator: one.rule for one in found.values() if one.rule}
    assert rules["not enforced"] == "what is not enforced is as good as dropped"
    assert found["orders.orders_price::dropped"].status is Status.SPEED
    state = found["orders.touch::state:always"]
    assert (state.status, state.rule) == (
        Status.EQUIVALENT,
        "it fires in every session but a replica's",
    )


def test_a_wider_key_is_implied_by_a_narrower_one(cluster: Cluster):
    schema = "CREATE TABLE t (a int PRIMARY KEY, b int, CONSTRAINT wide UNIQUE (a, b))"
    with tried(cluster, schema) as found:
        trial = found.trials("t.wide")["t.wide::dropped"]
        widened = found.trials("t.t_pkey")["t.t_pkey::column_added:b"]
    assert (trial.status, trial.rule) == (Status.EQUIVALENT, "t_pkey implies it")
    assert widened.status is Status.KILLED


def test_moving_values_are_the_same_where_they_were():
    first = "2026-01-01 00:00:00.123456+00"
    replays = [
        [ServerAnswer("", "", 1, ((f"{first}{n}", f"{first}{n}", "x"),)) for _ in range(2)]
        for n in range(2)
    ]
    answers = numbered(replays, [expected(said) for said in zip(*replays, strict=True)])
    wanted = answers[0]
    assert wanted is not None
    assert wanted.rows == ((f"{MOVING}.0", f"{MOVING}.0", "x"),)
    later = "2027-01-01 00:00:00.123456+00"
    assert not wanted.differs(ServerAnswer("", "", 1, ((later, later, "x"),)), {})
    assert wanted.differs(ServerAnswer("", "", 1, ((later, first, "x"),)), {})
    whole = "2027-01-01 00:00:00+00"
    assert wanted.differs(ServerAnswer("", "", 1, ((whole, whole, "x"),)), {})
