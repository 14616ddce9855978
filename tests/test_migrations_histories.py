"""Ordinary histories are not held to be wrong, and faults in them are seen."""

from __future__ import annotations

from pathlib import Path

from harness.migrations import Limits
from harness.postgres.cluster import Cluster
from tests.histories import history, planted, write
from tests.migrations import run


def test_each_fault_among_ordinary_revisions_is_seen_and_nothing_else(
    cluster: Cluster, tmp_path: Path
):
    revisions, faults = planted(history("django", 45))
    write(tmp_path, revisions)
    found = run(cluster, tmp_path, {}, Limits(many=100))
    failed = {one.name: [f.code for f in one.faults] for one in found if not one.passed}
    assert failed == {name: [rule] for name, rule in faults.items()}
