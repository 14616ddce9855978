"""A server that has no room to start: one message with a remedy, exit 2, nothing left."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.project import BIN, Project, output


@pytest.mark.parametrize(
    ("limit", "remedy"),
    [("ulimit -f 200", "ulimit -f unlimited"), ("ulimit -n 24", "ulimit -n 1024")],
)
def test_a_limit_is_named(project: Project, limit: str, remedy: str) -> None:
    command = f"{limit}; exec {BIN / 'harness'} apply"
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=project.root,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, output(done)
    assert remedy in output(done)
    assert "Traceback" not in output(done)
    assert "internal error" not in output(done)
