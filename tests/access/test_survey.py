"""The survey of a schema as applications have it, and where it cannot be made."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from harness.access.contradictions import contradictions
from harness.access.record import facts_of
from harness.access.survey import NotSuperuser, survey
from harness.postgres.cluster import Cluster
from tests.access.support import DATA, answers, made, rules, surveyed


def test_every_condition_of_a_schema_of_teams_is_shown_both_ways(cluster: Cluster):
    facts = surveyed(cluster, DATA / "teams.sql")
    cells = [c.answer for g in facts.grids for row in g.cells.values() for c in row.values()]
    assert facts.unproved == ()
    assert cells.count("undecided") == 0
    documents = answers(facts, "public.documents", "authenticated")
    assert documents["one"]["SELECT"] == documents["four"]["SELECT"] == "some shared"
    assert documents["stranger"]["SELECT"] == "none"
    assert answers(facts, "public.comments", "authenticated")["one"]["INSERT"] == "some shared"
    assert answers(facts, "public.audit_log", "authenticated")["one"]["INSERT"] == "unseen"
    # An admin may remove documents of teams that he is not in, and does not see.
    assert [(one.rule, one.table) for one in contradictions(facts)] == [
        ("reaches-anothers", "public.documents")
    ]
    assert next(contradictions(facts)).identity == "one, app_metadata.role = admin"


class AsClient:
    """A database, over connections of a role that is no superuser."""

    def __init__(self, database: Any) -> None:
        self._database, self.cluster = database, database.cluster

    def connect(self) -> psycopg.Connection[Any]:
        return self._database.connect(user="client")


def test_who_is_no_superuser_cannot_be_everybody(cluster: Cluster):
    schema = (DATA / "owner.sql").read_text("utf-8") + "CREATE ROLE client LOGIN;\n"
    with made(cluster, schema) as database, pytest.raises(NotSuperuser, match="superuser"):
        survey(AsClient(database), ["tap"])  # type: ignore[arg-type]
    with made(cluster, "CREATE ROLE client LOGIN; CREATE TABLE a (b int)") as database:
        assert survey(AsClient(database), ["tap"]).grids == ()  # type: ignore[arg-type]


STANDING = """
CREATE ROLE web;
CREATE ROLE keeper;
CREATE SCHEMA app;
CREATE TABLE app.notes (id int PRIMARY KEY);
GRANT SELECT ON app.notes TO PUBLIC;
GRANT USAGE ON SCHEMA app TO web;
ALTER DEFAULT PRIVILEGES FOR ROLE keeper IN SCHEMA app GRANT UPDATE ON TABLES TO web;
"""


def test_what_everybody_has_and_what_later_tables_come_with_are_facts(cluster: Cluster):
    found = {fact[:3] for fact in facts_of(surveyed(cluster, STANDING))}
    assert ("relation app.notes", "PUBLIC", "SELECT") in found
    assert ("default privileges of keeper in app", "web", "TABLES: UPDATE") in found


TOLD = """
CREATE ROLE web;
CREATE EXTENSION btree_gist;
CREATE TABLE people (id int PRIMARY KEY);
CREATE TABLE units (id int PRIMARY KEY, parent int REFERENCES units);
CREATE TABLE papers (id int PRIMARY KEY, unit int NOT NULL REFERENCES units);
CREATE TABLE bookings (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person int NOT NULL REFERENCES people,
    code text NOT NULL,
    CONSTRAINT free EXCLUDE USING gist (code WITH =),
    CONSTRAINT own EXCLUDE USING gist (person WITH =, code WITH =)
);
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
ALTER TABLE papers ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON bookings, papers, units TO web;
GRANT INSERT (person, code) ON bookings TO web;
CREATE POLICY p ON bookings TO web
USING (person = nullif(current_setting('web.user', true), '')::int);
CREATE POLICY p ON papers TO web USING (
    unit = nullif(current_setting('web.user', true), '')::int
    OR unit IN (SELECT u.id FROM units AS u WHERE u.parent IS NULL)
);
CREATE FUNCTION taken(c text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$ SELECT EXISTS (SELECT FROM bookings WHERE code = c) $$;
CREATE TABLE votes (person int NOT NULL, booking int NOT NULL);
CREATE TABLE looks (person int NOT NULL, booking int NOT NULL, code text);
ALTER TABLE votes ENABLE ROW LEVEL SECURITY;
ALTER TABLE looks ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON votes, looks TO web;
CREATE POLICY p ON votes TO web USING (person = nullif(current_setting('web.user', true), '')::int);
CREATE POLICY p ON looks TO web USING (person = nullif(current_setting('web.user', true), '')::int);
CREATE FUNCTION voted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN UPDATE public.bookings SET code = code WHERE person = NEW.booking; RETURN NULL; END $$;
CREATE FUNCTION looked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN NEW.code := (SELECT max(code) FROM public.bookings WHERE person = NEW.booking); RETURN NEW;
END $$;
CREATE TRIGGER voted AFTER INSERT ON votes FOR EACH ROW EXECUTE FUNCTION voted();
CREATE TRIGGER looked BEFORE INSERT ON looks FOR EACH ROW EXECUTE FUNCTION looked();
"""


def test_what_tells_of_others_rows_is_a_fact_and_no_contradiction(cluster: Cluster):
    facts = surveyed(cluster, TOLD)
    assert rules(facts) == set()
    oracle = [fact for fact in facts_of(facts) if "taken(c text) tells of one rows" in fact.what]
    assert [(fact.role, fact.answer) for fact in oracle] == [("web", "one")]
    triggers = {fact.what for fact in facts_of(facts) if ": a trigger of" in fact.what}
    assert triggers == {
        "one: a trigger of public.votes changes rows of public.bookings that it does not see",
        "one: a trigger of public.looks shows rows of public.bookings that it does not see",
    }
    found = answers(facts, "public.bookings", "web")
    assert found["one"]["EXISTS"] == "free", "the other constraint is about one's own rows"
    assert found["stranger"]["INSERT"] == "own", "whom a foreign key refers to is there"
    assert answers(facts, "public.papers", "web")["nobody"]["SELECT"] == "all", "roots of trees"


TENANTS = """
CREATE ROLE app;
CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org integer{null},
    hidden boolean NOT NULL DEFAULT false,
    body text NOT NULL DEFAULT ''
);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO app;
CREATE POLICY seen ON notes TO app USING ({condition});
"""
OF_ORG = "org = nullif(current_setting('app.org', true), '')::integer"


@pytest.mark.parametrize(
    ("condition", "null", "found"),
    [
        (OF_ORG, " NOT NULL", False),
        (f"{OF_ORG} OR org IS NULL", "", False),
        (f"{OF_ORG} OR NOT hidden", " NOT NULL", True),
        ("NOT hidden", " NOT NULL", True),
    ],
    ids=["own", "and everybody's", "and others'", "whoever asks"],
)
def test_rows_of_another_tenant_contradict_the_configured_column(
    cluster: Cluster, condition: str, null: str, found: bool
):
    schema = TENANTS.format(condition=condition, null=null)
    assert ("tenant" in rules(surveyed(cluster, schema, "org"))) is found
    assert "tenant" not in rules(surveyed(cluster, schema))


@pytest.mark.parametrize("name", ["memberships", "owner", "partitions"])
def test_members_reach_the_rows_of_all_their_tenants(cluster: Cluster, name: str):
    tenant = {"memberships": "org", "owner": "owner", "partitions": "tenant"}[name]
    assert "tenant" not in rules(surveyed(cluster, DATA / f"{name}.sql", tenant))


def test_members_that_reach_more_contradict_the_configured_column(cluster: Cluster):
    schema = (DATA / "memberships.sql").read_text("utf-8")
    wider = schema + "ALTER POLICY remove ON docs USING (true);"
    assert "tenant" in rules(surveyed(cluster, wider, "org"))
    elsewhere = surveyed(
        cluster,
        schema.replace(
            "org integer NOT NULL REFERENCES orgs,\n    member",
            "firm integer NOT NULL REFERENCES orgs,\n    member",
        )
        .replace("m.org", "m.firm")
        .replace("KEY (org, member)", "KEY (firm, member)"),
        "org",
    )
    assert elsewhere.tenants is not None
    assert "tenant" not in rules(elsewhere)
    docs = next(g.relation.oid for g in elsewhere.grids if g.relation.name.name == "docs")
    assert elsewhere.tenants.unknown == {docs}
