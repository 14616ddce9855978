"""Directories of a run: a killed run's go with the next one, and nobody else's ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.core import scratch
from harness.core.scratch import BEGUN, LOCK
from tests.support.asleep import is_running, wait_until
from tests.test_cluster import HOLDER

LONG_AGO = time.time() - 2 * BEGUN
KILLED = """
import os, signal, sys
from pathlib import Path
from harness.core import scratch
made = scratch.make("lint-", Path(sys.argv[1]))
(made.path / "below").mkdir()
(made.path / "below/file").touch()
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(parent: Path) -> Path:
    """The directory of a run that is dead."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(parent)], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = set(parent.glob("harness-lint-*"))
    return left


def test_only_the_directory_of_a_dead_run_is_swept(tmp_path: Path):
    left = killed(tmp_path)
    (left / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / LOCK).touch()
    (tmp_path / "harness-linklink").symlink_to(tmp_path / "mine")
    (tmp_path / "harness-backup").mkdir()
    (tmp_path / "harness-backup" / LOCK).touch()  # no name that mkdtemp gives
    begun, new = tmp_path / "harness-abcd1234", tmp_path / "harness-new12345"
    for empty in (begun, new):
        empty.mkdir(mode=0o700)
    os.utime(begun, (LONG_AGO, LONG_AGO))
    alive = scratch.make("", tmp_path)
    scratch.sweep(tmp_path)
    alive.release()
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {"mine", "harness-linklink", "harness-backup", new.name, alive.path.name}
    assert (tmp_path / "mine" / LOCK).exists()


def test_a_directory_keeps_its_lock_while_something_in_it_cannot_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    left = killed(tmp_path)
    with monkeypatch.context() as refused:
        refused.setattr(scratch.shutil, "rmtree", lambda *_, **__: None)
        scratch.sweep(tmp_path)
    assert sorted(path.name for path in left.iterdir()) == ["below", LOCK]
    scratch.sweep(tmp_path)
    assert not left.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells of a parent's death")
@pytest.mark.parametrize("harness_too", [False, True])
def test_no_server_outlives_its_supervisor(tmp: Path, harness_too: bool):
    # In a directory of its own: another run would sweep what a killed one has left.
    command = [sys.executable, "-c", HOLDER, str(tmp)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert holder.stdout is not None
    folder, postmaster = holder.stdout.readline().split()
    children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
    if harness_too:
        holder.kill()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    wait_until(lambda: not is_running(int(postmaster)))
    if harness_too:
        assert Path(folder).exists()
        scratch.sweep(Path(folder).parent, {Path(folder).stat().st_uid})
    else:
        holder.send_signal(signal.SIGINT)  # it stops its server as a run does
    holder.wait()
    holder.stdout.close()
    assert not Path(folder).exists()
