"""Mutants on the workers of dask.distributed: the same verdicts, whatever becomes of a worker."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness.core.config_reader import load
from harness.core.errors import ConfigError
from harness.core.results import Group
from harness.instance import open_instance
from harness.mutation.probes.roles import Roles
from harness.mutation.verdict import Verdict
from harness.run.distributed import workers
from harness.run.mutate import MutateOptions, MutateRun, mutate
from harness.sources.finding import SchemaSearch
from tests.mutation.conftest import apart
from tests.mutation.test_mutate import BEHAVIOUR
from tests.mutation.test_repeatable import Taken
from tests.project import Project

pytestmark = pytest.mark.filterwarnings("default")  # of dask and tornado
distributed = pytest.importorskip("distributed")

KINDS = ("column", "foreign key", "check")
SCHEMA = """CREATE TABLE authors (id int PRIMARY KEY, name text NOT NULL UNIQUE, born date);
CREATE TABLE books (
    id int PRIMARY KEY, author int NOT NULL REFERENCES authors ON DELETE CASCADE,
    pages int CHECK (pages > 0), price numeric(6, 2) DEFAULT 1
);
"""


@dataclass
class Killing:
    """A progress that kills a worker when some mutants have been tried."""

    cluster: Any = None
    after: int = 12
    seen: int = 0
    killed: list[int] = field(default_factory=list)

    def begin(self, step: str) -> None: ...
    def expect(self, step: str, total: int, noun: str) -> None: ...
    def take(self, group: Group) -> None:
        assert group.passed, group

    def end(self, step: str, seconds: float) -> None: ...

    def advance(self, step: str, done: int = 1, doing: str = "") -> None:
        self.seen += 1
        if self.cluster is not None and self.seen == self.after:
            with distributed.Client(self.cluster, set_as_default=False) as client:
                pid = next(iter(client.run(os.getpid).values()))
            os.kill(pid, signal.SIGKILL)
            self.killed.append(pid)


def verdicts(root: Path, progress: Killing, scheduler: str = "") -> dict[str, object]:
    config = load(root, SchemaSearch, jobs=1)
    with open_instance(config) as instance:
        run = MutateRun(instance, MutateOptions(kinds=KINDS, scheduler=scheduler))
        found: list[Verdict] = [one for some in run.run(progress) for one in some]
    return {
        one.trial.mutant.id: (
            one.trial.status,
            {how: str(kill.location).removeprefix(str(root)) for how, kill in one.kills.items()},
        )
        for one in found
    }


def test_two_workers_of_which_one_is_killed_say_the_same_as_none(project: Project):
    project.write("sql/migrations/0002_books.up.sql", SCHEMA)
    project.write("sql/migrations/0002_books.down.sql", "DROP TABLE books;\nDROP TABLE authors;\n")
    project.write("pgtap_tests/notes.sql", BEHAVIOUR)
    (project.root / "pgtap_tests/test_notes.py").unlink()
    again = apart(project).root  # verdicts are remembered by place
    alone = verdicts(project.root, Killing())
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster:
        progress = Killing(cluster)
        together = verdicts(again, progress, cluster.scheduler_address)
    assert progress.killed
    assert together == alone
    assert len(alone) > 25


def test_a_probe_that_crashes_on_a_worker_is_said(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    """Mutants survive for want of it, wherever they are tried. The worker is in this process."""
    monkeypatch.setattr(Roles, "check", lambda *_: 1 // 0)
    config = load(apart(project).root, SchemaSearch, jobs=1)
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(processes=False, **options) as cluster,
        open_instance(config) as instance,
    ):
        taken = Taken()
        scheduler = cluster.scheduler_address
        mutate(instance, taken, MutateOptions(kinds=["grant"], scheduler=scheduler))
    said = [one for group in taken.groups for one in group.problems]
    assert "ZeroDivisionError" in said[0].message
    assert "commands" in said[0].title


def test_what_is_missing_is_said(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("harness.run.distributed.PATIENCE", 0.5)
    config = load(project.root, SchemaSearch)
    with (
        pytest.raises(ConfigError, match=r"nobody answers at tcp://127\.0\.0\.1:9"),
        workers("tcp://127.0.0.1:9", config),
    ):
        pass
