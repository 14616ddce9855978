"""What CONTRIBUTING.md says that has to be added is enough: each example is applied and used."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project import Project

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(\w+) (harness/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sections() -> dict[str, str]:
    """Heading -> text, of what can be added."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    _, *parts = re.split(r"^### ", text.partition("\n## Style")[0], flags=re.MULTILINE)
    return {part.partition("\n")[0]: part for part in parts}


def apply(section: str, root: Path) -> None:
    """Write the files of a section, and add its line, to a copy of the harness."""
    for kind, name, block in _BLOCK.findall(section):
        path = root / name
        if kind == "diff":
            (above, added) = block.splitlines()
            assert (above[0], added[0]) == (" ", "+")
            text = path.read_text("utf-8")
            assert text.count(above[1:] + "\n") == 1
            path.write_text(text.replace(above[1:] + "\n", f"{above[1:]}\n{added[1:]}\n"))
        else:
            assert not path.exists()
            path.write_text(block)


TEST = "BEGIN;\nSELECT plan(1);\nSELECT is_even(4);\nSELECT * FROM finish();\nROLLBACK;\n"
USED = {
    "An assertion": ("test --tests pgtap_tests/even.sql", "1 assertion in 1 SQL file: all passed"),
    "A source": ("apply --schema .", "1 migration applied: 1 table"),
    "A property": ("properties --only readable -v", "notes::rows::readable"),
    "A linter": ("lint", "tabs:tab"),
    "A migration rule": ("migrations -v", "adds 2 tables: "),
    "An operator of mutation testing": (
        "mutate --kind table --list",
        "notes::unlogged\n    - CREATE TABLE public.notes\n    + CREATE UNLOGGED TABLE",
    ),
    "A report": ("test --tests pgtap_tests/notes.sql --csv -", "passed,pgtap_tests/notes.sql::"),
}
"""What has to be added -> a command, and what it says because of the example."""


def test_every_kind_of_thing_has_an_example_that_is_used():
    assert sections().keys() == USED.keys()


@pytest.mark.parametrize("what", USED)
def test_an_example_is_enough(project: Project, what: str):
    shutil.copytree(ROOT / "harness", project.root / "copy" / "harness")
    apply(sections()[what], project.root / "copy")
    project.write("pgtap_tests/even.sql", TEST)
    project.write("pgtap_tests/tabs.sql", TEST.replace("is_even(4)", "\tok(true)"))
    project.write("database/current.sql", "CREATE TABLE a (i int);\n")
    project.write("sql/migrations/0002_two.up.sql", "CREATE TABLE b (i int);\nCREATE TABLE c ();\n")
    project.write("sql/migrations/0002_two.down.sql", "DROP TABLE b;\nDROP TABLE c;\n")
    arguments, said = USED[what][0].split(), USED[what][1]
    copied = str(project.root / "copy")
    done: subprocess.CompletedProcess[str] = project.process(*arguments, PYTHONPATH=copied)
    assert said in done.stdout + done.stderr
