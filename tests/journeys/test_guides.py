"""Each guide, followed to the letter: its files are written and its commands run, from nothing.

A block with a title is a file. In a ``console`` block a line that begins with ``$`` is run, and
the lines below it have to be in what it prints, in any order since files run side by side; ``...``
stands for lines that are left out, and times and blanks do not count. A command has to end with 0
unless ``echo $?`` after it says otherwise. What installs something is not run: it is installed.
In a ``sh`` block, which shows no output, our commands are run once there are files, and none may
end with 2.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.project import BIN, Project, output
from tests.support.markdown import ROOT, Block, blocks

GUIDES = [
    page
    for page in sorted((ROOT / "docs").rglob("*.md"))
    if any(block.language == "console" for block in blocks(page))
]
INSTALLS = re.compile(r"(python3 -m venv|\. \.venv|pip install|pre-commit|npm|npx|supabase) ?")
IN_FORKS = ("harness", "pytest")
PROGRAMS = ("alembic", "django-admin")
GIT = {
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "somebody"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "somebody@example.org"),
}


@dataclass(frozen=True)
class Step:
    """A command, what the page shows of its output, and the exit code that the page says."""

    command: str
    shown: tuple[str, ...]
    code: int


def steps(block: Block) -> Iterator[Step]:
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    for number, (command, shown) in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else ("", [])
        code = int(after[1][0]) if after[0] == "echo $?" else 0
        if command != "echo $?":
            yield Step(command, tuple(shown), code)


def run(project: Project, command: str) -> subprocess.CompletedProcess[str] | None:
    given, pipe, command = command.rpartition(" | ")
    words = shlex.split(command, comments=True)
    program = words[0].removeprefix(".venv/bin/")
    if INSTALLS.match(command.removeprefix(".venv/bin/")):
        return None
    if pipe:
        return piped(project, given, words)
    if program in IN_FORKS:
        return project.run(*words[1:], program=program)
    if program in PROGRAMS:
        return project.process(*words[1:], program=program)
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=project.root,
        env={**os.environ, **GIT},
        capture_output=True,
        text=True,
    )


def piped(project: Project, given: str, words: list[str]) -> subprocess.CompletedProcess[str]:
    """A command of ours that reads what another one writes."""
    return subprocess.run(
        ["/bin/sh", "-c", f"{given} | {shlex.join([str(BIN / words[0]), *words[1:]])}"],
        cwd=project.root,
        capture_output=True,
        text=True,
    )


def bare(line: str) -> str:
    """A line without colours, blanks and times."""
    plain = re.sub(r"\x1b\[[0-9;]*m|\b\d+\.\d+ s\b", "", line)
    return re.sub(r"\s+", "", plain)


def missing(shown: tuple[str, ...], said: str) -> list[str]:
    """The lines of a page that a command did not print."""
    lines = [bare(line) for line in said.splitlines()]
    wanted = [line for line in shown if bare(line) and line.strip() != "..."]
    return [line for line in wanted if not any(bare(line) in found for found in lines)]


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_guide_is_followed(page: Path, tmp_path: Path):
    project = Project(tmp_path)
    begun = time.monotonic()
    for block in blocks(page):
        if block.title:
            project.write(block.title, block.text)
        if block.language == "sh" and any(tmp_path.iterdir()):
            for line in re.findall(r"^harness .*", block.text, re.MULTILINE):
                done = run(project, line)
                assert done is not None
                assert done.returncode in (0, 1), f"{block}: {line}\n{output(done)}"
        if block.language != "console":
            continue
        for step in steps(block):
            done = run(project, step.command)
            if done is None:
                continue
            said = output(done)
            where = f"{block}: {step.command}"
            assert done.returncode == step.code, f"{where}: {done.returncode}\n{said}"
            assert missing(step.shown, said) == [], f"{where}\n{said}"
    print(f"{page.stem}: {time.monotonic() - begun:.1f} s")


def test_guides_are_found():
    assert {"start", "writing-tests", "pytest"} <= {page.stem for page in GUIDES}
