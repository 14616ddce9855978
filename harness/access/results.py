"""What was found as results, for the reports that every run has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from harness.access.catalog import Relation
from harness.access.contradictions import Contradiction, contradictions
from harness.access.grid import is_shown, table, text
from harness.access.record import Record
from harness.access.survey import Facts, Grid
from harness.access.writing import UNDECIDED
from harness.core.results import NOWHERE, Group, Kind, Location, Outcome, Result
from harness.postgres.schema_model import Name

FOLDER = "access"
"""Stands before a table's name where a file has its path."""
Place = Callable[[Name], Location | None]


def groups(facts: Facts, place: Place, record: Record | None) -> Iterator[Group]:
    """One group for each relation that somebody may use, and one for what has changed."""
    found = list(contradictions(facts)) if record is None else []
    for relation in facts.catalog.relations:
        grids = [g for g in facts.grids if g.relation is relation]
        at = place(relation.name) or NOWHERE
        wrong = [one for one in found if one.table == str(relation)]
        shown = [grid for grid in grids if is_shown(grid)]
        results = [
            *(_failed(one, at) for one in wrong),
            *(_grid(facts, grid, at) for grid in grids),
            *(result for grid in shown for result in _undecided(grid, at)),
            *_unproved(facts, relation, at),
            *_without_tenant(facts, relation, at),
        ]
        if results:
            yield Group(path_of(relation.name), tuple(results), kind=Kind.ACCESS, step="access")
    if record is not None:
        yield _compared(facts, record)


def path_of(name: Name) -> Path:
    """What stands for a file's path: ``access/tasks``, or ``access/app.tasks``."""
    return Path(FOLDER, name.name if name.schema == "public" else str(name))


def _grid(facts: Facts, grid: Grid, at: Location) -> Result:
    """What a role may do; the grid where it may do anything, and all its privileges."""
    privileges = {
        one.privilege: one.how if one.how != "columns" else list(one.columns)
        for one in facts.catalog.privileges
        if one.oid == grid.relation.oid and one.role == grid.role and one.kind == "relation"
    }
    cells = {
        identity: {command: cell.answer for command, cell in row.items()}
        for identity, row in grid.cells.items()
    }
    return Result(
        Outcome.PASSED,
        f"{grid.relation} as {grid.role}",
        at,
        text(grid) if is_shown(grid) else "",
        id=f"access::{grid.relation}::{grid.role}",
        facts={
            "relation": str(grid.relation),
            "role": grid.role,
            "cells": cells,
            "privileges": privileges,
            **({"grid": table(grid)} if is_shown(grid) else {}),
        },
    )


def _failed(one: Contradiction, at: Location) -> Result:
    return Result(
        Outcome.FAILED,
        one.title,
        at,
        one.message,
        id=f"access::{one.table}::{one.role}::{one.rule}",
        evidence=one.statement,
        facts={"relation": one.table, "role": one.role, "identity": one.identity},
    )


def _undecided(grid: Grid, at: Location) -> Iterator[Result]:
    """A result for each command of which nothing can be said, whoever tries it."""
    found: dict[tuple[str, str], list[str]] = {}
    for identity, cells in grid.cells.items():
        for command, cell in cells.items():
            if cell.answer == UNDECIDED:
                found.setdefault((command, cell.reason), []).append(identity)
    for (command, reason), identities in found.items():
        who = "" if len(identities) == len(grid.cells) else f" ({', '.join(identities)})"
        yield Result(
            Outcome.UNDECIDED,
            f"{grid.relation} as {grid.role}: {command}{who}",
            at,
            reason=reason,
            id=f"access::{grid.relation}::{grid.role}::{command}",
        )


def _unproved(facts: Facts, relation: Relation, at: Location) -> Iterator[Result]:
    """Conditions that no row and nobody showed both ways: what they keep out is not shown."""
    for one in facts.unproved:
        if one.policy.relation == relation.oid:
            yield Result(
                Outcome.UNDECIDED,
                f"{relation}: policy {one.policy.name}",
                at,
                reason=f"{one.text} was {one.why}, for every identity and every row",
                id=f"access::{relation}::policy::{one.policy.name}",
            )


def _without_tenant(facts: Facts, relation: Relation, at: Location) -> Iterator[Result]:
    """A table of which nobody can say to which tenants somebody belongs."""
    tenants = facts.tenants
    if tenants is not None and relation.oid in tenants.unknown:
        yield Result(
            Outcome.UNDECIDED,
            f"{relation}: rows of another {tenants.column}",
            at,
            reason=f"its policies look into a table without {tenants.column}, which may say who is"
            " a member of which",
            id=f"access::{relation}::tenant",
        )


def _compared(facts: Facts, record: Record) -> Group:
    """What is not as it was recorded."""
    changes = [
        Result(
            Outcome.FAILED,
            f"{fact.object}, {fact.role}: {fact.what}",
            NOWHERE,
            said,
            id=f"access::record::{fact.object}::{fact.role}::{fact.what}",
            help="harness access --record accepts the present state",
        )
        for fact, said in record.changes(Record.of(facts))
    ]
    same = Result(Outcome.PASSED, "everything is as recorded", NOWHERE, id="access::record")
    return Group(Path(FOLDER, "record"), tuple(changes) or (same,), kind=Kind.ACCESS, step="access")
