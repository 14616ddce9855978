"""The README's examples, run: they are the first thing that anybody tries."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from harness import config
from harness.tasks import namespace

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
BLOCKS = [m.groups() for m in re.finditer(r"```(\w+)\n(.*?)```", README, re.DOTALL)]
HARNESS = Path(sys.executable).with_name("harness")


def blocks(language: str) -> list[str]:
    return [text for found, text in BLOCKS if found == language]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of the README's files, each named by its first line."""
    for text in blocks("sql") + blocks("python"):
        first, _, rest = text.partition("\n")
        path = tmp_path / first.lstrip("-# ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rest)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HARNESS, *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )


def test_the_project_of_the_readme_passes_its_gate(project: Path):
    done = run(project, "gate")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 assertions in 1 SQL file" in done.stdout


def test_the_project_of_the_readme_notices_a_lost_constraint(project: Path):
    migration = project / "sql/migrations/0001_tasks.sql"
    migration.write_text(migration.read_text().replace(" CHECK (title != '')", ""))
    done = run(project, "test")
    assert done.returncode == 1
    assert blocks("text")[0].replace("\n  ", "\n").strip() in done.stdout


def test_the_table_of_commands_has_every_command():
    named = re.findall(r"^\| `harness ([\w-]+)` \|", README, re.MULTILINE)
    assert sorted(named) == sorted(namespace.task_names)


def test_the_keys_of_the_configuration_are_all_of_them(tmp_path: Path):
    (tmp_path / "sql/migrations").mkdir(parents=True)
    (tmp_path / "pgtap_tests").mkdir()
    text = blocks("toml")[0]
    (tmp_path / "pyproject.toml").write_text(text)
    assert config.load(tmp_path).jobs == 2
    said = {key.replace("-", "_") for key in tomllib.loads(text)["tool"]["harness"]}
    in_prose = {"server", "cache_dir", "temp_dir"}
    assert said | in_prose == set(config.KEYS)
