"""Mutants as the mutation-testing-report-schema has them, which Stryker's viewers read.

A mutant stands where its object is declared; one whose place no text tells stands in a file that
is made here, ``schema.sql``, beside what the schema says of it. A proven gap is a survivor: what
kills in that schema is a test of the project.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from harness.core.results import (
    NOWHERE,
    SHARD,
    Group,
    Kind,
    Location,
    Outcome,
    Result,
    Run,
)
from harness.core.text import relative

GENERATED = "schema.sql"
RESULTS = "harness"
"""The key, in what the schema leaves free, of a shard's results as the harness has them."""
_IGNORED = ("equivalent", "redundant", "speed", "allowed")


def write(run: Run, stream: TextIO) -> None:
    """Write the report of a run."""
    files: dict[str, dict[str, Any]] = {}
    generated: list[str] = []
    for group in run.groups:
        if group.kind is Kind.MUTANT:
            for result in group.results:
                name, line, source = _place(result, run, generated)
                file = files.setdefault(name, {"language": "sql", "source": "", "mutants": []})
                file["source"] = source
                file["mutants"].append(_mutant(group, result, line, source))
    if GENERATED in files:
        files[GENERATED]["source"] = "\n".join(generated) + "\n"
    report: dict[str, Any] = {
        "schemaVersion": "2",
        "thresholds": {"high": 90, "low": 60},
        "projectRoot": str(run.root),
        "files": files,
        "framework": {"name": "pgtap-harness"},
    }
    if any(result.id == SHARD for group in run.groups for result in group.results):
        report["config"] = {RESULTS: [_kept(group, run.root) for group in run.groups]}
    json.dump(report, stream, indent=1)
    stream.write("\n")


def _place(result: Result, run: Run, generated: list[str]) -> tuple[str, int, str]:
    """The file's name, the line and the text; of one that is made here the text so far."""
    path, line = result.location
    if line and path.is_file():
        return relative(path, run.root), line, path.read_text("utf-8", "replace")
    said = [text[2:] for text in str(result.facts.get("diff", "")).splitlines() if text[0] == "-"]
    generated.append(f"-- {result.facts.get('object')}")
    line = len(generated)
    generated.extend(said)
    return GENERATED, line, "\n".join(generated)


def _mutant(group: Group, result: Result, line: int, source: str) -> dict[str, Any]:
    texts = source.splitlines()
    length = len(texts[line - 1]) if line <= len(texts) else 0
    facts = result.facts
    tests = facts.get("tests")
    killers = list(tests.values()) if isinstance(tests, dict) else []
    diff = str(facts.get("diff", "")).splitlines()
    return {
        "id": result.id,
        "mutatorName": f"{facts.get('kind')}: {facts.get('operator')}",
        "description": result.title,
        "replacement": "\n".join(text[2:] for text in diff if text.startswith("+")),
        "location": {
            "start": {"line": line, "column": 1},
            "end": {"line": line, "column": length + 1},
        },
        "status": _status(result, bool(killers)),
        "statusReason": result.reason or result.message.partition("\n")[0],
        "killedBy": killers,
        "duration": round(result.seconds * 1000),
    }


def _status(result: Result, killed: bool) -> str:
    status = result.facts.get("status")
    if status == "stillborn":
        return "CompileError"
    if status in _IGNORED or result.outcome is Outcome.TODO:
        return "Ignored"
    if killed:
        return "Killed"
    return "Timeout" if status == "timeout" else "Survived"


def _kept(group: Group, root: Path) -> dict[str, Any]:
    """A group as JSON has it, with paths relative to the project."""
    return {
        "path": str(group.path),
        "kind": group.kind.value,
        "step": group.step,
        "name": group.name,
        "seconds": group.seconds,
        "results": [_kept_result(one, root) for one in group.results],
        "problems": [_kept_result(one, root) for one in group.problems],
    }


def _kept_result(result: Result, root: Path) -> dict[str, Any]:
    path, line = result.location
    fields = {name: getattr(result, name) for name in _FIELDS}
    place = [relative(path, root) if path.name else "", line]
    return {**fields, "outcome": result.outcome.value, "location": place}


_FIELDS = ("title", "message", "reason", "seconds", "id", "evidence", "column", "help", "facts")


def restored(groups: Sequence[Mapping[str, Any]], root: Path) -> list[Group]:
    """The groups of a shard's report, with paths below ``root``."""
    return [
        Group(
            Path(one["path"]),
            tuple(_result(each, root) for each in one["results"]),
            tuple(_result(each, root) for each in one["problems"]),
            one["seconds"],
            kind=Kind(one["kind"]),
            step=one["step"],
            name=one["name"],
        )
        for one in groups
    ]


def _result(kept: Mapping[str, Any], root: Path) -> Result:
    name, line = kept["location"]
    place = Location(root / name, line) if name else NOWHERE
    fields = {key: kept[key] for key in _FIELDS}
    return Result(outcome=Outcome(kept["outcome"]), location=place, **fields)
