"""The README's examples, run: they are the first thing that anybody tries."""

from __future__ import annotations

import re
import runpy
from html import unescape
from pathlib import Path

import pytest

from tests.project import Project, output
from tests.support.markdown import ROOT, blocks

README = ROOT / "README.md"
PICTURES = ROOT / "docs/pictures"
COMMANDS = """\
python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/invoke gate
python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest -n auto
"""


def texts(language: str) -> list[str]:
    return [block.text for block in blocks(README) if block.language == language]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project of the README's files, each named by its first line."""
    project = Project(tmp_path)
    for text in texts("sql"):
        first, _, rest = text.partition("\n")
        project.write(first.lstrip("- "), rest)
    return project


def test_two_commands_come_first():
    assert texts("sh")[0] == COMMANDS
    assert README.read_text("utf-8").count("\n") <= 150


def test_the_project_of_the_readme_passes_and_notices_a_lost_constraint(project: Project):
    done = project.run("gate")
    assert done.returncode == 0, output(done)
    migration = project.root / "sql/migrations/0001_tasks.sql"
    migration.write_text(migration.read_text().replace(" CHECK (title != '')", ""))
    done = project.run("gate")
    assert done.returncode == 1
    said = re.sub(r"\d+\.\d\d s", "", done.stdout)
    wanted = re.sub(r"\d+\.\d\d s", "", texts("text")[0]).splitlines()
    assert [line for line in wanted if line.rstrip() not in said] == []


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
    assert not missing, "run: python -m docs.pictures.draw"
