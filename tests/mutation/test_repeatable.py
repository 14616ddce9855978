"""What is recorded of a table is the same, whichever connection records it and what came before."""

from __future__ import annotations

from harness.mutation.campaign import Campaign, everybody
from harness.mutation.judge import by_rule
from harness.mutation.operators import mutants
from harness.mutation.probes import PROBES
from harness.mutation.tapes import Tape, recorded
from harness.postgres.cluster import Cluster
from harness.properties.campaign import Campaign as Properties
from harness.properties.check_context import Tools
from harness.properties.checks import made
from harness.properties.property_checker import Terms
from tests.mutation.support import template_of

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
        every = {**made(), **{probe.id: probe() for probe in PROBES}}
        checks = {name: every[name] for name in ("foreign_key", "references", "numbers", "check")}
        properties = Properties(declared.schema, Terms(checks, Tools(template.cloned)))

        def tapes(jobs: int, *tables: str) -> list[Tape]:
            names = [declared.schema.table(name).name for name in tables]
            found = properties.run(properties.properties(names), jobs)
            return recorded(declared.schema, [one for some in found for one in some], role)

        def moves(found: list[Tape]) -> dict[str, list[str]]:
            return {tape.id: [move.sql for move in tape.moves] for tape in found}

        def verdicts(found: list[Tape], jobs: int) -> dict[str, str]:
            with Campaign(template, [], jobs) as campaign:
                campaign.tapes = campaign.steady(found)
                chosen = [one for one in mutants(declared) if by_rule(one) is None][::4]
                tried = campaign.run(chosen)
                return {
                    one.mutant.id: f"{one.status} {one.difference and one.difference.tape.id}"
                    for one in tried
                }

        one, two = tapes(1), tapes(2)
        assert moves(one) == moves(two)
        last = moves(tapes(1, "copies"))
        assert last == {name: said for name, said in moves(one).items() if name in last}
        assert verdicts(one, 1) == verdicts(two, 2)
