"""The files that make a CI server and pre-commit run the gate: which a project has, and ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

_WORKFLOW = """\
name: schema
on: [push, pull_request]
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
{steps}      - run: {install}
      - run: {call}harness gate
"""
_GITLAB = """\
schema:
  image: {image}
  variables:
    GIT_DEPTH: "0"
  script:
    - {install}
    - {call}harness gate --junit report.xml
  artifacts:
    reports:
      junit: report.xml
"""
_HOOKS = r"""  - repo: local
    hooks:
      - id: harness-lint
        name: harness lint
        entry: {call}harness lint
        language: system
        pass_filenames: false
        files: '\.sql$'
      - id: harness-gate
        name: harness gate
        entry: {call}harness gate
        language: system
        pass_filenames: false
        files: '\.(sql|py|toml)$'
        stages: [pre-push]
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that runs the gate."""

    name: str
    text: str
    entry: str
    """What a file that is there already lacks; empty where ours stands beside it."""


@dataclass(frozen=True, slots=True)
class _Installer:
    """What installs a project and the harness."""

    steps: str
    """What a job of GitHub Actions needs before."""
    image: str
    install: str
    call: str = ""
    """Stands before a command of what was installed."""

    def fill(self, text: str) -> str:
        """A file for a project that is installed so."""
        own = {"steps": self.steps, "image": self.image}
        return text.format(install=self.install, call=self.call, **own)


_PIP = _Installer(
    """\
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
""",
    "python:3.12",
    "pip install pgtap-harness",
)
_UV = _Installer(
    "      - uses: astral-sh/setup-uv@v6\n",
    "ghcr.io/astral-sh/uv:python3.12-bookworm",
    "uv sync --locked",
    "uv run ",
)
_LOCK = "uv.lock"
_LOCKED = re.compile(r'^name = "pgtap-harness"\r?$', re.MULTILINE)
SERVERS = ("github", "gitlab")
"""What ``--ci`` takes."""


def is_locked(root: Path) -> bool | None:
    """Whether uv's lock file of a project has the harness; None where there is no lock file."""
    lock = root / _LOCK
    return bool(_LOCKED.search(lock.read_text("utf-8", "replace"))) if lock.is_file() else None


def _installer(root: Path) -> _Installer:
    locked = is_locked(root)
    if locked is None:
        return _PIP
    return _UV if locked else replace(_UV, call="uv run --with pgtap-harness ")


def of_server(name: str, root: Path) -> Written:
    """The file that makes a CI server run the gate of a project."""
    fill = _installer(root).fill
    if name == "github":
        return Written(".github/workflows/schema.yml", fill(_WORKFLOW), "")
    return Written(".gitlab-ci.yml", fill(_GITLAB), fill(_GITLAB))


def of_pre_commit(root: Path) -> Written:
    """The file that makes pre-commit run linters and the gate."""
    hooks = _installer(root).fill(_HOOKS)
    return Written(PRE_COMMIT, f"repos:\n{hooks}", hooks)


PRE_COMMIT = ".pre-commit-config.yaml"
_PLACES = {
    "GitHub Actions": (".github/workflows/*.yml", ".github/workflows/*.yaml"),
    "GitLab CI": (".gitlab-ci.yml",),
    "CircleCI": (".circleci/config.yml",),
    "Azure Pipelines": ("azure-pipelines.yml",),
    "Bitbucket Pipelines": ("bitbucket-pipelines.yml",),
    "Buildkite": (".buildkite/*.yml", ".buildkite/*.yaml"),
    "Jenkins": ("Jenkinsfile",),
    "Travis CI": (".travis.yml",),
    "Woodpecker": (".woodpecker.yml", ".woodpecker/*.yml"),
    "pre-commit": (PRE_COMMIT,),
}
OURS = {"GitHub Actions": "github", "GitLab CI": "gitlab"}
"""CI server -> what ``--ci`` calls it."""
_IMAGE = re.compile(r"\b(?:postgres|postgis/postgis|pgvector/pgvector):(?:pg)?(\d+)")


def found(root: Path) -> Iterator[tuple[str, list[Path]]]:
    """What runs on a change in a project, and the files that say so."""
    for name, patterns in _PLACES.items():
        if files := sorted(path for pattern in patterns for path in root.glob(pattern)):
            yield name, files


def runs_the_gate(path: Path) -> bool:
    """Whether a file of CI or pre-commit calls the harness."""
    text = path.read_text("utf-8", "replace")
    return any(words in text for words in ("harness gate", "harness lint", "harness-gate"))


def images(root: Path) -> Iterator[tuple[Path, str]]:
    """Where a project names an image of PostgreSQL, and its major version."""
    patterns = ("*compose*.y*ml", *_PLACES["GitHub Actions"], *_PLACES["GitLab CI"])
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        for version in dict.fromkeys(_IMAGE.findall(path.read_text("utf-8", "replace"))):
            yield path, version
