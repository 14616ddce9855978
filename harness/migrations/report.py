"""Revisions as results: a group for each revision.

``facts`` of the first result of a revision:

::

    revision          its name
    reversible        whether it has a down migration
    locks             relation, mode, rows, rewritten, scanned; file and line of the statement (null
                      where only the revision is known); squawk's rules there
    blocked           seconds that a second session waited at most
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.core.findings import Finding
from harness.core.results import Group, Kind, Location, Outcome, Result
from harness.core.text import relative
from harness.migrations.revision_result import MODES, Locked, RevisionResult

_SHOWN = MODES.index("ShareUpdateExclusiveLock")
"""The weakest mode that is worth a word: below, reads and writes go on."""
_OUTCOMES = {"error": Outcome.FAILED, "warning": Outcome.ADVICE}


def group_of(revision: RevisionResult, root: Path) -> Group:
    """What became of a revision."""
    results = [_result(one, _OUTCOMES[one.severity]) for one in revision.findings]
    results += [_result(one, Outcome.TODO, why) for one, why in revision.accepted]
    if not revision.faults:
        results.insert(0, _whole(revision, root))
    else:
        results[0] = results[0]._replace(facts=_facts(revision, root))
    if revision.locks:
        results.append(_held(revision, root))
    if revision.ran:
        results += [_undecided(revision, note) for note in revision.notes]
    return Group(
        revision.path,
        tuple(results),
        seconds=revision.seconds,
        kind=Kind.REVISION,
        step="migrations",
        name=revision.name,
    )


def _whole(revision: RevisionResult, root: Path) -> Result:
    """What a revision is that nothing was found in."""
    id_, place = f"{revision.name}::migration", Location(revision.path, 0)
    facts = _facts(revision, root)
    if not revision.ran:
        why = "; ".join(revision.notes) or "a revision before it failed"
        return Result(Outcome.SKIPPED, "not run", place, reason=why, id=id_, facts=facts)
    title = "; ".join(revision.evidence)
    return Result(Outcome.PASSED, title, place, seconds=revision.seconds, id=id_, facts=facts)


def _held(revision: RevisionResult, root: Path) -> Result:
    """The locks that a revision took."""
    title = ", ".join(_locks(revision)) or "no lock that blocks anybody"
    held = "\n".join(_lock(one, root) for one in revision.locks)
    place = Location(revision.path, 0)
    return Result(Outcome.PASSED, title, place, id=f"{revision.name}::locks", evidence=held)


def _result(one: Finding, outcome: Outcome, reason: str = "") -> Result:
    first, *more = one.message.splitlines()
    place = Location(one.path, one.line)
    message = "\n".join(more)
    return Result(outcome, first, place, message, reason, id=one.rule, evidence=one.evidence)


def _undecided(revision: RevisionResult, note: str) -> Result:
    """What could not be tried of a revision."""
    return Result(Outcome.UNDECIDED, note, Location(revision.path, 0), id="migrations:rows")


def _facts(revision: RevisionResult, root: Path) -> dict[str, object]:
    return {
        "revision": revision.name,
        "reversible": revision.reversible,
        "locks": [_lock_fields(one, root) for one in revision.locks],
        "blocked": round(revision.blocked, 6),
    }


def _locks(revision: RevisionResult) -> Iterator[str]:
    """The strongest lock on each table, where it is in anybody's way."""
    strongest = {one.relation: one for one in revision.locks if one.strength >= _SHOWN}
    if strongest:
        by = "" if all(one.location for one in strongest.values()) else " (seen per revision)"
        yield "locks " + ", ".join(f"{o.relation} {o.words}" for o in strongest.values()) + by


def _lock(one: Locked, root: Path) -> str:
    where = f"{relative(one.location.path, root)}:{one.location.line}" if one.location else ""
    parts = [f"{one.words:<22} {one.relation}", where or "somewhere in the revision"]
    parts += ["written anew"] * one.rewritten or ["scanned in full"] * one.scanned
    parts += [f"squawk: {', '.join(one.squawk)}"] * bool(one.squawk)
    return "  ".join(parts)


def _lock_fields(one: Locked, root: Path) -> dict[str, Any]:
    return {
        "relation": str(one.relation),
        "mode": one.words,
        "rows": one.rows,
        "rewritten": one.rewritten,
        "scanned": one.scanned,
        "file": relative(one.location.path, root) if one.location else None,
        "line": one.location.line if one.location else None,
        "squawk": one.squawk,
    }
