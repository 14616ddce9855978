"""The pre-commit hooks, the action and the page on lint: what they name is run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.cli.commands import COMMANDS
from harness.cli.options import OPTIONS
from tests.project import BIN, Project, output

HERE = Path(__file__).parent.parent
HOOKS = yaml.safe_load((HERE / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION = yaml.safe_load((HERE / "action.yml").read_text("utf-8"))
PAGE = (HERE / "docs/lint.md").read_text("utf-8")
HOOKS_PAGE = (HERE / "docs/guides/pre-commit.md").read_text("utf-8")
COMMANDS_OF_THE_PAGE = [
    shlex.split(line)[1:]
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


def test_there_are_both_hooks():
    assert [hook["id"] for hook in HOOKS] == ["harness-lint", "harness-gate"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_on_a_whole_project(hook: dict[str, Any], project: Project):
    assert hook["language"] == "python"
    assert hook["pass_filenames"] is False
    assert re.search(hook["files"], "sql/migrations/0001_notes.up.sql")
    assert not re.search(hook["files"], "README.md")
    program, *arguments = shlex.split(hook["entry"])
    done = project.run(*arguments, program=program)
    assert done.returncode == 0, output(done)


def steps() -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in ACTION["runs"]["steps"] if "name" in step}


def test_the_action_is_composite_and_every_input_is_used():
    assert ACTION["runs"]["using"] == "composite"
    text = (HERE / "action.yml").read_text("utf-8")
    used = set(re.findall(r"inputs\.([\w-]+)", text))
    assert used == set(ACTION["inputs"])
    assert all(step.get("shell") for step in steps().values() if "run" in step)


def test_the_action_installs_what_pip_can():
    program, *arguments = shlex.split(steps()["Install"]["run"])
    assert (program, arguments[:3]) == ("python", ["-m", "pip", "install"])
    assert arguments[3] == "$GITHUB_ACTION_PATH"
    done = subprocess.run([sys.executable, *arguments[:2], "--version"], capture_output=True)
    assert done.returncode == 0
    assert (HERE / "pyproject.toml").is_file()


@pytest.mark.parametrize("more", ["", "--tests pgtap_tests -k notes"])
def test_the_gate_of_the_action_runs(project: Project, tmp: Path, more: str):
    bash = shutil.which("bash")
    assert bash
    step = steps()["Gate"]
    assert set(step["env"]) == {"ARGUMENTS"}
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("HARNESS", "PYTEST", "GITHUB"))
    }
    environ = {"PATH": f"{BIN}:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp), "ARGUMENTS": more}
    done = subprocess.run(
        [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=project.root,
        env=kept | environ,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, output(done)
    assert (tmp / "harness.sarif").is_file()


def test_the_upload_takes_the_file_that_the_gate_writes():
    written = steps()["Gate"]["run"].split('"')[1].replace("$RUNNER_TEMP", "${{ runner.temp }}")
    assert steps()["Upload"]["with"]["sarif_file"] == written


def test_the_commands_of_the_page_run(project: Project):
    assert len(COMMANDS_OF_THE_PAGE) == 3
    for arguments in COMMANDS_OF_THE_PAGE:
        done = project.run(*arguments)
        assert done.returncode == 0, (arguments, output(done))


def test_the_comments_of_the_page_accept(project: Project):
    (sql,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    project.write("sql/migrations/0002_drop.up.sql", sql)
    project.write("sql/migrations/0002_drop.down.sql", "SELECT 1;\n")
    done = project.run("lint")
    assert done.returncode == 0, output(done)


def test_the_page_has_every_code_of_ours_and_only_hooks_that_exist():
    sources = [path.read_text("utf-8") for path in (HERE / "harness/lint").glob("*.py")]
    ours = {code for text in sources for code in re.findall(r'"(H[BL]\d\d)"', text)}
    assert set(re.findall(r"^\| `(H[BL]\d\d)` \|", PAGE, re.MULTILINE)) == ours
    hooks = set(re.findall(r"- id: ([\w-]+)", HOOKS_PAGE))
    assert hooks == {hook["id"] for hook in HOOKS}
    assert {"sarif", "json", "fix"} <= set(COMMANDS["lint"].options) <= set(OPTIONS)
