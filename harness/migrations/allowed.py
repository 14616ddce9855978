"""What is accepted: by comments in the files, and by the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from harness.core.errors import ConfigError, ScriptError
from harness.core.findings import Finding
from harness.core.text import matching_nothing, nearest
from harness.lint.allow import Allowance, allowances
from harness.migrations.revision_result import LINTER
from harness.migrations.rules import IDS, OF_STATEMENTS
from harness.migrations.step import Step


@dataclass
class Allowed:
    """Reasons, by pattern of ``revision::rule`` in the configuration, else by comment."""

    patterns: Mapping[str, str]
    _files: dict[Path, list[Allowance]] = field(default_factory=dict)

    def refuse_unknown(self, steps: Sequence[Step]) -> None:
        """Raise ConfigError, ScriptError for what names a revision or a rule that there is not.

        What names a rule that finds nothing is left alone: waits and locks differ from run to
        run and from server to server.
        """
        known = {f"{step.name}::{rule}" for step in steps for rule in IDS}
        if unknown := matching_nothing(self.patterns, known):
            raise ConfigError(f"allow: {unknown}")
        for path in dict.fromkeys(path for step in steps for path in (step.path, step.down_path)):
            for comment in self._comments(path):
                linter, _, rule = comment.rule.partition(":")
                if linter == LINTER and rule not in IDS:
                    message = f"allow: there is no {comment.rule}{nearest(rule, IDS)}"
                    raise ScriptError(path, comment.line, message)

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
    if one.code in OF_STATEMENTS and comment.path == one.path and one.line > 1:
        return comment.accepts(one)
    return comment.rule == one.rule and bool(comment.reason)
