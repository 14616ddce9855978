"""What rules leave out of the score: no rows tell it apart, and rules leave out nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.mutation.judge import by_rule
from harness.mutation.mutant import Mutant
from harness.mutation.operators import mutants
from harness.mutation.replay import Replay
from harness.mutation.transcripts.transcript import RecordedStatement
from harness.mutation.trial import Status, Trial
from harness.postgres.cluster import Cluster
from tests.mutation.support import Tried, template_of

TRAPS = """
    CREATE SCHEMA bare;
    GRANT USAGE ON SCHEMA bare TO PUBLIC;
    CREATE DOMAIN share AS integer DEFAULT 7 CHECK (VALUE BETWEEN 0 AND 100);
    CREATE TABLE rooms (
        no integer PRIMARY KEY,
        floor integer,
        part share,
        label text COLLATE "C" DEFAULT NULLIF('x', ''),
        note varchar(3) DEFAULT NULL::varchar(3),
        CONSTRAINT one_floor UNIQUE (floor),
        CONSTRAINT floor_part UNIQUE (floor, part),
        CONSTRAINT same_note UNIQUE NULLS NOT DISTINCT (note)
    );
    CREATE UNIQUE INDEX by_label ON rooms (floor, label);
    CREATE UNIQUE INDEX one_label ON rooms (label COLLATE "default");
    CREATE UNIQUE INDEX label_part ON rooms (label, part);
    CREATE TABLE seen (n integer);
    CREATE FUNCTION write() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO seen VALUES (1); RETURN NEW; END';
    CREATE FUNCTION ask() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.n := known(); RETURN NEW; END';
    CREATE FUNCTION known() RETURNS integer LANGUAGE sql AS 'SELECT count(*) FROM rooms';
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION who() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF pg_has_role(''x'', ''USAGE'') THEN RETURN NEW; END IF; RETURN NULL; END';
    GRANT EXECUTE ON FUNCTION known() TO mutation_reader;
    GRANT SELECT ON seen TO mutation_reader;
    CREATE TABLE days (at integer NOT NULL) PARTITION BY RANGE (at);
    CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (0) TO (100);
"""


def _leaves_the_schema(statement: RecordedStatement) -> bool:
    """Without what is in its way a key is seen; ON CONFLICT needs a key on just its columns."""
    return (
        not statement.sql.lstrip().startswith(("ALTER ", "DROP "))
        and "ON CONFLICT (" not in statement.sql
    )


@pytest.fixture
def rows(every: Tried) -> Tried:
    """With the transcripts of nothing but rows."""
    transcripts = every.replay.transcripts
    chosen = [one for one in transcripts if all(map(_leaves_the_schema, one.statements))]
    assert len(chosen) > len(transcripts) / 2
    return replace(every, replay=replace(every.replay, transcripts=chosen))


def test_no_rows_tell_apart_what_is_left_out(rows: Tried):
    """What a rule calls equivalent, against all transcripts."""
    out = [one for one in rows.mutants if one.same]
    assert len(out) > 8
    found = [_played(rows, mutant) for mutant in out]
    assert {one.mutant.id: one.difference for one in found if one.difference} == {}


def test_what_is_there_twice_is_noticed_as_often_as_the_first(rows: Tried):
    """A redundant mutant does what the dropped object does."""
    first = {one.object: one for one in rows.mutants if one.operator == "dropped"}
    twins = [one for one in rows.mutants if one.twin and not one.same]
    assert len(twins) > 8
    statuses = {name: _played(rows, first[name]).status for name in {one.object for one in twins}}
    for twin in twins:
        assert _played(rows, twin).status is statuses[twin.object], (twin.id, twin.twin)


def test_the_catalog_sees_a_change_of_every_operator(every: Tried):
    """Without transcripts; what the catalog says the same of is left out of the score."""
    some = {(one.kind, one.operator): one for one in every.mutants}
    replay = replace(every.replay, transcripts=[])
    found = [replay.trial(one) for one in some.values()]
    assert [one.mutant.id for one in found if one.status is Status.EQUIVALENT] == []


def _played(rows: Tried, mutant: Mutant) -> Trial:
    return rows.replay.trial(replace(mutant, same="", twin="", speed=False))


def test_what_only_looks_the_same_is_tried(cluster: Cluster, every: Tried):
    """Each has been called equivalent, and a row or an error tells it apart."""
    assert every.declared.roles  # mutation_reader is there
    with template_of(cluster, TRAPS) as (template, declared):
        made = {one.id: one for one in mutants(declared)}
        tried = [
            made["rooms.label::default_dropped"],  # NULLIF is not NULL
            made["rooms.floor_part::nulls:not distinct"],  # what implied it lets NULL pass
            made["rooms.by_label::nulls"],
            made["rooms.label_part::dropped"],  # what implies it has another collation
            made["rooms.same_note::column_added:floor"],  # NULL is equal to NULL there
            made["write()::volatility:STABLE"],  # it could not write
            made["ask()::volatility:STABLE"],  # it would see other rows
        ]
        assert {one.id: by_rule(one) for one in tried if by_rule(one)} == {}
        rules = {one.id: one.same or one.twin for one in made.values()}
        assert rules["rooms.note::default_dropped"] == "the default is NULL"
        assert rules["rooms.floor_part::dropped"] == "one_floor implies it"
        assert rules["rooms.by_label::dropped"] == "one_floor implies it"
        assert rules["rooms.rooms_pkey::column_exchanged:no for floor"] == ""  # it is NOT NULL
        assert rules["keep()::volatility:STABLE"] == "a trigger function without SQL does the same"
        assert rules["keep()::security"] == "it does nothing that asks for a privilege"
        assert rules["write()::security"] == rules["who()::security"] == ""
        assert rules["known()::revoked:EXECUTE from mutation_reader"] == "PUBLIC has it as well"
        assert rules["seen::revoked:SELECT from mutation_reader"] == ""
        assert "public::revoked:USAGE from PUBLIC" in made
        assert "bare::revoked:USAGE from PUBLIC" not in made  # nothing is in it
        with Replay(template, [], 1) as replay:
            for name in ("share.share_check::dropped", "share::default_dropped"):
                assert replay.trial(made[name]).status is Status.SURVIVED
            assert replay.trial(made["days::default_added"]).status is Status.SURVIVED
            nothing = replace(made["rooms.note::not_null_added"], ddl=("SELECT 1",))
            assert replay.trial(nothing).status is Status.EQUIVALENT
