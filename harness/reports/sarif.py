"""Results as SARIF 2.1.0, which code scanning reads: one run for each linter, and for the rest.

Only what is worth a look is written: failures, errors, advice. Paths are URIs relative to
``%SRCROOT%``, the project's root; what lies outside is absolute. What stands in no file is
placed at the project's configuration: GitHub rejects a document with a result that has no place.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TextIO
from urllib.parse import quote

from harness.core.results import Outcome, Result, Run
from harness.core.text import without_surrogates

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOMES = {
    "sqlfluff": "https://docs.sqlfluff.com",
    "squawk": "https://squawkhq.com",
}
_NO_FILE = Path("pyproject.toml")
_LEVELS = {Outcome.FAILED: "error", Outcome.ERROR: "error", Outcome.ADVICE: "note"}


class _Found(NamedTuple):
    """A result with the tool and the rule that it is of."""

    step: str
    tool: str
    rule: str
    result: Result
    server: str


def write(run: Run, stream: TextIO) -> None:
    """Write one document; a run without results where nothing was found."""
    found = sorted(_worth_a_look(run), key=lambda one: (one.step, one.tool))
    runs = [
        _run(step, tool, list(several), run.root)
        for (step, tool), several in groupby(found, lambda one: (one.step, one.tool))
    ]
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": runs or [_run("", "harness", [], run.root)],
    }
    json.dump(document, stream, indent=2)
    stream.write("\n")


def _worth_a_look(run: Run) -> list[_Found]:
    return [
        _Found(
            group.step, *_rule_of(group.step, group.id_of(result, run.root)), result, group.version
        )
        for group in run.groups
        for result in group.all
        if result.outcome in _LEVELS
    ]


def _rule_of(step: str, id_: str) -> tuple[str, str]:
    """The tool and the rule of an id: ``squawk:require-timeout``; of a property, its aspect."""
    if "::" in id_:
        return "harness", f"{step}/{id_.rpartition('::')[2]}" if step == "properties" else step
    tool, _, rule = id_.rpartition(":")
    return (tool, rule) if tool else ("harness", id_ or step)


def _run(step: str, tool: str, found: Sequence[_Found], root: Path) -> dict[str, Any]:
    rules = {one.rule: one for one in sorted(found, key=lambda one: one.rule)}
    driver: dict[str, Any] = {"name": tool, "rules": [_rule(one) for one in rules.values()]}
    if tool in _HOMES:
        driver["informationUri"] = _HOMES[tool]
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"harness-{step or 'lint'}/{tool}/"},
        "originalUriBaseIds": {"%SRCROOT%": {"uri": root.absolute().as_uri() + "/"}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, list(rules), root) for one in found],
    }


def _rule(one: _Found) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": one.rule}
    return rule | {"helpUri": one.result.help} if one.result.help.startswith("http") else rule


def _result(one: _Found, rules: Sequence[str], root: Path) -> dict[str, Any]:
    result = one.result
    parts = (result.title, result.message, *result.notices, result.evidence)
    text = without_surrogates("\n".join(filter(None, parts)) or one.rule)
    described: dict[str, Any] = {
        "ruleId": one.rule,
        "ruleIndex": rules.index(one.rule),
        "level": _LEVELS[result.outcome],
        "message": {"text": text},
    }
    path, line = result.location
    place: dict[str, Any] = {"artifactLocation": _artifact(path if path.name else _NO_FILE, root)}
    if line:
        column = {"startColumn": result.column} if result.column else {}
        place["region"] = {"startLine": line} | column
    if one.server:
        described["properties"] = {"server": one.server}
        described["message"]["text"] = f"{one.server}: {text}"
    return described | {"locations": [{"physicalLocation": place}]}


def _artifact(path: Path, root: Path) -> dict[str, str]:
    if not path.is_absolute():
        return {"uri": quote(bytes(path)), "uriBaseId": "%SRCROOT%"}
    if not path.is_relative_to(root):
        return {"uri": path.as_uri()}
    return {"uri": quote(bytes(path.relative_to(root))), "uriBaseId": "%SRCROOT%"}
