"""The files that make a CI server and pre-commit run the gate: which a project has, and ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install pgtap-harness
      - run: harness gate
"""
_GITLAB = """\
schema:
  image: python:3.12
  variables:
    GIT_DEPTH: "0"
  script:
    - pip install pgtap-harness
    - harness gate --junit report.xml
  artifacts:
    reports:
      junit: report.xml
"""
_HOOKS = r"""  - repo: local
    hooks:
      - id: harness-lint
        name: harness lint
        entry: harness lint
        language: system
        pass_filenames: false
        files: '\.sql$'
      - id: harness-gate
        name: harness gate
        entry: harness gate
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


FILES = {
    "github": Written(".github/workflows/schema.yml", _WORKFLOW, ""),
    "gitlab": Written(".gitlab-ci.yml", _GITLAB, _GITLAB),
}
"""CI server -> its file."""
PRE_COMMIT = Written(".pre-commit-config.yaml", f"repos:\n{_HOOKS}", _HOOKS)
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
    "pre-commit": (PRE_COMMIT.name,),
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
