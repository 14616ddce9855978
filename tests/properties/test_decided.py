"""What was undecided: tables with rules, rows that a parent's trigger makes, extensions' types."""

from __future__ import annotations

import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.schema_model.type import Modifier
from harness.properties.checks import CHECKS
from harness.properties.checks.not_null import NotNull
from harness.properties.checks.unique import Unique
from harness.rowgen.values import sample
from harness.rowgen.values.others import STRATEGIES
from tests.properties.against import against
from tests.properties.support import FAILED, PASSED, decide

RULES = """
CREATE TABLE setting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE, value text NOT NULL DEFAULT '', amount int CHECK (amount > 0)
);
CREATE TABLE log (at timestamptz NOT NULL DEFAULT now(), name text);
"""
NOTHING = (
    "CREATE RULE once AS ON INSERT TO setting"
    " WHERE EXISTS (SELECT FROM setting AS s WHERE s.name = new.name) DO INSTEAD NOTHING;"
)
ALSO = "CREATE RULE noted AS ON INSERT TO setting DO ALSO INSERT INTO log (name) VALUES (new.name);"
UPDATES = (
    "CREATE RULE kept AS ON UPDATE TO setting WHERE new.value = 'forbidden' DO INSTEAD NOTHING;"
)


@pytest.mark.parametrize("rules", [NOTHING, ALSO, UPDATES, NOTHING + ALSO + UPDATES])
def test_tables_with_rules_are_decided(cluster: Cluster, rules: str):
    found = decide(cluster, RULES + rules, *CHECKS)
    of_it = {i: one for i, one in found.items() if i.startswith("setting::")}
    assert len(of_it) > 10
    assert {one.outcome for one in of_it.values()} == {PASSED}, {
        i: one.reason for i, one in of_it.items() if one.outcome is not PASSED
    }


@pytest.mark.parametrize(
    ("rules", "change", "prop"),
    [
        (NOTHING, "ALTER TABLE setting ALTER value DROP NOT NULL", "setting::value::not_null"),
        (ALSO, "ALTER TABLE setting ALTER value DROP NOT NULL", "setting::value::not_null"),
        (
            NOTHING,
            "ALTER TABLE setting DROP CONSTRAINT setting_name_key",
            "setting::setting_name_key::duplicate",
        ),
    ],
)
def test_behind_rules_what_is_broken_fails(cluster: Cluster, rules: str, change: str, prop: str):
    found = against(cluster, RULES + rules, change, NotNull, Unique)[prop]
    assert found.outcome is FAILED, found.reason


ACCOUNT = "CREATE TABLE account (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, login text);"
MADE = """
CREATE FUNCTION make() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO profile (account_id) VALUES (NEW.id); RETURN NULL; END $$;
CREATE TRIGGER make AFTER INSERT ON account FOR EACH ROW EXECUTE FUNCTION make();
"""
PROFILES = [
    # The key itself; a key beside another; a column that is unique, of a uuid.
    ACCOUNT + "CREATE TABLE profile (account_id bigint PRIMARY KEY REFERENCES account"
    " ON DELETE CASCADE, bio text NOT NULL DEFAULT '' CHECK (length(bio) < 100));",
    ACCOUNT + "CREATE TABLE profile (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " account_id bigint NOT NULL UNIQUE REFERENCES account, bio text NOT NULL DEFAULT 'x');"
    "CREATE TABLE photo (profile_id bigint NOT NULL REFERENCES profile, url text NOT NULL);"
    "CREATE INDEX ON photo (profile_id);",
    "CREATE TABLE account (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), login text NOT NULL);"
    "CREATE TABLE profile (account_id uuid NOT NULL REFERENCES account,"
    " bio varchar(20) NOT NULL DEFAULT '');"
    "CREATE UNIQUE INDEX profile_account ON profile (account_id);",
]


@pytest.mark.parametrize("schema", PROFILES)
def test_a_child_that_its_parents_trigger_makes_is_decided(cluster: Cluster, schema: str):
    found = decide(cluster, schema + MADE, *CHECKS)
    reasons = {i: one.reason for i, one in found.items() if one.outcome is not PASSED}
    assert not reasons


@pytest.mark.parametrize("schema", PROFILES)
def test_and_what_is_broken_of_it_fails(cluster: Cluster, schema: str):
    change = "ALTER TABLE profile ALTER bio DROP NOT NULL"
    found = against(cluster, schema + MADE, change, NotNull)["profile::bio::not_null"]
    assert found.outcome is FAILED, found.reason
    assert any("DELETE" in step.sql or "profile" in step.sql for step in found.evidence)


VECTORS = """
CREATE EXTENSION vector;
CREATE TABLE note (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL,
    embedding vector({0}) NOT NULL, h halfvec(4), s sparsevec(5) NOT NULL, many vector(2)[]
);
"""


@pytest.mark.parametrize("size", [1, 8, 1536])
def test_vectors_have_as_many_dimensions_as_they_say(cluster: Cluster, size: int):
    found = decide(cluster, VECTORS.format(size), *CHECKS)
    reasons = {i: one.reason for i, one in found.items() if one.outcome is not PASSED}
    assert not reasons


@pytest.mark.parametrize(
    ("modifier", "prefix"),
    [(-1, ""), (4326 << 8 | 3 << 2, "SRID=4326;POLYGON"), (1 << 2, "POINT"), (6 << 2, "MULTIPOLY")],
)
def test_shapes_are_of_the_kind_and_system_that_the_modifier_says(modifier: int, prefix: str):
    said = Modifier.of("geometry", modifier)
    texts = sample(STRATEGIES["geometry"](said, "UTF8"), 20)
    assert texts
    assert all(text.startswith(prefix) for text in texts)
