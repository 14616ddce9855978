"""The survey of a schema as applications have it, and where it cannot be made."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from harness.access.contradictions import contradictions
from harness.access.survey import NotSuperuser, survey
from harness.postgres.cluster import Cluster
from tests.access.support import DATA, answers, made, surveyed


def test_every_condition_of_a_schema_of_teams_is_shown_both_ways(cluster: Cluster):
    facts = surveyed(cluster, DATA / "teams.sql")
    cells = [c.answer for g in facts.grids for row in g.cells.values() for c in row.values()]
    assert facts.unproved == ()
    assert cells.count("undecided") == 0
    documents = answers(facts, "public.documents", "authenticated")
    assert documents["one"]["SELECT"] == documents["four"]["SELECT"] == "shared"
    assert documents["stranger"]["SELECT"] == "none"
    assert answers(facts, "public.comments", "authenticated")["one"]["INSERT"] == "shared"
    assert answers(facts, "public.audit_log", "authenticated")["one"]["INSERT"] == "unseen"
    # An admin may remove documents of teams that he is not in, and does not see.
    assert [(one.rule, one.table) for one in contradictions(facts)] == [
        ("reaches-anothers", "public.documents")
    ]
    assert next(contradictions(facts)).identity == "one, app_metadata.role = admin"


class AsClient:
    """A database, over connections of a role that is no superuser."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def connect(self) -> psycopg.Connection[Any]:
        return self._database.connect(user="client")


def test_who_is_no_superuser_cannot_be_everybody(cluster: Cluster):
    schema = (DATA / "owner.sql").read_text("utf-8") + "CREATE ROLE client LOGIN;\n"
    with made(cluster, schema) as database, pytest.raises(NotSuperuser, match="superuser"):
        survey(AsClient(database), ["tap"])  # type: ignore[arg-type]
    with made(cluster, "CREATE ROLE client LOGIN; CREATE TABLE a (b int)") as database:
        assert survey(AsClient(database), ["tap"]).grids == ()  # type: ignore[arg-type]
