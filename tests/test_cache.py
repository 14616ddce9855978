"""What the harness removes: only what it made and marked, and never through a link."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import platformdirs
import pytest

from harness.core.errors import ConfigError, ServerError
from harness.core.scratch import LOCK
from harness.lint._memory import Memory
from harness.lint.base import Unit
from harness.postgres.cluster.kept import _stop
from harness.postgres.server import cache as caching
from harness.postgres.server import supervisor
from harness.postgres.server.binaries import server_account
from harness.postgres.server.cache import MANIFEST, MARKER, Cache
from harness.postgres.server.datadir import _refuse_unnamed

LONG_AGO = time.time() - 400 * 86_400
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def nothing(_: Path) -> None:
    """Builds an empty entry."""


def age(*paths: Path) -> None:
    for path in paths:
        os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)


def old_entries(root: Path, *names: str) -> list[Path]:
    """Entries that nobody has used for long."""
    every = [Cache(root).entry(name, lambda staging: (staging / "data").mkdir()) for name in names]
    for made in every:
        age(made / MARKER, made)
    return every


def old_entry(root: Path) -> Path:
    return old_entries(root, "old")[0]


def foreign(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "photo").write_text("mine")
    age(folder)
    return folder


def prune(root: Path) -> None:
    """What building a new entry does."""
    Cache(root).entry("new", nothing)


@pytest.mark.parametrize(
    "name",
    [".git", ".ssh", "photos", "harness-photos", ".harness-data-18.0-1234-abcd", "data-18.0-1234"],
)
def test_what_the_harness_did_not_mark_stays_whatever_its_name_and_age(tmp_path: Path, name: str):
    there = foreign(tmp_path / name)
    prune(tmp_path)
    assert (there / "photo").read_text() == "mine"


@pytest.mark.parametrize("tag", ["", "Signature: 8a477f597d28d172789f06886806bc55\n# cargo's\n"])
def test_the_marker_of_another_program_is_not_ours(tmp_path: Path, tag: str):
    there = foreign(tmp_path / "harness-target")
    (there / MARKER).write_text(tag)
    age(there / MARKER, there)
    prune(tmp_path)
    assert (there / "photo").exists()


def test_our_marker_under_a_name_that_is_not_ours_is_no_entry(tmp_path: Path):
    moved = old_entry(tmp_path).rename(tmp_path / "backup")
    age(moved / MARKER, moved)
    prune(tmp_path)
    assert moved.exists()


def test_an_entry_that_nobody_used_for_long_goes_and_one_in_use_stays(tmp_path: Path):
    old, used = old_entries(tmp_path, "old", "used")
    Cache(tmp_path).entry("used", lambda _: pytest.fail("built again"))
    prune(tmp_path)
    assert not old.exists()
    assert used.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["harness-new", "harness-used"]


def test_what_a_killed_build_left_goes_after_a_day_even_if_it_had_only_begun(tmp_path: Path):
    program = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from harness.postgres.server.cache import Cache\n"
        "kill = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Cache(Path(sys.argv[1])).entry('half', kill)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert done.returncode == -9
    (half,) = tmp_path.iterdir()
    prune(tmp_path)
    assert half.exists(), "another process may be building it"
    age(half / MARKER)
    Cache(tmp_path).entry("newer", nothing)
    assert not half.exists()


def test_what_a_killed_removal_left_is_no_entry_and_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    old = old_entry(tmp_path)
    with monkeypatch.context() as killed:
        killed.setattr(shutil, "rmtree", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            prune(tmp_path)
    assert not old.exists(), "half an entry must not be taken for one"
    assert len(list(tmp_path.iterdir())) == 1
    prune(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["harness-new"]


@pytest.mark.parametrize("name", ["harness-link", ".harness-link-abcd"])
def test_a_link_to_an_entry_is_neither_followed_nor_removed(tmp_path: Path, name: str):
    target = old_entry(tmp_path / "elsewhere")
    root = tmp_path / "cache"
    root.mkdir()
    (root / name).symlink_to(target)
    prune(root)
    assert (root / name).is_symlink()
    assert (target / "data").is_dir()


def test_a_link_inside_an_entry_goes_and_what_it_leads_to_stays(tmp_path: Path):
    photos = foreign(tmp_path / "photos")
    old = old_entry(tmp_path)
    (old / "data" / "link").symlink_to(photos)
    (old / "link").symlink_to(photos)
    prune(tmp_path)
    assert not old.exists()
    assert (photos / "photo").exists()


@as_root
def test_what_belongs_to_another_account_is_left_alone(tmp_path: Path):
    theirs, half = old_entries(tmp_path, "theirs", "half")
    os.chown(theirs, 12345, 12345)
    os.chown(half / MARKER, 12345, 12345)
    prune(tmp_path)
    assert theirs.exists()
    assert half.exists()


def test_processes_that_prune_at_once_do_not_disturb_each_other(tmp_path: Path):
    old_entries(tmp_path, *(f"old{number}" for number in range(40)))
    with get_context("spawn").Pool(4) as pool:
        pool.map(prune, [tmp_path] * 4)
    assert [path.name for path in tmp_path.iterdir()] == ["harness-new"]


@pytest.mark.parametrize("how", ["directory", "link"])
def test_something_else_in_the_place_of_an_entry_is_named_and_stays(tmp_path: Path, how: str):
    mine = foreign(tmp_path / "mine")
    (tmp_path / "cache").mkdir()
    place = tmp_path / "cache" / "harness-x"
    mine.rename(place) if how == "directory" else place.symlink_to(mine)
    with pytest.raises(ConfigError, match=r"harness-x is in the way.*HARNESS_CACHE_DIR"):
        Cache(tmp_path / "cache").entry("x", nothing)
    assert (place / "photo").exists()
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_lint_forgets_its_own_files_only(tmp_path: Path):
    memory = Memory(Cache(tmp_path))
    known = Unit((), "0" * 32)
    memory.keep(known, [])
    (place,) = tmp_path.iterdir()
    (place / "notes").write_text("mine")
    age(*place.iterdir())
    memory.prune()
    assert sorted(path.name for path in place.iterdir()) == [MARKER, MANIFEST, "notes"]


# --- what is damaged ------------------------------------------------------------------------


def filled(staging: Path) -> None:
    (staging / "data" / "empty").mkdir(parents=True)
    (staging / "data" / "link").symlink_to("/nowhere")
    (staging / "data" / "table").write_bytes(b"x" * 9000)


def other_content(entry: Path) -> None:
    """What another program writes, of the same size."""
    (entry / "data/table").write_bytes(b"y" * 9000)
    os.utime(entry / "data/table", ns=(0, (entry / MANIFEST).stat().st_mtime_ns + 1))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "data/table has 1 bytes": lambda entry: (entry / "data/table").write_bytes(b"x"),
    "data/table: No such file": lambda entry: (entry / "data/table").unlink(),
    "data/empty: No such file": lambda entry: (entry / "data/empty").rmdir(),
    "data: No such file": lambda entry: shutil.rmtree(entry / "data"),
    "manifest: No such file": lambda entry: (entry / MANIFEST).unlink(),
    "manifest is not complete": lambda entry: os.truncate(entry / MANIFEST, 20),
    "data/table has another content": other_content,
}


@pytest.mark.parametrize("said", DAMAGES)
def test_a_damaged_entry_is_named_and_built_again_once(
    tmp_path: Path, said: str, capsys: pytest.CaptureFixture[str]
):
    entry = Cache(tmp_path).entry("x", filled)
    DAMAGES[said](entry)
    assert Cache(tmp_path).entry("x", filled) == entry
    told = capsys.readouterr().err
    assert f"{entry} is damaged ({said}" in told
    assert (entry / "data/table").read_bytes() == b"x" * 9000
    Cache(tmp_path).entry("x", lambda _: pytest.fail("built again"))
    assert [path.name for path in tmp_path.iterdir()] == ["harness-x"]


def test_a_copy_of_the_cache_is_as_good_as_the_cache(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    Cache(tmp_path / "one").entry("x", filled)
    shutil.copytree(tmp_path / "one", tmp_path / "two", symlinks=True, copy_function=shutil.copy)
    entry = Cache(tmp_path / "two").entry("x", lambda _: pytest.fail("built again"))
    (entry / "notes").write_text("what came later is nobody's concern")
    Cache(tmp_path / "two").entry("x", lambda _: pytest.fail("built again"))
    assert not capsys.readouterr().err


def test_a_full_disk_is_named_and_nothing_is_left(tmp_path: Path):
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(ConfigError, match=r"cannot write .*harness-x: No space left on device"):
        Cache(tmp_path).entry("x", full)
    assert list(tmp_path.iterdir()) == []


@as_root
def test_a_user_id_without_a_name_and_a_home_has_a_cache_and_is_told_what_initdb_lacks(
    tmp_path: Path,
):
    """In a child: nobody gets back from another account."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(54321)
            os.setuid(54321)
            os.environ.pop("HOME", None)
            folder = Cache(None).root
            with pytest.raises(ServerError, match=r"54321 has no name.*/etc/passwd.*--server"):
                _refuse_unnamed(server_account())
            folder.rmdir()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# --- where no home directory can be written to ----------------------------------------------


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary directory that every account can write to; there is no other place."""
    (tmp_path / "file").touch()
    for place in ("site_cache_path", "user_cache_path"):
        monkeypatch.setattr(platformdirs, place, lambda _: tmp_path / "file" / "x")
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder / f"{caching.APPLICATION}-{os.geteuid()}"


def test_the_cache_in_a_shared_directory_is_private(shared: Path):
    assert Cache().root == shared
    assert shared.stat().st_mode & 0o777 == (0o711 if os.geteuid() == 0 else 0o700)
    assert Cache().root == shared


def test_one_that_others_could_read_is_made_private(shared: Path):
    shared.mkdir(mode=0o755)
    Cache()
    assert not shared.stat().st_mode & 0o066


@pytest.mark.parametrize("target", ["photos", "nowhere"])
def test_a_link_in_the_shared_directory_is_refused(shared: Path, tmp_path: Path, target: str):
    photos = foreign(tmp_path / "photos")
    shared.symlink_to(tmp_path / target)
    with pytest.raises(ConfigError, match=r"a link or a file.*HARNESS_CACHE_DIR"):
        Cache()
    assert [path.name for path in photos.iterdir()] == ["photo"]
    assert not (tmp_path / "nowhere").exists()


@as_root
def test_a_directory_that_another_account_made_there_is_refused(shared: Path):
    shared.mkdir()
    os.chown(shared, 12345, 12345)
    with pytest.raises(ConfigError, match=r"must be ours.*HARNESS_CACHE_DIR"):
        Cache()


# --- servers' directories -------------------------------------------------------------------


@pytest.mark.parametrize("link", [".", "data", "data/base", "data/base/5", "data/pg_tblspc/1"])
def test_the_supervisor_removes_nothing_through_a_link(tmp_path: Path, link: str):
    server, mine = tmp_path / "harness-x", tmp_path / "mine"
    for place in ("data/base/1", "data/base/5", "data/pg_tblspc"):
        (server / place).mkdir(parents=True)
        (server / place / "file").touch()
    for place in ("base/5", "5"):
        (mine / place).mkdir(parents=True)
    for place in (".", "base", "base/5", "5"):
        (mine / place / "photo").touch()
    there = server if link == "." else server / link
    if there.exists():
        shutil.rmtree(there)
    there.symlink_to(mine)
    supervisor._remove(str(server), LOCK)
    assert len(list(mine.rglob("photo"))) == 4
    assert server.is_symlink() or not server.exists()


def test_stopping_a_kept_server_follows_no_link(tmp_path: Path):
    mine, folder = foreign(tmp_path / "mine"), tmp_path / "harness-x"
    (mine / supervisor.MARKER).touch()
    folder.symlink_to(mine)
    _stop(folder)
    assert (mine / supervisor.MARKER).exists()
