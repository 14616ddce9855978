"""What has changed since a git reference: real repositories, git by its command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.core.changes import Changes, changes_of
from harness.core.config import Config
from harness.core.config_reader import load
from harness.core.errors import ConfigError

_ENV = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(folder: Path, *arguments: str) -> str:
    """Run git there, as somebody."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    command = ["git", *who, *arguments]
    environ = os.environ | _ENV
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path, **files: str) -> str:
    """Write files (``_`` stands for ``.`` in their names) and commit them; the hash."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "more", "--allow-empty")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A branch that left main, which went on."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commit(folder, sql__1_sql="one", sql__2_sql="two", old__3_sql="three\n" * 9)
    git(folder, "checkout", "--quiet", "-b", "feature")
    commit(folder, sql__4_sql="four")
    git(folder, "checkout", "--quiet", "main")
    commit(folder, sql__1_sql="edited on main", sql__9_sql="nine")
    git(folder, "checkout", "--quiet", "feature")
    return folder


def changes(folder: Path, *refs: str) -> Changes:
    found = changes_of(Config(root=folder, since_refs=refs))
    assert found is not None
    return found


def test_old_is_what_the_merge_base_has_and_not_what_the_reference_has(repository: Path) -> None:
    (repository / "sql/2.sql").write_text("edited, not committed")
    (repository / "sql/5.sql").write_text("not tracked")
    (repository / ".gitignore").write_text("6.sql\n")
    (repository / "sql/6.sql").write_text("ignored")
    found = changes(repository, "main")
    new = [name for name in "124569" if found.is_new(repository / f"sql/{name}.sql")]
    assert new == ["2", "4", "5", "6", "9"]  # 9 is not there, and the base does not have it
    assert found.was_edited(repository / "sql/2.sql")
    assert not found.was_edited(repository / "sql/4.sql")
    assert found.before(repository / "sql/2.sql") == b"two"


def test_a_file_that_was_only_moved_is_old_and_one_with_another_name_is_new(
    repository: Path,
) -> None:
    git(repository, "mv", "old", "moved")
    (repository / "moved/3.sql").chmod(0o755)
    git(repository, "mv", "sql/1.sql", "sql/7.sql")
    found = changes(repository, "main")
    assert not found.is_new(repository / "moved/3.sql")
    assert found.is_new(repository / "sql/7.sql")


def test_a_directory_below_the_work_tree_is_a_project_too(repository: Path) -> None:
    found = changes(repository / "sql", "main")
    assert not found.is_new(repository / "sql/1.sql")
    assert found.is_new(repository / "sql/4.sql")


def test_a_shallow_clone_without_the_reference_says_what_to_fetch(
    repository: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", str(clone))
    with pytest.raises(ConfigError, match=r"'origin/main'; this is a shallow clone, .*\n.*--unsh"):
        changes(clone, "origin/main")
    git(clone, "fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(ConfigError, match=r"no commit in common; fetch the history(.|\n)*depth: 0"):
        changes(clone, "origin/main", "main")


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("nowhere", "git knows no commit 'nowhere'; name a branch"),
        ("origin/x", "git knows no commit 'origin/x'; .*git fetch origin x"),
        ("--output=x", "a git reference is expected, not '--output=x'"),
    ],
)
def test_a_reference_that_is_none_is_refused(repository: Path, ref: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        changes(repository, ref)


def test_where_there_is_no_repository_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is no git work tree: .*not a git repository"):
        changes(tmp_path, "main")


@pytest.mark.parametrize(
    ("environ", "refs"),
    [
        ({"GITHUB_BASE_REF": "main"}, ("origin/main",)),
        ({"GITHUB_BASE_REF": ""}, ()),
        (
            {
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc",
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            },
            ("abc", "origin/main"),
        ),
    ],
)
def test_auto_is_the_base_of_the_pull_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], refs: tuple[str, ...]
) -> None:
    for name in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "pyproject.toml").write_text('[tool.harness]\nsince = "auto"\n')
    assert load(tmp_path).since_refs == refs
    assert load(tmp_path, since="none").since_refs == ()
    assert load(tmp_path, since="HEAD~2").since_refs == ("HEAD~2",)
