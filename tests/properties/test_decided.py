"""What was undecided: tables with rules, rows that a parent's trigger makes, extensions' types."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.postgres.cluster import Cluster
from harness.postgres.schema_model.type import Modifier
from harness.properties.checks import CHECKS
from harness.properties.checks.not_null import NotNull
from harness.properties.checks.unique import Unique
from harness.rowgen.values import sample
from harness.rowgen.values.others import STRATEGIES
from tests.properties.against import Broken, against, broken
from tests.properties.support import FAILED, PASSED, UNDECIDED, Each, decide, each

__all__ = ["broken", "each"]

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


RULED = tuple(RULES + rules for rules in (NOTHING, ALSO, UPDATES, NOTHING + ALSO + UPDATES))


@pytest.mark.parametrize("schema", RULED)
def test_tables_with_rules_are_decided(each: Each, schema: str):
    found = each(RULED, CHECKS)[schema]
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
def test_a_child_that_its_parents_trigger_makes_is_decided(each: Each, schema: str):
    found = each(tuple(one + MADE for one in PROFILES), CHECKS)[schema + MADE]
    reasons = {i: one.reason for i, one in found.items() if one.outcome is not PASSED}
    assert not reasons


@pytest.mark.parametrize("schema", PROFILES)
def test_and_what_is_broken_of_it_fails(cluster: Cluster, schema: str):
    change = "ALTER TABLE profile ALTER bio DROP NOT NULL"
    found = against(cluster, schema + MADE, change, NotNull)["profile::bio::not_null"]
    assert found.outcome is FAILED, found.reason
    assert any("DELETE" in step.sql or "profile" in step.sql for step in found.evidence)


VECTORS = """
CREATE TABLE note (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL,
    embedding vector({0}) NOT NULL, h halfvec(4), s sparsevec(5) NOT NULL, many vector(2)[]
);
"""


SIZES = (1, 8, 1536)


@pytest.mark.parametrize("size", SIZES)
def test_vectors_have_as_many_dimensions_as_they_say(each: Each, size: int):
    schemas = tuple(VECTORS.format(one) for one in SIZES)
    found = each(schemas, CHECKS, "CREATE EXTENSION vector;")[VECTORS.format(size)]
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


SMALL = """
CREATE TABLE owner (id int PRIMARY KEY);
CREATE TABLE team (id int PRIMARY KEY);
CREATE TABLE place (site int NOT NULL, no int NOT NULL, PRIMARY KEY (site, no));
CREATE TABLE reading (
    site int NOT NULL, no int NOT NULL, v int NOT NULL, FOREIGN KEY (site, no) REFERENCES place
) PARTITION BY RANGE (site, no);
CREATE INDEX ON reading (site, no);
CREATE TABLE reading_1 PARTITION OF reading FOR VALUES FROM (100, 100) TO (200, 200);
CREATE TABLE reading_2 PARTITION OF reading FOR VALUES FROM (5000, 5000) TO (6000, 6000);
CREATE TABLE belongs (
    id int PRIMARY KEY, owner_id int REFERENCES owner, team_id int REFERENCES team, pool text,
    CONSTRAINT either_of CHECK (owner_id IS NOT NULL OR team_id IS NOT NULL),
    CONSTRAINT any_of CHECK (owner_id IS NOT NULL OR pool IS NOT NULL OR team_id IS NOT NULL)
);
CREATE INDEX ON belongs (owner_id);
CREATE INDEX ON belongs (team_id);
CREATE TABLE stage (id int PRIMARY KEY, board int NOT NULL, kind int DEFAULT 1, name text);
CREATE UNIQUE INDEX stage_closed ON stage (board, kind) WHERE kind = 2;
CREATE UNIQUE INDEX stage_named ON stage (name) WHERE name <> 'none' AND board > 0;
CREATE TABLE parent (d date, CONSTRAINT parent_abstract CHECK (false) NO INHERIT);
CREATE TABLE child (CONSTRAINT child_d CHECK (d >= '2020-01-01')) INHERITS (parent);
"""


def test_small_things_that_were_undecided(cluster: Cluster):
    found = decide(cluster, SMALL, *CHECKS)
    reasons = {i: one.reason for i, one in found.items() if one.outcome is not PASSED}
    assert not reasons
    assert not [i for i in found if "stage" in i and "null_in" in i]


SMALL_BROKEN = (
    ("ALTER TABLE reading ALTER v DROP NOT NULL", "reading::v::not_null"),
    ("ALTER TABLE belongs DROP CONSTRAINT either_of", "belongs::either_of::refused"),
    ("ALTER TABLE parent DROP CONSTRAINT parent_abstract", "parent::parent_abstract::refused"),
    ("DROP INDEX stage_closed", "stage::stage_closed::duplicate"),
)


@pytest.mark.parametrize(("change", "prop"), SMALL_BROKEN)
def test_and_their_broken_twins(broken: Broken, change: str, prop: str):
    checks = tuple(one for one in CHECKS if one.id in ("check", "not_null", "unique"))
    found = broken(SMALL, SMALL_BROKEN, checks)[prop]
    assert found.outcome is FAILED, found.reason


def test_a_check_that_is_always_false_without_heirs_fails(cluster: Cluster):
    checks = [one for one in CHECKS if one.id == "check"]
    schema = "CREATE TABLE a (n int NOT NULL, CONSTRAINT never CHECK (n > 5 AND n < 3));"
    found = decide(cluster, schema, *checks)
    assert found["a::never::accepted"].outcome is FAILED
    assert found["a::never::refused"].outcome is PASSED


STYLES = ("rails", "django", "tenancy", "ledger", "warehouse")


@pytest.mark.parametrize("style", STYLES)
def test_schemas_of_five_styles_are_decided(cluster: Cluster, style: str):
    text = (Path(__file__).parents[1] / "data" / "schemas" / f"{style}.sql").read_text()
    found = decide(cluster, text, *CHECKS)
    assert len(found) > 150
    undecided = {i: one.reason for i, one in found.items() if one.outcome is UNDECIDED}
    assert len(undecided) <= len(found) * 0.03, undecided
    assert not {i: one.reason for i, one in found.items() if one.outcome is FAILED}


def test_the_hard_schema_is_decided_but_for_what_nobody_can_store(cluster: Cluster):
    text = (Path(__file__).parents[1] / "data" / "schemas" / "hard.sql").read_text()
    found = decide(cluster, text, *CHECKS)
    failed = {name for name, one in found.items() if one.outcome is FAILED}
    nobody = ("hard.contradictory::contradictory_n_check", "hard.impossible::", "hard.swallowed::")
    assert {name.partition("::")[0] for name in failed} == {
        one.partition("::")[0] for one in nobody
    }
    assert all(name.startswith(nobody) for name in failed)
    undecided = {name for name, one in found.items() if one.outcome is UNDECIDED}
    # A partitioned table without partitions.
    unstored = ("hard.unpartitioned::", "hard.swallowed::owner::")
    assert not {name for name in undecided if not name.startswith(unstored)}
    assert len(found) > 650


GUARDED = """
CREATE TABLE invoice (
    id int PRIMARY KEY, state text NOT NULL DEFAULT 'open', total int NOT NULL DEFAULT 0
);
CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$;
CREATE TRIGGER frozen BEFORE DELETE ON invoice FOR EACH ROW
WHEN (OLD.state = '{}') EXECUTE FUNCTION frozen();
"""


TOLD = (
    ("RAISE EXCEPTION 'a sent invoice is frozen';", "sent", "refuses it: P0001"),
    ("RETURN OLD;", "sent", "changes nothing"),
    ("RETURN NULL;", "paid", "suppresses it"),
)
TRIGGER = tuple(one for one in CHECKS if one.id == "trigger")


@pytest.mark.parametrize(("body", "state", "said"), TOLD)
def test_what_a_trigger_does_is_told_of_rows_of_which_when_is_true(
    each: Each, body: str, state: str, said: str
):
    schemas = tuple(GUARDED.format(body, state) for body, state, _ in TOLD)
    found = each(schemas, TRIGGER)[GUARDED.format(body, state)]["invoice::frozen::changes"]
    assert found.outcome is PASSED
    assert said in found.reason


GUARD = """
CREATE TABLE invoice (id int PRIMARY KEY, total int NOT NULL, state text DEFAULT 'open',
    paid boolean NOT NULL DEFAULT false);
CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NEW; END $$;
CREATE TRIGGER frozen BEFORE UPDATE ON invoice FOR EACH ROW EXECUTE FUNCTION frozen();
"""


SOME_ROWS = (
    ("IF OLD.paid THEN RAISE 'frozen'; END IF;", "changes nothing, or refuses it: P0001"),
    ("IF NEW.state = 'void' THEN RETURN NULL; END IF;", "changes nothing, or suppresses it"),
    (
        "IF OLD.state = 'sent' AND NEW.total <> OLD.total THEN RAISE 'frozen'; END IF;",
        "changes nothing, or refuses it: P0001",
    ),
    ("IF OLD.paid THEN NULL; END IF;", "UPDATE: changes nothing"),
)


@pytest.mark.parametrize(("body", "said"), SOME_ROWS)
def test_what_a_trigger_does_to_some_rows_is_told_of_them(each: Each, body: str, said: str):
    schemas = tuple(GUARD.format(body) for body, _ in SOME_ROWS)
    found = each(schemas, TRIGGER)[GUARD.format(body)]["invoice::frozen::changes"]
    assert found.outcome is PASSED
    assert said in found.reason
    assert ("or refuses" in said or "or suppresses" in said) == ("tried with" in found.reason)
