"""What the gate tells again: only what is green, only while everything is as it was."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from harness.core.config import Config
from harness.core.config_reader import load
from harness.core.results import NOWHERE, Group, Outcome, Result
from harness.instance import Instance
from harness.postgres.cluster import Cluster
from harness.run import gate_memory
from harness.run.gate_memory import GateMemory
from harness.sources import open_source
from harness.sources.finding import SchemaSearch
from tests.project import UP, Project

AGAIN = ("apply", "migrations", "properties")


def results(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_second_gate_tells_the_same_and_says_so(project: Project) -> None:
    # A directory of this name may have been an earlier test's, with the same files.
    project.write("sql/migrations/0001_notes.up.sql", f"{UP}-- {uuid4()}\n")
    first = project.run("gate", "--json", "first.jsonl")
    again = project.run("gate", "--json", "again.jsonl")
    assert (first.returncode, again.returncode) == (0, 0), again.stdout
    assert "remembered" not in first.stdout
    said = "remembered, since nothing changed: apply, migrations, properties; --fresh runs them"
    assert said in again.stdout
    before, after = results(project.root / "first.jsonl"), results(project.root / "again.jsonl")
    keys = ("step", "id", "outcome", "title", "file", "line", "evidence")
    assert [[one[k] for k in keys] for one in after] == [[one[k] for k in keys] for one in before]
    marked = {(str(one["step"]), "remembered" in one["facts"]) for one in after}  # type: ignore[operator]
    assert marked == {("lint", False), ("test", False), *((step, True) for step in AGAIN)}

    project.write("sql/migrations/0001_notes.down.sql", "SELECT 1;\n")
    broken = project.run("gate")
    assert broken.returncode == 1
    assert "✗ migrations" in broken.stdout


@pytest.fixture
def instance(project: Project, cluster: Cluster) -> Instance:
    """An instance of the project on a server of ours; nothing is applied."""
    return _instance(project, cluster)


def _instance(project: Project, cluster: Cluster, **given: object) -> Instance:
    config = replace(load(project.root, SchemaSearch), **given)  # type: ignore[arg-type]
    return Instance(config, cluster, open_source(config))


def group(outcome: Outcome = Outcome.PASSED) -> Group:
    return Group(Path("notes"), (Result(outcome, "a title", NOWHERE, id="an id"),), step="access")


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ERROR, Outcome.UNDECIDED])
def test_what_is_not_green_and_decided_is_tried_again(instance: Instance, outcome: Outcome) -> None:
    memory = replace(GateMemory.of(instance), key=str(uuid4()))
    memory.keep("access", [group()])
    assert [one.path for one in memory.recall("access") or ()] == [Path("notes")]
    assert memory.recall("properties") is None
    memory.keep("migrations", [group(), group(outcome)])
    assert memory.recall("migrations") is None


def down(project: Project) -> None:
    project.write("sql/migrations/0001_notes.down.sql", "DROP TABLE notes CASCADE;\n")


def beside(project: Project) -> None:
    project.write("sql/migrations/README", "a file that apply names\n")


def record(project: Project) -> None:
    project.write("record.json", "{}")


@pytest.mark.parametrize("change", [down, beside, record])
def test_changed_file_is_another_key(
    project: Project, cluster: Cluster, change: Callable[[Project], None]
) -> None:
    before = GateMemory.of(_instance(project, cluster, properties={"record": "record.json"}))
    change(project)
    after = GateMemory.of(_instance(project, cluster, properties={"record": "record.json"}))
    assert before.key
    assert before.key != after.key


def test_settings_day_and_harness_are_in_the_key(
    project: Project, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(**given: object) -> str:
        return GateMemory.of(_instance(project, cluster, **given)).key

    assert key() == key(jobs=7)
    assert len({key(), key(timeout=3.0), key(settings={"work_mem": "1MB"})}) == 3
    unchanged = key()
    monkeypatch.setattr(gate_memory, "program", lambda: "another harness")
    assert key() != unchanged


@pytest.mark.parametrize(
    "statement",
    [
        "COPY notes FROM '/srv/notes.csv';",
        "SELECT pg_read_file('/etc/motd');",
        "SELECT * FROM dblink('dbname=other', 'SELECT 1') AS t (n int);",
        "COPY notes FROM PROGRAM 'date';",
        "\\copy notes FROM notes.csv",
    ],
)
def test_schema_that_brings_in_more_than_its_files_is_not_remembered(
    project: Project, cluster: Cluster, statement: str
) -> None:
    project.write("sql/migrations/notes.csv", "")
    project.write("sql/migrations/0001_notes.up.sql", f"CREATE TABLE notes ();\n{statement}\n")
    assert GateMemory.of(_instance(project, cluster)).folder is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:20],
        lambda whole: b"",
        lambda whole: b"\x80\x05cno_such_module\nname\n.",
        lambda whole: b"\x80\x05h\x07.",
        lambda whole: pickle.dumps("another value"),
    ],
)
def test_damaged_entry_is_run_again(instance: Instance, damage: Callable[[bytes], bytes]) -> None:
    memory = GateMemory.of(instance)
    memory.keep("access", [group()])
    assert memory.recall("access") is not None
    assert memory.folder is not None
    path = memory.folder / gate_memory.digest(memory.key, "access")
    path.write_bytes(damage(path.read_bytes()))
    assert memory.recall("access") is None


def test_run_since_a_reference_and_a_named_server_are_not_remembered(
    project: Project, cluster: Cluster
) -> None:
    config: Config = load(project.root, SchemaSearch)
    since = replace(config, since_refs=("main",))
    assert GateMemory.of(Instance(since, cluster, open_source(config))).folder is None
    named = replace(cluster, server=None)
    assert GateMemory.of(Instance(config, named, open_source(config))).folder is None
