"""What is accepted: by comments in the files, and by the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from harness.findings import Finding
from harness.lint._allow import Allowance, allowances
from harness.migrations.step import Step

_STATEMENTS = frozenset({"rewrite", "scan", "blocked", "up-on-rows"})
"""Rules about one statement: a comment that stands elsewhere does not accept them."""


@dataclass
class Allowed:
    """Reasons, by pattern of ``revision::rule`` in the configuration, else by comment."""

    patterns: Mapping[str, str]
    _files: dict[Path, list[Allowance]] = field(default_factory=dict)

    def reason(self, step: Step, one: Finding) -> str:
        """Why a finding is accepted; empty where it is not."""
        key = f"{step.name}::{one.code}"
        for pattern, why in self.patterns.items():
            if fnmatchcase(key, pattern):
                return why
        comments = (c for path in {step.path, step.down_path} for c in self._comments(path))
        return next((c.reason for c in comments if _accepts(c, one)), "")

    def _comments(self, path: Path) -> Sequence[Allowance]:
        if path not in self._files:
            text = path.read_text("utf-8", "replace") if path.is_file() else ""
            self._files[path] = allowances(path, text)
        return self._files[path]


def _accepts(comment: Allowance, one: Finding) -> bool:
    if one.code in _STATEMENTS and comment.path == one.path and one.line > 1:
        return comment.accepts(one)
    return comment.rule == one.rule and bool(comment.reason)
