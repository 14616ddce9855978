"""The README's examples, run: they are the first thing that anybody tries."""

from __future__ import annotations

import re
import runpy
import shlex
import tomllib
from html import unescape
from pathlib import Path

import pytest

from harness.cli.commands import COMMANDS as TASKS
from harness.core import config
from tests.project import Project, output

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
PICTURES = Path(__file__).parent.parent / "docs/pictures"
BLOCKS = [m.groups() for m in re.finditer(r"```(\w+)\n(.*?)```", README, re.DOTALL)]


def blocks(language: str) -> list[str]:
    return [text for found, text in BLOCKS if found == language]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of the README's files, each named by its first line."""
    for text in blocks("sql") + blocks("python"):
        first, _, rest = text.partition("\n")
        path = tmp_path / first.lstrip("-# ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rest)
    return Project(tmp_path)


def test_the_project_of_the_readme_passes_its_gate(project: Project):
    done = project.run("gate")
    assert done.returncode == 0, output(done)
    assert "3 assertions in 1 SQL file" in project.run("test").stdout


def break_it(project: Project) -> None:
    """Lose the constraint."""
    migration = project.root / "sql/migrations/0001_tasks.sql"
    migration.write_text(migration.read_text().replace(" CHECK (title != '')", ""))


def test_the_project_of_the_readme_notices_a_lost_constraint(project: Project):
    break_it(project)
    done = project.run("test")
    assert done.returncode == 1
    assert blocks("text")[0].replace("\n  ", "\n").strip() in done.stdout


COMMANDS = [
    shlex.split(line, comments=True)[1:]
    for block in blocks("sh")
    for line in block.splitlines()
    if re.match(r"harness (test|psql|lint|apply)\b", line)
]


def test_the_commands_of_the_readme_run(project: Project):
    """On a project with a failure, so that there is something to keep and to run again."""
    break_it(project)
    assert len(COMMANDS) > 10
    for arguments in COMMANDS:
        done = project.run(*arguments)
        wanted = {"psql": (0,)}.get(arguments[0], (2,) if "--tag" in arguments else (0, 1))
        assert done.returncode in wanted, (arguments, output(done))
    assert project.run("psql", "--drop").stdout == "dropped 1 kept database\n"


def test_the_table_of_commands_has_every_command():
    named = re.findall(r"^\| `harness ([\w-]+)` \|", README, re.MULTILINE)
    assert sorted(named) == sorted(TASKS)


def test_the_keys_of_the_configuration_are_all_of_them(tmp_path: Path):
    (tmp_path / "sql/migrations").mkdir(parents=True)
    (tmp_path / "pgtap_tests").mkdir()
    (tmp_path / "setup").mkdir()
    (tmp_path / "setup/roles.sql").touch()
    text = blocks("toml")[0]
    (tmp_path / "pyproject.toml").write_text(text)
    assert config.load(tmp_path).jobs == 2
    said = {key.replace("-", "_") for key in tomllib.loads(text)["tool"]["harness"]}
    in_prose = {"server", "cache_dir", "temp_dir"}
    assert said | in_prose == set(config.KEYS)


def _lines(text: str) -> list[str]:
    """What is ours, without colours, blanks and times."""
    plain = re.sub(r"\x1b\[[0-9;]*m|\d+\.\d\d s| ", "", text.partition("── migrations")[2])
    return plain.split()


def test_the_picture_shows_what_the_gate_says():
    svg = (PICTURES / "gate.svg").read_text("utf-8")
    said = runpy.run_path(str(PICTURES / "draw.py"))["said"]
    texts = re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)
    shown = unescape("".join(texts)).replace("\xa0", " ")
    missing = [line for line in _lines(said()) if line not in "".join(_lines(shown))]
    assert not missing, "run: python docs/pictures/draw.py"
