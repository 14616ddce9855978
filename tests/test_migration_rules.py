"""Every module of the rules is on the list, and every rule is in the documentation."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

from harness.core.results import Outcome
from harness.migrations import rules

ROOT = Path(__file__).parents[1]
_ROW = re.compile(r"^\| `([a-z-]+)` \|", re.MULTILINE)


def test_every_module_is_on_the_list():
    modules = {module.name for module in pkgutil.iter_modules(rules.__path__)} - {"base"}
    assert {rule.__module__.rpartition(".")[2] for rule in rules.RULES} == modules


def test_the_documentation_has_each_rule_where_its_outcome_belongs():
    text = (ROOT / "docs" / "migrations.md").read_text("utf-8")
    faults, advice = text.split("These rules give advice", 1)
    documented = {
        Outcome.FAILED: set(_ROW.findall(faults)),
        Outcome.ADVICE: set(_ROW.findall(advice)),
    }
    for rule in rules.RULES:
        assert rule.id in documented[rule.outcome]
