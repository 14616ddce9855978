"""Rules about revisions, one file each. A rule judges what both passes saw of a revision.

The passes themselves find what decides how they go on, such as a migration that fails or a catalog
that differs after the down migration; those ids are in revision_result.py. Everything else is a
rule here. To add one, write a module with a class that has the members of Rule, and add a line to
RULES.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.findings import Finding, Severity
from harness.core.registry import registered
from harness.core.results import Outcome
from harness.migrations.revision_result import LINTER, PASS_RULES
from harness.migrations.rules.base import Observed, Report, Rule

RULES: tuple[type[Rule], ...] = registered(
    __name__,
    "rewrite:Rewrite",
    "scan:Scan",
    "blocked:Blocked",
    "irreversible:Irreversible",
    "loses_data:LosesData",
    "down_loses_data:DownLosesData",
    "left_disabled:LeftDisabled",
)
IDS = frozenset({*PASS_RULES, *(rule.id for rule in RULES)})
"""Everything that a revision can be found to do."""
OF_STATEMENTS = frozenset(
    {"up-on-rows", "depends-on-data", *(rule.id for rule in RULES if rule.of_statement)}
)
"""Rules about one statement: a comment that stands elsewhere does not accept them."""

__all__ = ["IDS", "OF_STATEMENTS", "RULES", "Observed", "Report", "Rule", "judge"]


def judge(seen: Observed) -> Iterator[Finding]:
    """What the rules find in a revision; lines of a message after the first are its evidence."""
    for rule in RULES:
        severity: Severity = "error" if rule.outcome is Outcome.FAILED else "warning"
        for one in rule().judge(seen):
            yield Finding(one.path, one.line, 1, LINTER, rule.id, one.message, severity)
