"""Properties of tables into which a row does not easily get."""

from __future__ import annotations

from harness.postgres.cluster import Cluster
from harness.properties.checks.check_constraint import Check
from harness.properties.checks.default import Default
from harness.properties.checks.exclude import Exclude
from harness.properties.checks.foreign_key import ForeignKey
from harness.properties.checks.not_null import NotNull
from harness.properties.checks.trigger import Triggers
from harness.properties.checks.unique import Unique
from harness.properties.checks.usable import Usable
from tests.properties.support import ADVICE, FAILED, PASSED, UNDECIDED, decide, outcomes

DROP = """
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE tasks (id int NOT NULL);
"""
INTO_CHILD = """
CREATE TABLE events (id int NOT NULL);
CREATE TABLE events_all () INHERITS (events);
CREATE FUNCTION route() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO events_all VALUES (NEW.*); RETURN NULL; END $$;
CREATE TRIGGER route BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION route();
"""
EXOTIC = """
CREATE FUNCTION never(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT md5($1) = $1';
CREATE DOMAIN odd AS text CHECK (never(VALUE));
CREATE TABLE cards (
    id int PRIMARY KEY, n int NOT NULL CHECK (n > 0),
    code text NOT NULL CONSTRAINT strange CHECK (never(code)), other odd NOT NULL
);
CREATE TABLE uses (card int NOT NULL REFERENCES cards);
CREATE INDEX ON uses (card);
"""


def test_valid_rows_that_are_silently_lost_refute(cluster: Cluster):
    trigger = "CREATE TRIGGER x BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION swallow();"
    rule = "CREATE RULE x AS ON INSERT TO tasks DO INSTEAD NOTHING;"
    for lost in (trigger, rule):
        found = decide(cluster, DROP + lost, NotNull)["tasks::id::not_null"]
        assert (found.outcome, "something discards them" in found.reason) == (FAILED, True)


def test_rows_that_go_into_another_table_of_the_hierarchy_are_not_lost(cluster: Cluster):
    found = decide(cluster, INTO_CHILD, NotNull)
    assert found["events::id::not_null"].outcome is UNDECIDED
    assert "in another table of the hierarchy" in found["events::id::not_null"].reason


def test_a_check_that_no_row_is_found_for_is_not_in_the_way_of_others(cluster: Cluster):
    found = decide(cluster, EXOTIC, NotNull, Check, Unique, ForeignKey)
    own = {name: one for name, one in found.items() if "strange" in name or "odd_check" in name}
    assert len(own) == 4
    assert PASSED not in {one.outcome for one in own.values()}
    others = {name: one for name, one in found.items() if name not in own}
    assert set(outcomes(others).values()) == {"passed"}
    assert found["cards::n::not_null"].reason == "shown without strange, odd_check"
    assert found["uses::card::not_null"].reason == "shown without strange, odd_check"


def test_texts_of_a_fixed_length_are_compared_whole(cluster: Cluster):
    schema = """CREATE EXTENSION btree_gist; CREATE TABLE rates (
        currency char(3) NOT NULL CHECK (currency ~ '^O[A-Z]{2}$'), bits bit(2) NOT NULL,
        valid daterange NOT NULL, EXCLUDE USING gist (currency WITH =, valid WITH &&))"""
    found = decide(cluster, schema, Exclude)
    assert set(outcomes(found).values()) == {"passed"}


MAKES_ROOM = """
CREATE TABLE people (id int PRIMARY KEY);
CREATE TABLE emails (
    id serial PRIMARY KEY, main boolean NOT NULL, addr text NOT NULL,
    person int NOT NULL CONSTRAINT fk REFERENCES people
);
CREATE UNIQUE INDEX one_main ON emails (addr) WHERE main;
CREATE FUNCTION room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE emails SET main = false WHERE addr = NEW.addr AND main;
    INSERT INTO people VALUES (NEW.person) ON CONFLICT DO NOTHING; RETURN NEW; END $$;
CREATE TRIGGER room BEFORE INSERT ON emails FOR EACH ROW EXECUTE FUNCTION room();
"""


def test_a_trigger_that_makes_room_for_a_row_breaks_no_key(cluster: Cluster):
    found = decide(cluster, MAKES_ROOM, Unique, ForeignKey)
    for name in ("emails::one_main::duplicate", "emails::fk::orphan"):
        assert (found[name].outcome, found[name].reason) == (
            PASSED,
            "shown without the triggers room",
        )
    off = "ALTER TABLE emails DISABLE TRIGGER ALL; ALTER TABLE emails ENABLE TRIGGER room;"
    found = decide(cluster, MAKES_ROOM + off, ForeignKey)
    assert found["emails::fk::orphan"].outcome is FAILED


