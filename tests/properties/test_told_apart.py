"""What a property is told from: keys of other columns, foreign keys of other actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from harness.postgres.cluster import Cluster
from harness.properties.base import Decision, PropertyCheck
from harness.properties.checks.foreign_key import ForeignKey
from harness.properties.checks.unique import Unique
from tests.properties.against import against
from tests.properties.support import FAILED, PASSED

Kept = Callable[[str, type[PropertyCheck]], dict[str, Decision]]


@pytest.fixture(scope="module")
def kept(cluster: Cluster) -> Kept:
    """``kept(schema, check)``: what is decided where nothing is changed, once for all tests."""

    @cache
    def decided(schema: str, check: type[PropertyCheck]) -> dict[str, Decision]:
        return against(cluster, schema, "SELECT 1", check)

    return decided


READING = """
CREATE TABLE reading (
    station int, month int, celsius int NOT NULL, note text,
    CONSTRAINT reading_pkey PRIMARY KEY (station, month)
);
"""
# Outside the key: a reference, a default, a CHECK that leaves one value.
MEMBER = """
CREATE TABLE team (id int PRIMARY KEY);
CREATE TABLE member (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    team_id int NOT NULL REFERENCES team,
    email text NOT NULL,
    role text NOT NULL DEFAULT 'reader' CHECK (role IN ('reader', 'writer')),
    version int NOT NULL CHECK (version = 1),
    CONSTRAINT member_email UNIQUE (email)
);
"""
PARTIAL = """
CREATE TABLE address (
    id int PRIMARY KEY, person int NOT NULL, kind text NOT NULL, main boolean NOT NULL
);
CREATE UNIQUE INDEX address_main ON address (person) WHERE main;
"""


@pytest.mark.parametrize(
    ("schema", "prop", "drop", "wider"),
    [
        (
            READING,
            "reading::reading_pkey::duplicate",
            "ALTER TABLE reading DROP CONSTRAINT reading_pkey;",
            "ALTER TABLE reading ADD CONSTRAINT reading_pkey PRIMARY KEY (station, month, celsius)",
        ),
        (
            READING,
            "reading::reading_pkey::duplicate",
            "ALTER TABLE reading DROP CONSTRAINT reading_pkey;",
            "CREATE UNIQUE INDEX reading_pkey ON reading (station, month, note)",
        ),
        (
            MEMBER,
            "member::member_email::duplicate",
            "ALTER TABLE member DROP CONSTRAINT member_email;",
            "ALTER TABLE member ADD CONSTRAINT member_email UNIQUE (team_id, email)",
        ),
        (
            MEMBER,
            "member::member_email::duplicate",
            "ALTER TABLE member DROP CONSTRAINT member_email;",
            "ALTER TABLE member ADD CONSTRAINT member_email UNIQUE (email, role)",
        ),
        (
            PARTIAL,
            "address::address_main::duplicate",
            "DROP INDEX address_main;",
            "CREATE UNIQUE INDEX address_main ON address (person, kind) WHERE main",
        ),
    ],
)
def test_a_wider_key_is_not_the_one_that_is_declared(
    cluster: Cluster, kept: Kept, schema: str, prop: str, drop: str, wider: str
):
    assert kept(schema, Unique)[prop].outcome is PASSED
    found = against(cluster, schema, drop + wider, Unique)[prop]
    assert found.outcome is FAILED, found.reason
    assert "is accepted" in found.reason


STATION = """
CREATE TABLE station (id int PRIMARY KEY);
CREATE TABLE reading (
    station_id int CONSTRAINT reading_station REFERENCES station (id) {action},
    month int, PRIMARY KEY (month)
);
CREATE INDEX ON reading (station_id);
"""
KEY = """
ALTER TABLE reading DROP CONSTRAINT reading_station;
ALTER TABLE reading ADD CONSTRAINT reading_station FOREIGN KEY (station_id) REFERENCES station (id)
"""
EVERYTHING = {"orphan", "orphan_update", "on_delete", "on_update"}
DEFERRED = "DEFERRABLE INITIALLY DEFERRED"
NOT_NULL = "ALTER TABLE reading ALTER station_id SET NOT NULL;"


@pytest.mark.parametrize(
    ("declared", "real", "failing"),
    [
        ("", NOT_NULL + KEY + "ON DELETE SET NULL ON UPDATE SET NULL", {"on_delete", "on_update"}),
        ("", KEY + "ON DELETE CASCADE", {"on_delete"}),
        ("", KEY + DEFERRED, EVERYTHING),
        (DEFERRED, KEY + "DEFERRABLE", EVERYTHING),
        (
            "ON DELETE RESTRICT",
            KEY + DEFERRED,
            {"orphan", "orphan_update", "on_delete", "on_update"},
        ),
        (DEFERRED, KEY + "ON DELETE RESTRICT " + DEFERRED, {"on_delete"}),
    ],
)
def test_a_foreign_key_that_answers_otherwise_or_at_another_moment(
    cluster: Cluster, kept: Kept, declared: str, real: str, failing: set[str]
):
    schema = STATION.format(action=declared)
    assert {one.outcome for one in kept(schema, ForeignKey).values()} == {PASSED}
    found = against(cluster, schema, real, ForeignKey)
    failed = {i.rpartition("::")[2] for i, one in found.items() if one.outcome is FAILED}
    assert failed - {"deferred"} == failing, {i: d.reason for i, d in found.items()}


def test_restrict_has_a_sqlstate_of_its_own_from_version_18(each_cluster: Cluster):
    actions = "ON DELETE RESTRICT ON UPDATE RESTRICT"
    for declared, real in (("", actions), (actions, "")):
        schema = STATION.format(action=declared)
        kept = against(each_cluster, schema, "SELECT 1", ForeignKey)
        assert {one.outcome for one in kept.values()} == {PASSED}
        found = against(each_cluster, schema, KEY + real, ForeignKey)
        with each_cluster.connect() as connection:
            own = connection.info.server_version >= 180000
        outcome = FAILED if own else PASSED  # before, only a key that is deferred tells
        for aspect in ("on_delete", "on_update"):
            assert found[f"reading::reading_station::{aspect}"].outcome is outcome
