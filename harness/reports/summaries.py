"""What a step found, in a few words: for the table, for the last line, for a job's summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from harness.results import CANNOT_RUN, FAILED, Group, Kind, Outcome, Result, Run

MARKS = {0: ("✓", "32"), FAILED: ("✗", "31"), CANNOT_RUN: ("!", "33")}
"""Exit code -> mark and its colour."""
NOT_RUN = ("–", "33")

WORDS = {
    Outcome.FAILED: "failed",
    Outcome.ERROR: "could not run",
    Outcome.ADVICE: "advice",
    Outcome.UNDECIDED: "undecided",
    Outcome.SKIPPED: "skipped",
    Outcome.TODO: "todo",
    Outcome.TODO_PASSED: "todo passed",
}
_OF_PROMISES = {Outcome.FAILED: "refuted", Outcome.TODO: "refuted, as allowed"}
_PLACES = {Kind.ASSERTION: "SQL file", Kind.CHECK: "Python file", Kind.PROMISE: "table"}


def mark(run: Run) -> tuple[str, str]:
    """The mark of a step, or of a group as a run of its own, and its colour."""
    if run.groups and all(group.all_skipped for group in run.groups):
        return NOT_RUN
    return MARKS[run.exit_code]


def of_step(run: Run, step: str) -> str:
    """What one step of a run found."""
    found = run.of(step)
    if found.groups and all(group.all_skipped for group in found.groups):
        reasons = [r.reason for group in found.groups for r in group.results if r.reason]
        return f"not run: {reasons[0]}" if reasons else "not run"
    whole = [g for g in found.groups if g.kind is Kind.STEP and step != "apply"]
    if len(whole) == len(found.groups):  # it came to nothing else
        return WORDS[Outcome.ERROR] if found.exit_code == CANNOT_RUN else "failed"
    return {"lint": lint, "apply": apply, "migrations": migrations, "properties": properties}.get(
        step, tests
    )(found)


def lint(run: Run) -> str:
    """How many files and findings there are, and whose."""
    files = sum(group.kind is Kind.FINDING for group in run.groups)
    found = [r for group in run.groups for r in group.results if not r.outcome.ok]
    whose = Counter(result.id.partition(":")[0] for result in found)
    said = f"{count(files, 'file')}, {count(len(found), 'finding')}"
    linters = ", ".join(f"{name} {number}" for name, number in sorted(whose.items()))
    other = _counts(run.groups, {Outcome.ADVICE, Outcome.UNDECIDED})
    return ", ".join([f"{said} ({linters})" if linters else said, *other])


def apply(run: Run) -> str:
    """What was applied."""
    return "; ".join(result.title for group in run.groups for result in group.all)


def migrations(run: Run) -> str:
    """How many revisions were tried, and what of them failed."""
    groups = [group for group in run.groups if group.kind is Kind.REVISION]
    ran = [group for group in groups if not group.all_skipped]
    one_way = sum(not any(r.facts.get("reversible") for r in group.results) for group in ran)
    failed = sum(not group.passed for group in groups)
    if failed:
        said = f"{failed} of {count(len(groups), 'revision')} failed"
    elif one_way == len(ran):
        said = f"{count(len(ran), 'revision')} up"
    else:
        said = f"{count(len(ran) - one_way, 'revision')} up, down, up"
    accepted = sum(any(r.outcome is Outcome.TODO for r in group.results) for group in groups)
    counts = {"irreversible": one_way * (not failed), "accepted": accepted}
    counts["not run"] = len(groups) - len(ran)
    return ", ".join([said, *(f"{number} {word}" for word, number in counts.items() if number)])


def properties(run: Run) -> str:
    """How many promises were kept."""
    proved = run.count(Outcome.PASSED)
    return ", ".join([f"{proved} proved"] * bool(proved) + _counts(run.groups)) or "nothing"


def tests(run: Run) -> str:
    """``161 assertions in 8 SQL files, 11 checks in 1 Python file: 2 failed, 1 todo``."""
    parts = []
    for kind, place in _PLACES.items():
        groups = [group for group in run.groups if group.kind is kind]
        if groups:
            results = count(sum(len(group.results) for group in groups), kind.value)
            parts.append(f"{results} in {count(len(groups), place)}")
    counts = _counts(run.groups)
    broken = sum(bool(group.problems) for group in run.groups if group.kind is not Kind.STEP)
    counts += [f"{broken} stopped or out of plan"] * bool(broken)
    return ", ".join(parts) + (f": {', '.join(counts)}" if counts else ": all passed")


def of_group(group: Group) -> list[str]:
    """What there is of each outcome but passing in one group."""
    return _counts([group])


def count(number: int, noun: str) -> str:
    """``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def word(group: Group, result: Result) -> str:
    """What an outcome but passing is called."""
    special = _OF_PROMISES if group.kind is Kind.PROMISE else {}
    return special.get(result.outcome) or WORDS.get(result.outcome, "")


def _counts(groups: Iterable[Group], only: Iterable[Outcome] = WORDS) -> list[str]:
    wanted = set(only)
    words = Counter(word(g, r) for g in groups for r in g.results if r.outcome in wanted)
    known = dict.fromkeys(
        w for outcome in WORDS for w in (WORDS[outcome], _OF_PROMISES.get(outcome, ""))
    )
    return [f"{words[name]} {name}" for name in known if name and words[name]]