def test_a_second_reference_to_the_same_table_refers_elsewhere(cluster: Cluster):
    schema = """CREATE TABLE projects (id int PRIMARY KEY); CREATE TABLE requests (
        source int REFERENCES projects ON DELETE SET NULL,
        target int NOT NULL REFERENCES projects ON DELETE CASCADE);
        CREATE INDEX ON requests (source); CREATE INDEX ON requests (target)"""
    found = decide(cluster, schema, ForeignKey)
    assert set(outcomes(found).values()) == {"passed"}


def test_a_predicate_that_the_key_always_meets_properties_nothing_outside(cluster: Cluster):
    schema = """CREATE TABLE issues (project int NOT NULL, key text, note text);
        CREATE UNIQUE INDEX a ON issues (project, key) WHERE key IS NOT NULL;
        CREATE UNIQUE INDEX b ON issues (key) WHERE key IS NOT NULL AND note = 'x'"""
    found = decide(cluster, schema, Unique)
    assert set(outcomes(found).values()) == {"passed"}
    aspects = {name.removeprefix("issues::") for name in found}
    assert "a::outside_predicate" not in aspects
    assert "a::null_in_key" not in aspects
    assert "b::outside_predicate" in aspects


def test_null_that_a_trigger_refuses_first_is_shown_without_it(cluster: Cluster):
    schema = """CREATE TABLE projects (id int PRIMARY KEY);
        CREATE TABLE issues (project int NOT NULL REFERENCES projects);
        CREATE FUNCTION known() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NOT EXISTS (SELECT FROM projects WHERE id = NEW.project) THEN
                RAISE 'no such project' USING ERRCODE = 'check_violation'; END IF;
            RETURN NEW; END $$;
        CREATE TRIGGER known BEFORE INSERT ON issues FOR EACH ROW EXECUTE FUNCTION known();"""
    one = decide(cluster, schema, NotNull)["issues::project::not_null"]
    assert (one.outcome, one.reason) == (PASSED, "shown without the triggers known")
    nullable = schema + "ALTER TABLE issues ALTER project DROP NOT NULL;"
    assert "issues::project::not_null" not in decide(cluster, nullable, NotNull)


AUDITED = """
CREATE TABLE revision (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz);
CREATE TABLE audit (revision_id bigint NOT NULL REFERENCES revision, what text NOT NULL);
CREATE TABLE kept (name varchar(20) NOT NULL UNIQUE CHECK (name <> ''));
CREATE TABLE named (name varchar(20) NOT NULL UNIQUE CHECK (name <> ''));
CREATE TABLE subnet (
    id int PRIMARY KEY, name varchar(20) NOT NULL UNIQUE CHECK (name <> ''),
    kind text NOT NULL DEFAULT '' CHECK (kind <> '')
);
CREATE TABLE pool (subnet_id int PRIMARY KEY REFERENCES subnet);
CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO audit VALUES (
        coalesce(nullif(current_setting('app.revision', true), ''), '0')::bigint, TG_OP);
    RETURN NULL;
END $$;
CREATE TRIGGER kept AFTER INSERT ON kept FOR EACH ROW EXECUTE FUNCTION kept();
CREATE FUNCTION named() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO audit VALUES (current_setting('app.revision')::bigint, TG_OP);
    RETURN NEW;
END $$;
CREATE TRIGGER named BEFORE INSERT ON named FOR EACH ROW EXECUTE FUNCTION named();
CREATE FUNCTION known() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_setting('app.actor', true) IS DISTINCT FROM 'root' THEN
        RAISE EXCEPTION 'who are you?';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER known BEFORE INSERT ON subnet FOR EACH ROW EXECUTE FUNCTION known();
"""


def test_triggers_that_want_more_than_the_row_are_in_nobodys_way(cluster: Cluster):
    """An audit trail that reads the revision from the session refuses every row that we make."""
    found = decide(cluster, AUDITED, NotNull, Unique, Check, ForeignKey, Default)
    undecided = {i: one.reason for i, one in found.items() if one.outcome is UNDECIDED}
    # The trigger may be what makes the default valid: without it, nobody knows.
    assert [*undecided] == ["subnet::kind::default"]
    assert "without the triggers known of public.subnet" in undecided["subnet::kind::default"]
    assert {one.outcome for i, one in found.items() if i not in undecided} <= {PASSED, ADVICE}
    assert "without the triggers kept of public.kept" in found["kept::name::not_null"].reason


def test_what_is_said_of_such_a_trigger_itself_is_not_said_without_it(cluster: Cluster):
    found = decide(cluster, AUDITED, Triggers, Usable)
    own = {i: one for i, one in found.items() if i.startswith(("kept::", "subnet::"))}
    assert "without the triggers" not in "".join(one.reason for one in own.values())
    assert own["subnet::owner::insert"].outcome is UNDECIDED


def test_a_trigger_that_refuses_every_row_by_itself_leaves_nothing_to_show(cluster: Cluster):
    refuses = AUDITED.replace("current_setting('app.actor', true)", "''::text")
    found = decide(cluster, refuses, NotNull, Check)
    assert found["subnet::name::not_null"].outcome is UNDECIDED
    assert found["kept::name::not_null"].outcome is PASSED
