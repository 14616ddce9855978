"""What is recorded of a table is the same, whichever connection records it and what came before."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from harness.core.config_reader import load
from harness.core.results import Group, Outcome
from harness.instance import open_instance
from harness.mutation import probes
from harness.mutation.history import History
from harness.mutation.judge import by_rule
from harness.mutation.operators import mutants
from harness.mutation.probes.roles import Roles
from harness.mutation.replay import Replay, everybody
from harness.mutation.sql_files import SqlFiles
from harness.mutation.transcripts import Transcript, recorded
from harness.mutation.trial import Status
from harness.postgres.cluster import Cluster
from harness.properties.campaign import Campaign as Properties
from harness.properties.check_context import Tools
from harness.properties.checks import made
from harness.properties.property_checker import Terms
from harness.run.mutate import MutateOptions, MutateRun, mutate
from harness.run.mutation_campaign import Recording, mutation_campaign
from harness.sources.finding import SchemaSearch
from harness.sqltests.files import AssertionFile
from tests.mutation.conftest import apart
from tests.mutation.support import template_of
from tests.project import Project

SCHEMA = """
CREATE SEQUENCE numbers START 5;
SELECT setval('numbers', 20);
CREATE TABLE authors (id serial PRIMARY KEY, code varchar(8) NOT NULL UNIQUE);
CREATE TABLE books (
    id serial PRIMARY KEY, author int NOT NULL REFERENCES authors,
    number int NOT NULL DEFAULT nextval('numbers') CHECK (number > 10)
);
CREATE TABLE copies (book int NOT NULL REFERENCES books, number int DEFAULT nextval('numbers'));
"""


def test_one_connection_records_and_judges_what_two_do(cluster: Cluster):
    with template_of(cluster, SCHEMA) as (template, declared), everybody(cluster) as role:
        every = {**made(), **probes.made(declared)}
        checks = {name: every[name] for name in ("foreign_key", "references", "numbers", "check")}
        properties = Properties(declared.schema, Terms(checks, Tools(template.cloned)))

        def transcripts(jobs: int, *tables: str) -> list[Transcript]:
            names = [declared.schema.table(name).name for name in tables]
            found = properties.run(properties.properties(names), jobs)
            return recorded(declared, [one for some in found for one in some], role)

        def statements(found: list[Transcript]) -> dict[str, list[str]]:
            return {
                transcript.id: [statement.sql for statement in transcript.statements]
                for transcript in found
            }

        def verdicts(found: list[Transcript], jobs: int) -> dict[str, str]:
            with Replay(template, [], jobs) as replay:
                replay.transcripts = replay.steady(found)
                chosen = [one for one in mutants(declared) if by_rule(one) is None][::4]
                tried = replay.run(chosen)
                return {
                    one.mutant.id: f"{one.status} {one.difference and one.difference.transcript.id}"
                    for one in tried
                }

        one, two = transcripts(1), transcripts(2)
        assert statements(one) == statements(two)
        last = statements(transcripts(1, "copies"))
        assert last == {name: said for name, said in statements(one).items() if name in last}
        assert verdicts(one, 1) == verdicts(two, 2)
        shared = [transcript for transcript in one if transcript.table.name == "copies"]
        assert shared
        assert all(
            """setval('"public"."numbers"', 20, true)""" in transcript.restart
            for transcript in shared
        )


def test_what_refers_to_a_table_is_recorded_when_a_mutant_of_it_survives(project: Project):
    project.write(
        "sql/migrations/0002_tags.up.sql", "CREATE TABLE tags (note bigint REFERENCES notes)"
    )
    project.write("sql/migrations/0002_tags.down.sql", "DROP TABLE tags")
    with open_instance(load(project.root, SchemaSearch, jobs=1)) as instance:
        run = MutateRun(instance)
        declared = run.declared()
        mutant = next(m for m in run.mutants(declared) if m.id == "notes::row_security_enabled")
        with mutation_campaign(instance, declared, History.nothing(), 1) as campaign:
            campaign.terms = replace(campaign.terms, checks={"foreign_key": made()["foreign_key"]})
            Recording(campaign).begin([mutant])
            assert campaign.replay.transcripts == []
            assert campaign.verdict(mutant).trial.status is Status.SURVIVED
            assert {transcript.table.name for transcript in campaign.replay.transcripts} == {"tags"}


class Taken:
    """A progress that keeps what it is given."""

    def __init__(self) -> None:
        self.groups: list[Group] = []

    def expect(self, *_: object) -> None: ...

    def advance(self, *_: object, doing: str = "") -> None: ...

    begin = end = expect

    def take(self, group: Group) -> None:
        self.groups.append(group)


def test_a_probe_that_crashes_is_said(project: Project, monkeypatch: pytest.MonkeyPatch):
    """Each time: what survives for want of it is not remembered."""
    monkeypatch.setattr(Roles, "check", lambda *_: 1 // 0)
    with open_instance(load(apart(project).root, SchemaSearch, jobs=1)) as instance:
        for _ in range(2):
            taken = Taken()
            mutate(instance, taken, MutateOptions(kinds=["grant"]))
            said = [one for group in taken.groups for one in group.problems]
            assert {one.outcome for one in said} == {Outcome.UNDECIDED}
            crashed = [one for one in said if "ZeroDivisionError" in one.message]
            assert "commands" in crashed[0].title


def test_a_file_begins_as_in_a_session_of_its_own(project: Project):
    """A setting of an application's is NULL there; who has set it before finds it empty."""
    form = "BEGIN;\nSELECT plan(1);\n{}\nSELECT * FROM finish();\nROLLBACK;\n"
    sets = "SELECT set_config('app.who', 'me', true); SELECT pass();"
    asks = "SELECT is(current_setting('app.who', true), NULL);"
    with (
        open_instance(load(project.root, SchemaSearch, jobs=1)) as instance,
        closing(SqlFiles(instance)) as files,
    ):
        for line in (sets, asks):
            files.begin_anew()
            path = project.root / "one.sql"
            path.write_text(form.format(line))
            assert files.baseline(AssertionFile.read(path), 1)[1] == {}
