"""Verdicts as results, for the reports that every run has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.core.results import MUTANTS, NOWHERE, Group, Kind, Location, Outcome, Result
from harness.mutation import gaps
from harness.mutation.mutant import Mutant, plain
from harness.mutation.trial import Status
from harness.mutation.verdict import Verdict
from harness.postgres.schema_model import Name
from harness.properties.base import Property
from harness.properties.source_location import located

_JOBS = {
    "grant": "an assertion on privileges, or a command as that role",
    "policy": "a test that reads and writes as a role that the policy is about",
    "sequence": "a test of the numbers that it gives",
    "trigger": "a test of what the trigger does",
    "function": "a test that calls it, or fires its trigger",
    "view": "a test of the rows that the view shows",
    "enum": "an assertion on its labels",
}
"""Kind of mutant -> what would notice it."""


def group_of(verdicts: Sequence[Verdict], root: Path, tested: bool = True) -> Group:
    """What became of one table's mutants; survivors and gaps first, the perhaps equivalent last.

    ``tested``: the project has tests.
    """
    mutant = verdicts[0].trial.mutant
    table = mutant.tables[0] if mutant.tables else Name("public", "schema")
    ordered = sorted(verdicts, key=lambda one: (not one.gap, one.trial.status is not _SURVIVED))
    return Group(
        Path(MUTANTS, plain(table)),
        tuple(_result(one, root, tested) for one in ordered),
        seconds=sum(one.trial.seconds for one in verdicts),
        kind=Kind.MUTANT,
        step="mutate",
    )


_SURVIVED = Status.SURVIVED


def located_in(mutant: Mutant, sources: Mapping[Path, str]) -> Location:
    """The line that declares the object of a mutant, as far as text tells."""
    if not sources:
        return NOWHERE
    if mutant.functions or mutant.kind == "enum":
        return _made(mutant, sources)
    if not mutant.tables:
        return NOWHERE
    prop = Property("", mutant.tables[0], mutant.object.rpartition(".")[2])
    return located(prop, sources) or NOWHERE


def _made(mutant: Mutant, sources: Mapping[Path, str]) -> Location:
    """The line that makes a function or an enum; where several do, the last one."""
    name = mutant.functions[0].name if mutant.functions else mutant.object.rpartition(".")[2]
    words = r"(?:FUNCTION|PROCEDURE)" if mutant.functions else "TYPE"
    made = re.compile(
        rf'\bCREATE\s+(?:OR\s+REPLACE\s+)?{words}\s+(?:"?\w+"?\.)?"?{re.escape(name)}"?(?!\w)',
        re.IGNORECASE,
    )
    found = NOWHERE
    for path, text in sources.items():
        for match in made.finditer(text):
            found = Location(path, text.count("\n", 0, match.start()) + 1)
    return found


def _result(verdict: Verdict, root: Path, tested: bool) -> Result:
    trial, mutant = verdict.trial, verdict.trial.mutant
    made = Result(
        Outcome.PASSED,
        mutant.title,
        verdict.place,
        seconds=trial.seconds,
        id=f"mutant:{mutant.id}",
        facts={**facts(verdict, root), "tested": tested},
    )
    if verdict.allowed:
        return made._replace(outcome=Outcome.TODO, reason=verdict.allowed, message=mutant.diff)
    if not trial.status.counts:
        reason = f"{trial.status.value}: {trial.rule}"
        return made._replace(outcome=Outcome.SKIPPED, reason=reason)
    if verdict.kills:
        kill = next(iter(verdict.kills.values()))
        return made._replace(message=f"noticed by {kill.location}: {kill.title}")
    outcome = Outcome.FAILED if verdict.new else Outcome.ADVICE
    if not verdict.gap:
        said = "nobody notices it; nothing that was tried tells it from the schema"
        job = f"whose job: {_JOBS.get(mutant.kind, 'a test of rows that it is about')}"
        message = "\n".join(filter(None, [said, mutant.diff, job, verdict.new]))
        return made._replace(outcome=outcome, message=message, evidence=mutant.script)
    assert trial.difference is not None
    said = f"no test notices it; {trial.difference.transcript.id} tells it from the schema"
    parts = [f"BEGIN; {'; '.join(mutant.ddl)};", gaps.script(trial.difference)]
    message = "\n".join(filter(None, [said, mutant.diff, _pasted(verdict), verdict.new]))
    return made._replace(outcome=outcome, message=message, evidence="\n".join(parts[1:]))


def _pasted(verdict: Verdict) -> str:
    return f"a test that would:\n{verdict.test}" if verdict.test else ""


def facts(verdict: Verdict, root: Path) -> dict[str, object]:
    """What programs want to know of a mutant."""
    trial, mutant = verdict.trial, verdict.trial.mutant
    difference = trial.difference
    kills = verdict.kills if verdict.counts else {}  # whose are counted
    return {
        "status": "allowed" if verdict.allowed else trial.status.value,
        "kind": mutant.kind,
        "object": mutant.object,
        "operator": mutant.operator,
        "diff": mutant.diff,
        "ddl": list(mutant.ddl),
        "rule": trial.rule,
        "replay": difference.transcript.id if difference else "",
        "crash": bool(difference and difference.crashes),
        "tests": {how.value: _where(kill.location, root) for how, kill in kills.items()},
        "gap": verdict.gap and verdict.counts,
        "number": verdict.number,
        "print": trial.print_,
        "tables": [str(name) for name in mutant.tables],
    }


def _where(location: Location, root: Path) -> str:
    path = location.path
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    return f"{shown}:{location.line}"
