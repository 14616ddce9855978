"""Findings as SARIF 2.1.0, which code scanning reads: one run for each linter.

Paths are URIs relative to ``%SRCROOT%``, the project's root; what lies outside is absolute.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from harness.findings import Finding, Findings

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOMES = {
    "sqlfluff": "https://docs.sqlfluff.com",
    "squawk": "https://squawkhq.com",
}


def write(findings: Findings, stream: TextIO) -> None:
    """Write one document; a run without results where nothing was found."""
    by_linter = sorted(findings.found, key=lambda one: one.linter)
    runs = [
        _run(linter, list(several), findings)
        for linter, several in groupby(by_linter, lambda one: one.linter)
    ]
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": runs or [_run("harness", [], findings)],
    }
    json.dump(document, stream, indent=2)
    stream.write("\n")


def _run(linter: str, found: Sequence[Finding], findings: Findings) -> dict[str, Any]:
    rules = {one.code: one for one in sorted(found, key=lambda one: one.code)}
    driver: dict[str, Any] = {"name": linter, "rules": [_rule(one) for one in rules.values()]}
    if linter in _HOMES:
        driver["informationUri"] = _HOMES[linter]
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"harness-lint/{linter}/"},
        "originalUriBaseIds": {"%SRCROOT%": {"uri": findings.root.absolute().as_uri() + "/"}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, list(rules), findings.root) for one in found],
    }


def _rule(one: Finding) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": one.code}
    return rule | {"helpUri": one.help} if one.help else rule


def _result(one: Finding, codes: Sequence[str], root: Path) -> dict[str, Any]:
    region = {"startLine": one.line, "startColumn": one.column}
    place = {"artifactLocation": _artifact(one.path, root), "region": region}
    return {
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        "level": one.severity,
        "message": {"text": one.message},
        "locations": [{"physicalLocation": place}],
    }


def _artifact(path: Path, root: Path) -> dict[str, str]:
    if not path.is_relative_to(root):
        return {"uri": path.absolute().as_uri()}
    return {"uri": quote(path.relative_to(root).as_posix()), "uriBaseId": "%SRCROOT%"}
