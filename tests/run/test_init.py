"""harness init: what it writes on a project that has nothing of the harness yet."""

from __future__ import annotations

from pathlib import Path

from tests.project import Project, output
from tests.support import old_project


def test_init_makes_a_gate_that_passes_and_overwrites_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)
    names = old_project.write(tmp_path, 5)
    project.write("pyproject.toml", '[project]\nname = "mine"')
    shown = project.run("init", "--dry-run")
    assert shown.returncode == 0, output(shown)
    assert f'baseline = "{names[-1]}"' in shown.stdout
    assert not (tmp_path / "pgtap_tests").exists()
    done = project.run("init", "--ci", "github")
    assert done.returncode == 0, output(done)
    assert f"assumed: the history up to {names[-1]} as it is" in done.stdout.replace("is as", "as")
    assert (tmp_path / "pyproject.toml").read_text().startswith('[project]\nname = "mine"\n\n[tool')
    gate = project.run("gate")
    assert gate.returncode == 0, output(gate)
    files = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    again = project.run("init", "--ci", "github")
    assert again.returncode == 0, output(again)
    assert "[tool.harness] is there already, and is left alone" in again.stdout
    assert files == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
