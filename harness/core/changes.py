"""What a change touches: the files that a git reference does not have as they are now.

``--since REF`` means the same to every command. As in a pull request, the present state is compared
with the *merge base* of REF and HEAD, so that what others have merged meanwhile is nobody's change
here. Files that the merge base has are old. One that was edited since, committed or not, counts as
new, and so does a file that git does not track. A file that was only moved to another directory
stays old.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.core.config import Config
from harness.core.errors import ConfigError

_LINK = "160000"
"""The mode of a submodule's entry: its files are not in our tree, and change with it."""
_FETCH = """\
fetch the history that is missing:
  git fetch --unshallow
in GitHub Actions:  actions/checkout with fetch-depth: 0
in GitLab CI:       GIT_DEPTH: "0" in the job's variables"""


@dataclass(frozen=True, slots=True)
class Changes:
    """The files of a work tree, told apart by a commit."""

    since: str
    """The reference as it was given."""
    base: str
    """The merge base, a full hash."""
    top: Path
    """The directory of the work tree."""
    known: frozenset[Path]
    """All files, absolute, that the base has, and where they were moved to."""
    links: frozenset[Path]
    """The submodules that the base has."""
    edited: frozenset[Path]
    """Those of ``known`` and ``links`` that are not as they were."""

    def is_new(self, path: Path) -> bool:
        """Whether a file is not as the base has it. A link is new where its target is."""
        return self._is_new(path) or (path.is_symlink() and self._is_new(path.resolve()))

    def was_edited(self, path: Path) -> bool:
        """Whether the base has a file, and has it otherwise."""
        return self.is_new(path) and path in self.known

    def before(self, path: Path) -> bytes | None:
        """The contents that a file had at the base; None where it was not there by this name."""
        name = f"{self.base}:{path.relative_to(self.top).as_posix()}"
        done = _git(self.top, "cat-file", "blob", name)
        return done.stdout if done.returncode == 0 else None

    def _is_new(self, path: Path) -> bool:
        if path in self.known:
            return path in self.edited
        inside = (link for link in self.links if link in path.parents)
        link = next(inside, None)
        return link is None or link in self.edited


def changes_of(config: Config) -> Changes | None:
    """What has changed since the configured reference; None where all of the project counts.

    Raises ConfigError where git cannot tell.
    """
    if not config.since_refs:
        return None
    return _changes(config.root, config.since_refs)


@cache
def _changes(root: Path, refs: Sequence[str]) -> Changes:
    top = Path(_said(_git(root, "rev-parse", "--show-toplevel"), f"{root} is no git work tree"))
    since, base = _merge_base(top, refs)
    known, links = _tree(top, base)
    moved, edited = _differing(top, base)
    return Changes(since, base, top, known | moved, links, edited)


def _merge_base(top: Path, refs: Sequence[str]) -> tuple[str, str]:
    """The first of the references that is there, and the merge base. Raises ConfigError."""
    since = next((ref for ref in refs if _commit(top, ref)), None)
    if since is None:
        raise ConfigError(f"since: git knows no commit {refs[0]!r}; {_remedy(top, refs[0])}")
    done = _git(top, "merge-base", since, "HEAD")
    if done.returncode == 1 and not done.stderr:
        why = f"since: {since} and HEAD have no commit in common"
        raise ConfigError(f"{why}; {_FETCH}" if _is_shallow(top) else why)
    return since, _said(done, f"since: no merge base of {since} and HEAD")


def _commit(top: Path, ref: str) -> bool:
    if ref.startswith("-"):
        raise ConfigError(f"since: a git reference is expected, not {ref!r}")
    return _git(top, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").returncode == 0


def _remedy(top: Path, ref: str) -> str:
    if _is_shallow(top):
        return f"this is a shallow clone, {_FETCH}"
    remote, slash, branch = ref.partition("/")
    fetch = f"git fetch {remote} {branch}" if slash else "git fetch origin"
    return f"name a branch, a tag or a commit that is here, or fetch it: {fetch}"


def _is_shallow(top: Path) -> bool:
    return _git(top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


def _tree(top: Path, base: str) -> tuple[frozenset[Path], frozenset[Path]]:
    """The files and the submodules of a commit."""
    listed = _said(_git(top, "ls-tree", "-r", "-z", "--full-tree", base), "git ls-tree")
    files, links = set[Path](), set[Path]()
    for entry in filter(None, listed.split("\0")):  # "100644 blob 5d1c…\tsql/0001_tasks.up.sql"
        kind, _, name = entry.partition("\t")
        (links if kind.startswith(_LINK) else files).add(top / name)
    return frozenset(files), frozenset(links)


def _differing(top: Path, base: str) -> tuple[frozenset[Path], frozenset[Path]]:
    """Where files were moved to as they are, and the files that differ or are gone.

    A moved migration with another name is another migration.
    """
    arguments = ("--find-renames=100%", "-l0", "--name-status", "-z", base, "--")
    done = _git(top, "-c", "core.fileMode=false", "diff", "--no-ext-diff", *arguments)
    words = iter(_said(done, "git diff").split("\0"))
    moved, edited = set[Path](), set[Path]()
    for status in filter(None, words):
        path = top / next(words)
        if status.startswith("R"):
            target = top / next(words)
            if target.name == path.name:
                moved.add(target)
        elif status != "A":
            edited.add(path)
    return frozenset(moved), frozenset(edited)


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)  # noqa: S607
    except FileNotFoundError:
        said = "since: git is not installed; install it, or run without --since"
        raise ConfigError(said) from None


def _said(done: subprocess.CompletedProcess[bytes], failing: str) -> str:
    """What git printed, without the end of the line. Raises ConfigError where it failed."""
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise ConfigError(f"{failing}: {said}" if said else failing)
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def edited_files(changes: Changes, files: Iterable[Path]) -> list[Path]:
    """Those of a project's files that the base has otherwise, in their order, each once."""
    return [path for path in dict.fromkeys(files) if changes.was_edited(path)]
