"""Install a wheel or an sdist into a fresh environment of each Python, and run a gate with it.

::

    python -m build
    python -m tests.support.smoke dist/*.whl dist/*.tar.gz
    python -m tests.support.smoke dist/*.whl --python python3.12 --python python3.13

The gate is that of ``docs/pictures/example``, whose schema has faults: it has to end with exit code
1, every step has to have come to something, and the page has to be there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "docs/pictures/example"
STEPS = ("lint", "apply", "migrations", "properties", "test")


def smoke(archive: Path, python: str) -> None:
    """Raises CalledProcessError or AssertionError where it does not do what it should."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # root's server has another account, which runs what is in the cache
        subprocess.run([python, "-m", "venv", folder / "venv"], check=True)
        scripts = folder / "venv/bin"
        # Not even the sources of this repository may be found, so it runs somewhere else.
        install = [scripts / "python", "-m", "pip", "install", "--quiet", f"{archive}[html]"]
        subprocess.run(install, check=True, cwd=folder)
        said = _said([scripts / "harness", "--version"], folder, 0)
        version = _said([scripts / "python", "--version"], folder, 0)
        assert said.startswith("harness "), said
        assert "no-primary-key" in _said([scripts / "harness", "explain"], folder, 0)
        project = shutil.copytree(EXAMPLE, folder / "example")
        command = [scripts / "harness", "gate", "--html", "page.html"]
        said = _said(command, project, 1, HARNESS_CACHE_DIR=str(folder / "cache"))
        rows = [line.split()[1] for line in said.splitlines() if line[:1] in "✗✓!" and line[:1]]
        assert [step for step in STEPS if step not in rows] == [], said
        assert "! " not in said, said
        page = (project / "page.html").read_text("utf-8")
        assert "<h1>Failed</h1>" in page
        assert "<svg" in page
        print(f"ok: {archive.name} on {version.strip()}", flush=True)


def _said(command: list[str | Path], folder: Path, code: int, **variables: str) -> str:
    environment = {**os.environ, "PYTHONPATH": "", **variables}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, f"exit code {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def main() -> None:
    """Every archive on every Python that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--python", action="append", default=[])
    given = parser.parse_args()
    for python in given.python or [sys.executable]:
        for archive in given.archives:
            smoke(archive.resolve(), python)


if __name__ == "__main__":
    main()
