"""Decisions as results, for the reports that every run has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from harness.core.results import NOWHERE, PROPERTIES, Group, Kind, Location, Outcome, Result
from harness.postgres.schema_model import Name
from harness.properties.base import Decision
from harness.properties.evidence import script
from harness.properties.source_location import located

FOLDER = PROPERTIES
"""Stands before a table's name where a file has its path."""


def path_of(table: Name) -> Path:
    """What stands for a file's path: ``properties/tasks``, or ``properties/app.tasks``."""
    return Path(FOLDER, table.name if table.schema == "public" else str(table))


def of_table(
    decisions: Sequence[Decision], sources: Mapping[Path, str], allowed: Mapping[str, str]
) -> Group:
    """What was decided of one table, located in the files (path -> text) that declare them.

    ``allowed`` has patterns of properties that may fail, and why; advice that it names is
    expected, too, so that ``strict`` does not make a failure of it.
    """
    path = path_of(decisions[0].prop.table)

    def place(decision: Decision) -> Location:
        return located(decision.prop, sources) or NOWHERE

    return Group(
        path,
        tuple(_result(d, place(d), allowed) for d in decisions),
        seconds=sum(decision.seconds for decision in decisions),
        kind=Kind.PROPERTY,
        step="properties",
    )


def allowance(decision: Decision, allowed: Mapping[str, str]) -> str:
    """Why a property may fail; empty where nobody has allowed it."""
    found = (why for pattern, why in allowed.items() if fnmatchcase(decision.prop.id, pattern))
    return next(found, "")


def _result(decision: Decision, place: Location, allowed: Mapping[str, str]) -> Result:
    prop, reason = decision.prop, decision.reason
    made = Result(
        Outcome.PASSED,
        prop.id,
        place,
        seconds=decision.seconds,
        id=prop.id,
        facts={
            "check": prop.check,
            "table": str(prop.table),
            "object": prop.object,
            "evidence": [step.to_json() for step in decision.evidence],
        },
    )
    if decision.crash:
        return made._replace(outcome=Outcome.ERROR, message=decision.crash)
    if decision.outcome is Outcome.PASSED:
        return made._replace(message=reason)
    if decision.outcome is Outcome.UNDECIDED:
        return made._replace(outcome=Outcome.UNDECIDED, reason=reason)
    shown = script(decision.evidence) if decision.evidence else ""
    made = made._replace(outcome=decision.outcome, message=reason, evidence=shown)
    why = allowance(decision, allowed)
    return made._replace(outcome=Outcome.TODO, reason=why) if why else made
