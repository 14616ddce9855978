"""What the survey says against grids that were written by hand before there was a survey."""

from __future__ import annotations

import re
from itertools import groupby

import pytest

from harness.postgres.cluster import Cluster
from tests.access.support import DATA, answers, surveyed

COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def expected() -> dict[str, list[tuple[str, str, str, list[str]]]]:
    """Schema -> relation, role, identity and answers of each line."""
    lines = []
    for line in (DATA / "grids.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            schema, relation, role, identity, rest = re.split(r"\s+", line, maxsplit=4)
            lines.append((schema, relation, role, identity, [x.strip() for x in rest.split("|")]))
    return {name: [one[1:] for one in some] for name, some in groupby(lines, lambda one: one[0])}


@pytest.mark.parametrize("schema", expected())
def test_every_cell_is_as_somebody_wrote_it_by_hand(cluster: Cluster, schema: str):
    facts = surveyed(cluster, DATA / f"{schema}.sql")
    for relation, role, identity, wanted in expected()[schema]:
        found = answers(facts, f"public.{relation}", role)
        rows = {name: [cells[c] for c in COMMANDS] for name, cells in found.items()}
        if identity == "some":
            assert wanted in rows.values(), (relation, role, rows)
        else:
            assert rows[identity] == wanted, (relation, role, identity)
    assert facts.unproved == ()
