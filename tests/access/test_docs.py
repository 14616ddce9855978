"""The pages name every rule."""

from __future__ import annotations

import re
from pathlib import Path

from harness.lint.catalog import RULES
from tests.access.test_pairs import NOTICED

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_lint_has_every_catalog_rule_with_its_severity():
    rows = re.findall(r"^\| `([a-z-]+)` \| (error|advice) \|", (DOCS / "lint.md").read_text(), re.M)
    assert rows == [(rule.id, rule.severity) for rule in RULES]


def test_the_page_of_access_has_every_rule_that_was_seen_to_fail():
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", (DOCS / "access.md").read_text(), re.M))
    seen = {rule for rules in NOTICED.values() for rule in rules}
    assert seen - {rule.id for rule in RULES} <= listed
