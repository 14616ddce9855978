"""Shards: parts of a run as reports, and one run put together of them.

The report of a shard has the results of the harness beside what the schema of such reports asks
for. Put together, mutants of which the catalog says the same are one again, whichever shards they
were in, so that the result is that of a run in one piece.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.core.errors import ConfigError
from harness.core.results import NOWHERE, SHARD, Group, Kind, Outcome, Result
from harness.core.text import count
from harness.reports.mutation_json import RESULTS, restored
from harness.run.progress import whole


def shard_of(shard: tuple[int, int], total: int) -> Group:
    """The result that says which part a run is."""
    part, parts = shard
    title = f"shard {part}/{parts} of {count(total, 'mutant')}"
    facts = {"shard": part, "shards": parts, "total": total}
    return whole("mutate", Result(Outcome.PASSED, title, NOWHERE, id=SHARD, facts=facts))


def survivors(path: Path) -> frozenset[str]:
    """The ids of the mutants that a report has as survivors. Raises ConfigError."""
    files = _report(path).get("files")
    mutants = [one for file in (files or {}).values() for one in file.get("mutants", [])]
    return frozenset(one["id"] for one in mutants if one.get("status") == "Survived")


def _report(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no report of 'harness mutate --json': {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("files"), dict):
        raise ConfigError(f"{path} is no report of 'harness mutate --json'")
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    path: Path
    shard: int
    shards: int
    total: int
    groups: Sequence[Group]

    @classmethod
    def read(cls, path: Path, root: Path) -> _Part:
        kept = _report(path).get("config", {}).get(RESULTS, {})
        groups = restored(kept, root)
        marks = [r.facts for group in groups for r in group.results if r.id == SHARD]
        if not marks:
            said = f"{path} is no whole shard: its run had no --shard, or did not come to its end"
            raise ConfigError(said)
        shard, shards, total = (int(str(marks[0][k])) for k in ("shard", "shards", "total"))
        ours = [one for one in groups if not any(r.id == SHARD for r in one.results)]
        return cls(path, shard, shards, total, ours)


def merged(paths: Sequence[Path], root: Path) -> list[Group]:
    """The groups of a whole run. Raises ConfigError where a shard is missing or fits no other."""
    parts = [_Part.read(path, root) for path in paths]
    first = parts[0]
    for part in parts:
        if (part.shards, part.total) != (first.shards, first.total):
            raise ConfigError(f"{part.path} and {first.path} are not shards of one run")
    found = sorted(part.shard for part in parts)
    missing = sorted({*range(1, first.shards + 1)} - {*found})
    if missing or len(found) != first.shards:
        twice = sorted({one for one in found if found.count(one) > 1})
        what = (
            f"{missing[0]}/{first.shards} is missing" if missing else f"{twice[0]} is there twice"
        )
        raise ConfigError(f"shard {what}: --merge takes the report of each shard")
    groups = [group for part in parts for group in part.groups]
    of_mutants = [group for group in groups if group.kind is Kind.MUTANT]
    tried = sum(len(group.results) for group in of_mutants)
    if tried != first.total:
        raise ConfigError(f"the shards have {tried} of {first.total} mutants: one did not end")
    others = [group for group in groups if group.kind is not Kind.MUTANT]
    return [*_tables(of_mutants), *_once(others)]


def _tables(groups: Sequence[Group]) -> Iterator[Group]:
    """One group for each table, its mutants in the order of a whole run."""
    for path in sorted({group.path for group in groups}):
        some = [group for group in groups if group.path == path]
        results = [result for group in some for result in group.results]
        results.sort(key=lambda one: int(str(one.facts["number"])))
        first: dict[object, str] = {}
        judged = [_without_twin(one, first) for one in results]
        judged.sort(key=lambda one: (not one.facts["gap"], one.facts["status"] != "survived"))
        yield replace(some[0], results=tuple(judged), seconds=sum(one.seconds for one in some))


def _without_twin(result: Result, first: dict[object, str]) -> Result:
    """The same; redundant where the catalog says the same of a mutant before it."""
    facts = result.facts
    said, tables = facts["print"], facts["tables"]
    if not said or not isinstance(tables, list):
        return result
    known = first.setdefault((said, *sorted(tables)), result.id)
    if known == result.id:
        return result
    rule = f"the catalog says the same as of {known.removeprefix('mutant:')}"
    apart = {"status": "redundant", "rule": rule, "gap": False, "tests": {}, "replay": ""}
    reason = f"redundant: {rule}"
    return result._replace(
        outcome=Outcome.SKIPPED, reason=reason, message="", evidence="", facts={**facts, **apart}
    )


def _once(groups: Sequence[Group]) -> list[Group]:
    """What each shard says of the run as a whole, such as a file that fails, once."""
    found: list[Group] = []
    for group in groups:
        if group not in found:
            found.append(group)
    return found
