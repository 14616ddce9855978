"""What a step found, in a few words: for the table, for the last line, for a job's summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

from harness.core.results import CANNOT_RUN, FAILED, Group, Kind, Outcome, Result, Run
from harness.core.text import count

MARKS = {0: ("✓", "32"), FAILED: ("✗", "31"), CANNOT_RUN: ("!", "33")}
"""Exit code -> mark and its colour."""
NOT_RUN = ("–", "33")
INTERRUPTED = "harness:interrupted"
"""The id of the result that an interrupted step has."""

_SAID = {
    "✓": ("✓", "passed"),
    "✗": ("✗", "failed"),
    "!": ("!", "could not run"),
    "–": ("–", "not run"),
}

WORDS = {
    Outcome.FAILED: "failed",
    Outcome.ERROR: "could not run",
    Outcome.ADVICE: "advice",
    Outcome.UNDECIDED: "undecided",
    Outcome.SKIPPED: "skipped",
    Outcome.TODO: "todo",
    Outcome.TODO_PASSED: "todo passed",
}
_OF_PROPERTIES = {Outcome.FAILED: "failed", Outcome.TODO: "failed, as allowed"}
_KNOWN = "known"
"""What a TODO is called that was so before what is new: at the baseline, or since a reference."""
_PLACES = {Kind.ASSERTION: "SQL file", Kind.CHECK: "Python file", Kind.PROPERTY: "table"}


def mark(run: Run) -> tuple[str, str]:
    """The mark of a step, or of a group as a run of its own, and its colour."""
    if run.groups and all(group.all_skipped for group in run.groups):
        return NOT_RUN
    return MARKS[run.exit_code]


def of_versions(run: Run) -> list[tuple[str, ...]]:
    """A run on several servers as a table: a heading, a row for each step, a column for each."""
    rows = [("", *run.versions)]
    for step in run.steps:
        found = [one.of(step) for one in run.versions.values()]
        rows.append((step, *(" ".join(_SAID[mark(one)[0]]) if one.groups else "" for one in found)))
    return rows


def of_step(run: Run, step: str) -> str:
    """What one step of a run found."""
    found = run.of(step)
    if found.groups and all(group.all_skipped for group in found.groups):
        reasons = [r.reason for group in found.groups for r in group.results if r.reason]
        return f"not run: {reasons[0]}" if reasons else "not run"
    if step == "apply":
        return "; ".join([apply(found), *_remembered(found)])
    if all(map(_is_whole, found.groups)) and not _came_to_something(found):
        return _outright(found)
    whats = {"lint": lint, "migrations": migrations, "properties": properties, "mutate": mutants}
    whats["access"] = properties
    what = whats.get(step) or partial(asserted, places=False)
    return "; ".join([what(found), *_ended(found), *_remembered(found)])


def _remembered(run: Run) -> list[str]:
    """That nothing of a step was run, since an earlier run has found the same."""
    results = [one for group in run.groups for one in group.all]
    return ["remembered"] if results and all("remembered" in one.facts for one in results) else []


def _came_to_something(run: Run) -> bool:
    """Whether a step that has no files has results all the same: of a database, of a server."""
    return any(r.outcome is Outcome.PASSED for group in run.groups for r in group.all)


def of_tests(run: Run) -> str:
    """What tests found, and properties as some of them."""
    if all(map(_is_whole, run.groups)):
        return _outright(run)
    return "; ".join([asserted(run), *_ended(run)])


def _ended(run: Run) -> list[str]:
    """What ended a step that had come to something, or what is wrong with it as a whole."""
    whole = filter(_is_whole, run.groups)
    return [_first_line(one.title) for group in whole for one in group.all if not one.outcome.ok]


def _is_whole(group: Group) -> bool:
    return group.kind is Kind.STEP


def _first_line(text: str) -> str:
    return next(iter(text.splitlines()), "")


def _outright(run: Run) -> str:
    """What became of a step that found nothing but what is wrong with it as a whole."""
    problems = [r for group in run.groups for r in group.all if not r.outcome.ok]
    if any(problem.id == INTERRUPTED for problem in problems):
        return "interrupted"
    if not problems:
        return ", ".join(_counts(run.groups)) or "nothing"
    return WORDS[Outcome.ERROR] if run.exit_code == CANNOT_RUN else "failed"


def lint(run: Run) -> str:
    """How many files and findings there are, and whose."""
    linted = [group for group in run.groups if group.kind is Kind.FINDING]
    files = len(linted)
    found = [r for group in linted for r in group.results if r.outcome is Outcome.FAILED]
    whose = Counter(result.id.partition(":")[0] for result in found)
    whole = [r for group in run.groups if _is_whole(group) for r in group.results]
    bodies = any(r.outcome is Outcome.PASSED for r in whole)
    where = count(files, "file") if files or not bodies else "function bodies"
    said = f"{where}, {count(len(found), 'finding')}"
    linters = ", ".join(f"{name} {number}" for name, number in sorted(whose.items()))
    other = _counts(run.groups, {Outcome.ERROR, Outcome.ADVICE, Outcome.UNDECIDED})
    other += [r.title for r in whole if r.outcome is Outcome.SKIPPED]
    return ", ".join([f"{said} ({linters})" if linters else said, *other])


def apply(run: Run) -> str:
    """What was applied."""
    return "; ".join(_first_line(result.title) for group in run.groups for result in group.all)


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
    """How many properties passed."""
    passed = run.count(Outcome.PASSED)
    return ", ".join([f"{passed} passed"] * bool(passed) + _counts(run.groups)) or "nothing"


def mutants(run: Run) -> str:
    """How many mutants there are, who notices them, and what of them does not count."""
    found = [r for group in run.groups if group.kind is Kind.MUTANT for r in group.results]
    status = Counter(str(result.facts.get("status")) for result in found)
    noticed = [r for r in found if r.facts.get("status") in _NOTICED]
    counted = len(noticed) + status["survived"]
    by_tests = sum(bool(r.facts.get("tests")) for r in found)
    gaps = sum(bool(r.facts.get("gap")) for r in found)
    by_anybody = sum(bool(r.facts.get("tests")) or r in noticed for r in found)
    survived = counted - by_anybody
    tested = by_tests or any(r.facts.get("tested", True) for r in found)
    by_whom, who = (by_tests, "tests") if tested else (len(noticed), "replay, without any test")
    percent = f" ({100 * by_whom / counted:.1f} %)" if counted else ""
    parts = [count(counted, "mutant"), f"{by_whom} noticed by {who}{percent}"]
    parts += [count(gaps, "proven gap")] * bool(gaps and tested)
    parts += [f"{survived} survived"] * bool(survived)
    apart = ", ".join(f"{status[name]} {name}" for name in _APART if status[name])
    written = [r.title for group in run.groups for r in group.results if r.id == "harness:tests"]
    return "; ".join(filter(None, [", ".join(parts), apart, *written]))


_NOTICED = ("killed", "timeout")
_APART = ("allowed", "equivalent", "redundant", "stillborn", "speed")


def asserted(run: Run, places: bool = True) -> str:
    """``161 assertions in 8 SQL files, 11 checks in 1 Python file: 2 failed, 1 todo``.

    Without ``places`` no files are counted, so that it fits the row of a table.
    """
    parts = []
    for kind, place in _PLACES.items():
        groups = [g for g in run.groups if g.kind is kind and (g.results or g.problems)]
        if groups:  # a setup that says nothing is no test
            results = count(sum(len(group.results) for group in groups), kind.value)
            parts.append(results + f" in {count(len(groups), place)}" * places)
    counts = _counts(run.groups)
    broken = sum(bool(group.problems) for group in run.groups if group.kind is not Kind.STEP)
    counts += [f"{broken} stopped or out of plan"] * bool(broken)
    passed = not any(map(_is_whole, run.groups)) or run.passed
    became = ", ".join(counts) or "all passed" * passed
    return ": ".join(filter(None, (", ".join(parts), became)))


def of_group(group: Group) -> list[str]:
    """What there is of each outcome but passing in one group."""
    return _counts([group])


def word(group: Group, result: Result) -> str:
    """What an outcome but passing is called."""
    if result.outcome is Outcome.TODO and "known" in result.facts:
        return _KNOWN
    special = _OF_PROPERTIES if group.kind is Kind.PROPERTY else {}
    return special.get(result.outcome) or WORDS.get(result.outcome, "")


def _counts(groups: Iterable[Group], only: Iterable[Outcome] = WORDS) -> list[str]:
    wanted = set(only)
    words = Counter(word(g, r) for g in groups for r in g.results if r.outcome in wanted)
    known = dict.fromkeys(
        w for outcome in WORDS for w in (WORDS[outcome], _OF_PROPERTIES.get(outcome, ""))
    )
    known[_KNOWN] = None
    return [f"{words[name]} {name}" for name in known if name and words[name]]
