"""Trials as a person reads them, and as JSON: one object a line.

::

    revision, file    its name and its way up
    outcome           "passed", "refuted" or "not run"
    reversible        whether it has a way down
    evidence          what was seen, in words
    findings          objects with file, line, rule and message
    accepted          the same with the reason
    locks             relation, mode, rows, rewritten, scanned; file and line of the statement (null
                      where only the revision is known); squawk's rules there
    blocked           seconds that a second session waited at most
    notes             what could not be done, such as rows for a table
    seconds           what all of it took
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from harness.findings import Finding
from harness.migrations.trial import MODES, Locked, Trial, count
from harness.reports.failure_text import encodable, relative, source_line
from harness.reports.terminal import coloured

_SHOWN = MODES.index("ShareUpdateExclusiveLock")
"""The weakest mode that is worth a word: below, reads and writes go on."""


def line(trial: Trial, stream: TextIO) -> str:
    """A trial on one line."""
    mark, colour = ("✓", "32") if trial.passed else ("✗", "31")
    if not trial.ran and not trial.findings:
        mark, colour = "–", "33"
    said = [*_counts(trial), *trial.evidence, *_locks(trial)] if trial.ran else _counts(trial)
    said = said or list(trial.notes)
    time = f"{trial.seconds:6.2f} s"
    return encodable(f"{coloured(mark, colour, stream)} {trial.name:<30} {time}  {'; '.join(said)}")


def block(trial: Trial, root: Path, verbose: bool = False) -> str:
    """What there is to read below that line; empty where there is nothing."""
    lines = [text for one in trial.findings for text in _finding(one, root)]
    for one, why in trial.accepted:
        lines.append(f"accepted: {_place(one, root)}: {one.rule}: {why}")
    if verbose:
        lines += [_lock(one, root) for one in trial.locks]
    if trial.ran:
        lines += trial.notes
    return encodable("\n".join(f"    {text}" for text in lines))


def summary(trials: Sequence[Trial]) -> str:
    """``3 revisions up, down, up``, and what else there is to count."""
    ran = [trial for trial in trials if trial.ran]
    undone = [trial for trial in ran if trial.reversible]
    refuted = sum(bool(trial.findings) for trial in trials)
    accepted = sum(bool(trial.accepted) for trial in trials)
    one_way = len(ran) - len(undone)
    if refuted:
        parts = [f"{refuted} of {count(len(trials), 'revision')} refuted"]
    elif undone or not ran:
        parts = [f"{count(len(undone), 'revision')} up, down, up"]
    else:
        parts = [f"{count(one_way, 'revision')} up"]
    parts += [f"{one_way} irreversible"] * bool(one_way)
    counts = {"accepted": accepted, "not run": len(trials) - len(ran)}
    parts += [f"{number} {word}" for word, number in counts.items() if number]
    return ", ".join(parts)


def to_json(trial: Trial, root: Path) -> str:
    """A trial as one line of JSON."""
    outcome = "refuted" if trial.findings else "passed" if trial.ran else "not run"
    fields = {
        "revision": trial.name,
        "file": relative(trial.path, root),
        "outcome": outcome,
        "reversible": trial.reversible,
        "evidence": trial.evidence,
        "findings": [_finding_fields(one, root) for one in trial.findings],
        "accepted": [{**_finding_fields(one, root), "reason": why} for one, why in trial.accepted],
        "locks": [_lock_fields(one, root) for one in trial.locks],
        "blocked": round(trial.blocked, 6),
        "notes": trial.notes,
        "seconds": round(trial.seconds, 6),
    }
    return json.dumps(fields)


def _counts(trial: Trial) -> list[str]:
    return [f"{count(len(trial.findings), 'finding')}"] if trial.findings else []


def _locks(trial: Trial) -> Iterator[str]:
    """The strongest lock on each table, where it is in anybody's way."""
    strongest = {one.relation: one for one in trial.locks if one.strength >= _SHOWN}
    if strongest:
        by = "" if all(one.location for one in strongest.values()) else " (seen per revision)"
        yield "locks " + ", ".join(f"{o.relation} {o.words}" for o in strongest.values()) + by


def _finding(one: Finding, root: Path) -> Iterator[str]:
    first, *more = one.message.splitlines()
    yield f"{_place(one, root)}: {one.rule}: {first}"
    if one.line > 1 and (source := source_line(one.path, one.line)):
        yield f"    > {source}"
    yield from (f"    {text}" for text in more)


def _place(one: Finding, root: Path) -> str:
    return f"{relative(one.path, root)}:{one.line}"


def _lock(one: Locked, root: Path) -> str:
    where = f"{relative(one.location.path, root)}:{one.location.line}" if one.location else ""
    parts = [f"{one.words:<22} {one.relation}", where or "somewhere in the revision"]
    parts += ["written anew"] * one.rewritten or ["read from end to end"] * one.scanned
    parts += [f"squawk: {', '.join(one.squawk)}"] * bool(one.squawk)
    return "  ".join(parts)


def _finding_fields(one: Finding, root: Path) -> dict[str, Any]:
    return {
        "file": relative(one.path, root),
        "line": one.line,
        "rule": one.rule,
        "message": one.message,
    }


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
