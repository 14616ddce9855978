"""A project with a history that nobody may change: the baseline, and what a change touches."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import Project, output
from tests.support import old_project
from tests.support.places import short_directory
from tests.test_changes import commit, git

REVISIONS = 40
TEST = """BEGIN;
SELECT plan(1);
SELECT has_table('t00');
SELECT * FROM finish();
ROLLBACK;
"""


@pytest.fixture(scope="module")
def adopted() -> Iterator[Path]:
    """A project with a baseline at its last revision, committed."""
    with short_directory() as folder:
        root = folder / "project"
        root.mkdir()
        project = Project(root)
        names = old_project.write(root, REVISIONS)
        project.write("pgtap_tests/tables.sql", TEST)
        project.write("pyproject.toml", f'[tool.harness]\nbaseline = "{names[-1]}"\n')
        git(root, "init", "--quiet")
        commit(root)
        done = project.run("baseline")
        assert done.returncode == 0, output(done)
        commit(root)
        yield root


@pytest.fixture
def old(adopted: Path, tmp_path: Path) -> Project:
    root = tmp_path / "project"
    shutil.copytree(adopted, root)
    return Project(root)


def add(project: Project, up: str, down: str) -> None:
    project.write("db/migrations/0041_new.up.sql", up)
    project.write("db/migrations/0041_new.down.sql", down)


def failing(project: Project, *arguments: str) -> set[str]:
    """The ids of what fails in a gate, or that nothing does."""
    done = project.run("gate", "--json", "found.jsonl", *arguments)
    assert done.returncode in (0, 1), output(done)
    import json

    lines = (project.root / "found.jsonl").read_text().splitlines()
    found = {one["id"] for one in map(json.loads, lines) if one["outcome"] in ("failed", "error")}
    assert bool(found) == bool(done.returncode), output(done)
    return found


def test_what_was_there_at_the_baseline_is_known_and_counted(old: Project) -> None:
    lines = (old.root / "harness-baseline.txt").read_text().splitlines()
    assert "failed  properties  t05::touch::fires" in lines
    assert any(line.startswith("failed  lint  harness:HB01  db/migr") for line in lines)
    done = old.run("gate")
    assert done.returncode == 0, output(done)
    assert "harness-baseline.txt: 1 result of older objects known" in done.stdout
    assert "none of 40 revisions is new" in done.stdout


def test_a_good_revision_is_judged_and_passes(old: Project) -> None:
    up = """CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    t05_id bigint NOT NULL REFERENCES t05 (id),
    n int NOT NULL CHECK (n > 0)
);
CREATE INDEX orders_t05 ON orders (t05_id);
"""
    add(old, up, "DROP TABLE orders;\n")
    done = old.run("gate")
    assert done.returncode == 0, output(done)
    assert "1 revision up, down, up" in done.stdout


_BROKEN = """CREATE OR REPLACE FUNCTION touch_t07() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.{} := clock_timestamp();
    RETURN NEW;
END
$$;
"""


@pytest.mark.parametrize(
    ("up", "down", "ids"),
    [
        ("CREATE INDEX i ON t01 (note);\n", "DROP INDEX i;\n", {"squawk:require-concurrent-index"}),
        (
            "ALTER TABLE t02 ADD COLUMN n int NOT NULL;\n",
            "ALTER TABLE t02 DROP COLUMN n;\n",
            {"squawk:adding-required-field", "migrations:up-on-rows"},
        ),
        (
            _BROKEN.format("changed"),
            _BROKEN.format("changed_at"),
            {"harness:HB01", "t07::touch::fires"},
        ),
        ("ALTER TABLE t06 DROP CONSTRAINT t06_note;\n", "SELECT 1;\n", {"squawk:ban-drop-constr"}),
    ],
)
def test_a_fault_of_a_new_revision_is_found(
    old: Project, up: str, down: str, ids: set[str]
) -> None:
    add(old, up, down)
    found = failing(old)
    assert all(any(one.startswith(id_) for one in found) for id_ in ids), found


def test_what_is_repaired_is_named_so_that_its_line_can_go(old: Project) -> None:
    add(old, _BROKEN.format("changed_at").replace("t07", "t05"), "SELECT 1;\n")
    done = old.run("gate")
    _, _, fixed = done.stdout.partition("fixed, so take it out of harness-baseline.txt:\n")
    assert "  failed  properties  t05::touch::fires\n" in fixed
    assert "  failed  lint  harness:HB01" in fixed


def test_since_a_reference_only_the_change_is_judged(old: Project) -> None:
    (old.root / "pyproject.toml").unlink()
    (old.root / "harness-baseline.txt").unlink()
    add(old, "ALTER TABLE t05 ADD COLUMN more text;\n", "ALTER TABLE t05 DROP COLUMN more;\n")
    done = old.run("gate", "--since", "HEAD")
    assert done.returncode == 0, output(done)
    assert "since HEAD: 1 revision judged, 40 old" in done.stdout
    assert "2 files, 0 findings" in done.stdout
    assert "1 revision up, down, up" in done.stdout
    assert "4 known" in done.stdout  # properties of t05, before the change, too


def test_a_revision_that_was_edited_counts_as_new_and_is_named(old: Project) -> None:
    file = old.root / "db/migrations/0037_more_of_t07.up.sql"
    file.write_text(file.read_text() + "SELECT 1 WHERE 1 = NULL;\n")
    done = old.run("lint", "--since", "HEAD")
    assert done.returncode == 1, output(done)
    assert "edited since, so it counts as new: db/migrations/0037_more_of_t07.up.sql" in done.stdout
    assert "0037_more_of_t07.up.sql:2:18: sqlfluff:CV05" in done.stdout


def test_update_moves_the_baseline_in_the_configuration(old: Project) -> None:
    (old.root / "harness-baseline.txt").unlink()
    shutil.rmtree(old.root / "db/migrations")
    old_project.write(old.root, 5)
    old.write("pyproject.toml", '# mine\n[tool.harness]\nbaseline = "0004"  # before\n\n[tool.x]\n')
    done = old.run("baseline", "--update")
    assert done.returncode == 0, output(done)
    said = '# mine\n[tool.harness]\nbaseline = "0005_keys_of_t00"  # before\n\n[tool.x]\n'
    assert (old.root / "pyproject.toml").read_text() == said


@pytest.mark.parametrize("baseline", ["0099", "00"])
def test_a_baseline_that_is_no_revision_is_refused(old: Project, baseline: str) -> None:
    old.write("pyproject.toml", f'[tool.harness]\nbaseline = "{baseline}"\n')
    done = old.run("gate")
    assert done.returncode == 2
    assert "baseline: " in done.stderr
