"""``harness explain`` and ``harness completion``: both know what there is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.cli import completion, explain, meanings
from harness.cli.command import flag
from harness.cli.commands import COMMANDS
from harness.core.errors import ConfigError
from harness.core.results import CANNOT_RUN, FAILED, PASSED, Outcome
from harness.migrations.rules import IDS
from harness.run.mutate import KINDS

HARNESS = Path(explain.__file__).parents[1]


def ids(what: str) -> set[str]:
    return {one.id for one in explain.every() if one.what.startswith(what)}


def written(folder: str, pattern: str) -> set[str]:
    """What the source has that looks like an id."""
    text = "".join(path.read_text("utf-8") for path in (HARNESS / folder).rglob("*.py"))
    return set(re.findall(pattern, text))


def test_everything_with_an_id_has_a_page():
    assert ids("outcome") == {one.value for one in Outcome}
    assert ids("exit code") == {str(code) for code in (PASSED, FAILED, CANNOT_RUN)}
    assert ids("rule of harness migrations") == IDS
    assert ids("kind of mutant") == KINDS
    assert {*meanings.LINT} == written("lint", r'"(H[BL]\d\d)"')
    rules = written("access", r'(?:_said\(grid, identity, |rule, does = )"([a-z-]+)"')
    assert rules - {"takes"} <= {*meanings.ACCESS}


def test_an_id_is_found_as_reports_write_it():
    for given, found in (
        ("catalog:no-primary-key", "no-primary-key"),
        ("migrations:rewrite", "rewrite"),
        ("tasks::title::not_null", "not_null"),
        ("access::public.tasks::app::raises", "raises"),
        ("harness:HB01", "HB01"),
        ("foreign_key", "foreign_key"),
        ("TODO_PASSED", "todo passed"),
    ):
        assert explain.explain([given]).startswith(f"{found}: "), given
    assert "https://squawkhq.com/docs/ban-drop-column" in explain.explain(
        ["squawk:ban-drop-column"]
    )


def test_what_is_known_is_listed_and_what_is_near_is_said():
    assert all(one.id in explain.explain([]) for one in explain.every())
    with pytest.raises(
        ConfigError, match=r"nothing is called 'migrations:rewrit'; did you mean 'rewrite'\?"
    ):
        explain.explain(["migrations:rewrit"])


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_a_shell_is_offered_every_option(shell: str, tmp_path: Path):
    script = completion.completion([shell], COMMANDS)
    for name, command in COMMANDS.items():
        of_it = "\n".join(line for line in script.splitlines() if re.search(rf"\b{name}\b", line))
        for option in command.options:
            dashed = flag(option)
            word = {"fish": f"-l {dashed[2:]}" if len(dashed) > 2 else f"-s {dashed[1:]}"}
            assert word.get(shell, dashed) in of_it, (name, option)
    path = tmp_path / "script"
    path.write_text(script)
    if program := shutil.which(shell):
        done = subprocess.run([program, "-n", path], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("harness ga", "gate"),
        ("harness gate --ht", "--html"),
        ("harness test --pgtap b", "builtin"),
        ("harness mutate --kind for", "foreign key"),
        ("harness explain no-pri", "no-primary-key"),
        ("harness lint pyproj", "pyproject.toml"),
    ],
)
def test_bash_completes(line: str, offered: str, tmp_path: Path):
    (tmp_path / "pyproject.toml").touch()
    words = " ".join(f"'{word}'" for word in line.split())
    script = completion.completion(["bash"], COMMANDS)
    ask = f"COMP_WORDS=({words}); COMP_CWORD={len(line.split()) - 1}; _harness"
    show = r'printf "%s\n" "${COMPREPLY[@]}"'
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{ask}\n{show}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == (offered, "")


def test_another_shell_is_an_error():
    with pytest.raises(ConfigError, match="did you mean 'zsh'"):
        completion.completion(["csh"], COMMANDS)
    with pytest.raises(ConfigError, match="say for which shell: bash, zsh, fish"):
        completion.completion([], COMMANDS)
