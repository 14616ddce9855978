"""harness init: what it writes on a project that has nothing of the harness yet."""

from __future__ import annotations

from pathlib import Path

from harness.core.config import Config
from harness.run.init import ProjectSetup
from tests.project import Project, output
from tests.support import old_project


def test_init_makes_a_gate_that_passes_and_overwrites_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)
    names = old_project.write(tmp_path, 5)
    project.write("pyproject.toml", '[project]\nname = "mine"')
    project.write(".github/workflows/ci.yml", "jobs: {}\n")
    project.write("compose.yml", "services: {db: {image: postgres:16}}\n")
    project.write(".pre-commit-config.yaml", "repos: []\n")
    shown = project.run("init", "--dry-run")
    assert shown.returncode == 0, output(shown)
    assert f'baseline = "{names[-1]}"' in shown.stdout
    assert "found: GitHub Actions in .github/workflows/ci.yml\n" in shown.stdout
    assert "found: PostgreSQL 16 in compose.yml; no server is named" in shown.stdout
    assert "GitHub Actions: 'harness init --ci github' adds the gate" in shown.stdout
    assert not (tmp_path / "pgtap_tests").exists()
    done = project.run("init", "--ci", "github", "--pre-commit")
    assert done.returncode == 0, output(done)
    assert f"assumed: the history up to {names[-1]} as it is" in done.stdout.replace("is as", "as")
    assert (tmp_path / "pyproject.toml").read_text().startswith('[project]\nname = "mine"\n\n[tool')
    assert "run: harness gate" in (tmp_path / ".github/workflows/schema.yml").read_text()
    for name in ("harness-baseline.txt", "pgtap_tests/t00.sql", "properties.json"):
        assert f"\n{(tmp_path / name).read_text()}" in shown.stdout, name
    assert ".pre-commit-config.yaml: is left alone; add this to it:\n  - repo: " in done.stdout
    gate = project.run("gate")
    assert gate.returncode == 0, output(gate)
    files = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    again = project.run("init", "--ci", "github")
    assert ".github/workflows/schema.yml: runs harness already" in again.stdout
    assert again.returncode == 0, output(again)
    assert "[tool.harness] is there already, and is left alone" in again.stdout
    assert files == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}


_GOOD = """CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL CHECK (title <> '')
);
"""


def test_a_history_in_which_nothing_fails_needs_no_baseline(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("db/migrations/0001_notes.up.sql", _GOOD)
    project.write("db/migrations/0001_notes.down.sql", "DROP TABLE notes;\n")
    done = project.run("init")
    assert done.returncode == 0, output(done)
    assert "nothing of the history fails, so all of it is judged: no baseline" in done.stdout
    assert "baseline" not in (tmp_path / "pyproject.toml").read_text()
    assert not (tmp_path / "harness-baseline.txt").exists()
    project.write("db/migrations/0001_notes.down.sql", "SELECT 1;\n")
    (tmp_path / "pyproject.toml").unlink()
    done = project.run("init")
    assert done.returncode == 0, output(done)
    assert "assumed: the history up to 0001_notes is as it is" in done.stdout


def test_what_uv_installs_is_run_by_uv(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text('[[package]]\nname = "alembic"\n')

    def jobs() -> tuple[str, list[str]]:
        told = ProjectSetup(Config(tmp_path), dry_run=True, ask=None)
        for server in ("github", "gitlab"):
            told._run_on_changes(server, pre_commit=True)
        text = "\n".join(told.said)
        return text, [line.strip(" -") for line in text.splitlines() if " harness " in line]

    text, lines = jobs()
    assert text.count("uv sync --locked") == 2
    assert "uses: astral-sh/setup-uv@" in text
    assert "pip install" not in text
    called = [line for line in lines if line.startswith(("run:", "entry:", "uv run"))]
    assert len(called) == 6, lines  # two jobs, and the hooks twice
    assert all("uv run --with pgtap-harness harness " in line for line in called)
    assert "'uv add --dev pgtap-harness' pins its version" in text
    (tmp_path / "uv.lock").write_text('[[package]]\nname = "pgtap-harness"\n')
    text, _ = jobs()
    assert text.count("uv run harness ") == 6
    assert "--with" not in text
    assert "uv add" not in text
