"""A project with a history that nobody may change: the baseline, and what a change touches."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import Project, output
from tests.support import old_project
from tests.support.places import short_directory
from tests.test_changes import commit, git

REVISIONS = 10
TEST = """BEGIN;
SELECT plan(1);
SELECT has_table('t05');
SELECT * FROM finish();
ROLLBACK;
"""
_BROKEN = """CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.{} := clock_timestamp();
    RETURN NEW;
END
$$;
"""


@pytest.fixture(scope="module")
def adopted() -> Iterator[Path]:
    """A project with a baseline at its last revision, committed."""
    with short_directory() as folder:
        root = folder / "project"
        root.mkdir()
        project = Project(root)
        names = old_project.write(root, REVISIONS, first=5)
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


def add(project: Project, up: str, down: str, number: int = 11) -> None:
    project.write(f"db/migrations/{number:04}_new.up.sql", up)
    project.write(f"db/migrations/{number:04}_new.down.sql", down)


def test_a_good_revision_passes_and_what_was_there_is_known(old: Project) -> None:
    lines = (old.root / "harness-baseline.txt").read_text().splitlines()
    assert "failed  properties  t05::touch::fires" in lines
    assert any(line.startswith("failed  lint  harness:HB01  db/migr") for line in lines)
    assert "none of 10 revisions is new" in old.run("migrations").stdout
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
    assert "of older objects known" in done.stdout


def test_what_is_repaired_is_named_so_that_its_line_can_go(old: Project) -> None:
    add(old, _BROKEN.format("touch_t05", "changed_at"), "SELECT 1;\n")
    done = old.run("properties")
    _, _, fixed = done.stdout.partition("fixed, so take it out of harness-baseline.txt:\n")
    assert "  failed  properties  t05::touch::fires\n" in fixed


def test_a_revision_that_sorts_before_the_baseline_and_came_later_is_new(old: Project) -> None:
    path = old.root / "harness-baseline.txt"
    late = next(line for line in path.read_text().splitlines() if line.startswith("revision  0005"))
    path.write_text(path.read_text().replace(f"{late}\n", ""))
    done = old.run("migrations")
    assert f"not in harness-baseline.txt, so it counts as new: {late.split()[1]}" in done.stdout
    assert "1 revision up, down, up" in done.stdout, output(done)


FAULTS = [
    ("CREATE INDEX i ON t06 (note);\n", "DROP INDEX i;\n"),
    ("ALTER TABLE t06 ADD COLUMN n int NOT NULL;\n", "ALTER TABLE t06 DROP COLUMN n;\n"),
    (_BROKEN.format("touch_t06", "changed"), _BROKEN.format("touch_t06", "changed_at")),
    ("ALTER TABLE t06 DROP CONSTRAINT t06_note;\n", "SELECT 1;\n"),
]


def test_each_fault_of_a_new_revision_is_found_and_nothing_else(old: Project) -> None:
    for number, (up, down) in enumerate(FAULTS, 11):
        add(old, up, down, number)
    done = old.run("gate", "--json", "found.jsonl")
    assert done.returncode == 1, output(done)
    lines = (old.root / "found.jsonl").read_text().splitlines()
    found = [one for one in map(json.loads, lines) if one["outcome"] in ("failed", "error")]
    ids = {one["id"] for one in found}
    of_t06 = {one for one in ids if one.startswith("t06::")}
    assert "t06::touch::fires" in of_t06
    assert ids - of_t06 == {
        "squawk:require-concurrent-index-creation",
        "squawk:adding-required-field",
        "harness:HB01",
        "squawk:ban-drop-constraint",
        "migrations:up-on-rows",
    }


def test_since_a_reference_only_the_change_is_judged(old: Project) -> None:
    (old.root / "pyproject.toml").unlink()
    (old.root / "harness-baseline.txt").unlink()
    add(old, "ALTER TABLE t05 ADD COLUMN more text;\n", "ALTER TABLE t05 DROP COLUMN more;\n")
    done = old.run("gate", "--since", "HEAD")
    assert done.returncode == 0, output(done)
    assert "since HEAD: 1 revision judged, 10 old" in done.stdout
    assert "2 files, 0 findings" in done.stdout
    assert "1 revision up, down, up" in done.stdout
    assert "4 known" in done.stdout  # properties of t05, before the change, too


_OPEN = """CREATE ROLE existing_app;
CREATE TABLE apart (id int PRIMARY KEY);
GRANT SELECT ON apart TO existing_app;
CREATE TABLE secrets (id int PRIMARY KEY, owner text NOT NULL);
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON secrets TO existing_app;
CREATE POLICY own ON secrets USING (owner = current_setting('app.who', true)) WITH CHECK (true);
"""
_READER = """CREATE FUNCTION through() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    RETURN (SELECT count(*) FROM secrets);
"""
_MORE = """CREATE TABLE more (id int PRIMARY KEY, owner text NOT NULL);
ALTER TABLE more ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON more TO existing_app;
CREATE POLICY own ON more USING (owner = current_setting('app.who', true)) WITH CHECK (true);
"""


def test_since_a_reference_access_that_was_wrong_before_is_known(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("db/migrations/0001_a.sql", _OPEN)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    assert project.run("access").returncode == 1
    done = project.run("access", "--since", "HEAD")
    assert done.returncode == 0, output(done)
    assert "not run: no revision is new" in done.stdout
    project.write("db/migrations/0002_b.sql", _MORE)
    done = project.run("access", "--since", "HEAD", "--json", "found.jsonl")
    assert done.returncode == 1, output(done)
    found = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text().splitlines()]
    wrong = {one["id"].split("::")[1] for one in found if one["outcome"] == "failed"}
    assert wrong == {"public.more"}, found
    assert _tried(project, "--since", "HEAD") == {"public.more"}
    project.write("db/migrations/0003_c.sql", _READER)
    assert _tried(project, "--since", "HEAD") == {"public.more", "public.secrets"}
    lines = (tmp_path / "found.jsonl").read_text().splitlines()
    assert "todo" in {json.loads(line)["outcome"] for line in lines}
    project.write("db/migrations/0004_d.sql", "GRANT USAGE ON SCHEMA public TO existing_app;\n")
    assert _tried(project, "--since", "HEAD") == {"public.more", "public.secrets", "public.apart"}


def _tried(project: Project, *flags: str) -> set[str]:
    """The relations that access was tried of."""
    project.run("access", *flags, "--json", "found.jsonl")
    lines = (project.root / "found.jsonl").read_text().splitlines()
    facts = [json.loads(line).get("facts") or {} for line in lines]
    return {one["relation"] for one in facts if "relation" in one}


def test_a_revision_that_was_edited_counts_as_new_and_is_named(old: Project) -> None:
    file = old.root / "db/migrations/0007_more_of_t06.up.sql"
    file.write_text(file.read_text() + "SELECT 1 WHERE 1 = NULL;\n")
    done = old.run("lint", "--since", "HEAD")
    assert done.returncode == 1, output(done)
    assert "edited since, so it counts as new: db/migrations/0007_more_of_t06.up.sql" in done.stdout
    assert "0007_more_of_t06.up.sql:2:18: sqlfluff:CV05" in done.stdout


def test_an_old_revision_that_was_edited_breaks_the_record(old: Project) -> None:
    with (old.root / "pyproject.toml").open("a") as file:
        file.write('\n[tool.harness.properties]\nrecord = "properties.json"\n')
    assert old.run("properties", "--record").returncode == 0
    assert old.run("properties").returncode == 0
    file = old.root / "db/migrations/0010_keys_of_t06.up.sql"
    file.write_text(file.read_text().replace("< 200", "< 300"))
    done = old.run("properties")
    assert done.returncode == 1, output(done)
    assert "t06::t06_note" in done.stdout
    assert "declared differently" in done.stdout


def test_update_moves_the_baseline_in_the_configuration(old: Project) -> None:
    (old.root / "harness-baseline.txt").unlink()
    shutil.rmtree(old.root / "db/migrations")
    old_project.write(old.root, 5)
    others = "[tool.harness.properties]\nenabled = false\n"
    old.write("pyproject.toml", '# mine\n[tool.harness]\nbaseline = "0004"  # before\n' + others)
    done = old.run("baseline", "--update")
    assert done.returncode == 0, output(done)
    said = '# mine\n[tool.harness]\nbaseline = "0005_keys_of_t00"  # before\n'
    assert (old.root / "pyproject.toml").read_text() == said + others


@pytest.mark.parametrize("baseline", ["0099", "00"])
def test_a_baseline_that_is_no_revision_is_refused(old: Project, baseline: str) -> None:
    old.write("pyproject.toml", f'[tool.harness]\nbaseline = "{baseline}"\n')
    done = old.run("lint")
    assert done.returncode == 2
    assert "baseline: " in done.stderr
