"""A run with a result of every kind, and what a form makes of a run."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from harness.core.outline import OutlineColumn, OutlineKey, OutlineTable
from harness.core.results import NOWHERE, Group, Kind, Location, Outcome, Result, Run, Timing

ROOT = Path("/project")
SQL, PYTHON = ROOT / "tests/a,b:c.sql", ROOT / "tests/test_a.py"
UP, ELSEWHERE = ROOT / "sql/a b.up.sql", Path("/else/where.sql")
HELP = "https://squawkhq.com/docs/ban-drop-column"


def result(outcome: Outcome, title: str, line: int = 3, **more: object) -> Result:
    return Result(outcome, title, Location(SQL, line), **more)  # type: ignore[arg-type]


def finding(path: Path, line: int, id_: str, title: str, **more: object) -> Result:
    place = Location(path, line)
    return Result(Outcome.FAILED, title, place, id=id_, **more)  # type: ignore[arg-type]


RESULTS = (
    result(Outcome.PASSED, "first", seconds=0.25),
    result(
        Outcome.FAILED,
        "issue # 7 \\ 8",
        5,
        message="have: 1\nwant: 100%",
        notices=("NOTICE:  x",),
    ),
    result(Outcome.SKIPPED, "", reason="no network"),
    result(Outcome.TODO, "some day", reason="bug 3"),
    result(Outcome.TODO_PASSED, "already", reason="bug 4"),
    result(Outcome.PASSED, "two\nlines\x07 <&>\ud800"),
)
PROBLEM = result(Outcome.FAILED, "42P01: no table\nDetail: none", 9)
CHECKED = Result(Outcome.PASSED, "test_it", Location(PYTHON, 1))
TIMINGS = (Timing(0.25, Location(SQL, 3)), Timing(0.125, Location(SQL, 1)))
TESTS = (
    Group(SQL, RESULTS, (PROBLEM,), 1.5, ("removed role alice",), TIMINGS),
    Group(PYTHON, (CHECKED,), (), 0.5, kind=Kind.CHECK),
)
RUN = Run(TESTS, ROOT, 2.0)
"""What ``harness test`` finds."""

FOUND = (
    finding(UP, 3, "squawk:ban-drop-column", "100%: no,", message="yes", column=7, help=HELP),
    finding(UP, 9, "sqlfluff:PRS", "unparsable", column=1),
    Result(Outcome.ADVICE, "a hint", Location(UP, 2), id="squawk:prefer-x"),
)
LINTED = (
    Group(UP, FOUND, kind=Kind.FINDING, step="lint"),
    Group(
        ELSEWHERE,
        (finding(ELSEWHERE, 1, "squawk:ban-drop-table", "gone", column=1),),
        kind=Kind.FINDING,
        step="lint",
    ),
    Group(
        NOWHERE.path,
        (Result(Outcome.UNDECIDED, "bodies", NOWHERE, reason="no server", id="harness:bodies"),),
        kind=Kind.STEP,
        step="lint",
        name="lint",
    ),
)
TABLE = Group(
    Path("properties/tasks"),
    (
        Result(Outcome.PASSED, "tasks::id::room", Location(UP, 2), id="tasks::id::room"),
        Result(
            Outcome.FAILED,
            "tasks::owner_fkey::index",
            Location(UP, 4),
            "no index leads with (owner)",
            id="tasks::owner_fkey::index",
            evidence="BEGIN;\nSELECT 1;\n--> 1\nROLLBACK;",
        ),
        Result(
            Outcome.UNDECIDED,
            "tasks::x::check",
            Location(UP, 5),
            reason="no row",
            id="tasks::x::check",
        ),
    ),
    kind=Kind.PROPERTY,
    step="properties",
)
REVISION = Group(
    UP,
    (
        Result(
            Outcome.FAILED,
            "the down migration fails",
            Location(UP, 1),
            id="migrations:down",
            facts={"revision": "a b", "reversible": True},
        ),
    ),
    seconds=0.5,
    kind=Kind.REVISION,
    step="migrations",
    name="a b",
)
BROKEN = Group(
    NOWHERE.path,
    problems=(Result(Outcome.ERROR, "no server", NOWHERE, "start it", id="harness:apply"),),
    kind=Kind.STEP,
    step="apply",
    name="apply",
)
GATE = Run(
    (*LINTED, BROKEN, REVISION, TABLE, *TESTS),
    ROOT,
    4.0,
    {"lint": 1.0, "apply": 0.5, "migrations": 0.5, "properties": 0.25, "test": 2.0},
)
"""What a gate finds in which every step has something to say."""
FAILING = 8
"""Results of GATE that fail it: 3 findings, 1 error, 1 revision, 1 property, 2 of a test file."""


def run_of(*results: Result, **group: object) -> Run:
    return Run((Group(SQL, results, **group),), ROOT)  # type: ignore[arg-type]


def written(write: Callable[[Run, TextIO], None], run: Run = RUN) -> str:
    stream = io.StringIO()
    write(run, stream)
    return stream.getvalue()


# --- what the page shows besides --------------------------------------------------------------

OUTLINE = (
    OutlineTable(
        "public",
        "users",
        (OutlineColumn("id", "uuid", True, True), OutlineColumn("name", "text", True)),
    ),
    OutlineTable(
        "public",
        "tasks",
        (
            OutlineColumn("id", "uuid", True, True),
            OutlineColumn("owner", "uuid", True),
            OutlineColumn("due", "timestamp with time zone"),
        ),
        (OutlineKey("tasks_owner_fkey", ("owner",), "public.users"),),
    ),
    OutlineTable("public", "open_tasks", (OutlineColumn("id", "uuid"),), view=True),
)
GRID = Group(
    Path("access/tasks"),
    (
        Result(
            Outcome.PASSED,
            "public.tasks as app",
            NOWHERE,
            id="access::public.tasks::app",
            facts={
                "relation": "public.tasks",
                "role": "app",
                "privileges": {"SELECT": "granted"},
                "cells": {
                    "nobody": {"SELECT": "none", "INSERT": "policy", "UPSERT": "none"},
                    "one": {"SELECT": "own", "INSERT": "own", "UPSERT": "none"},
                    "two": {"SELECT": "own", "INSERT": "own", "UPSERT": "none"},
                },
            },
        ),
    ),
    kind=Kind.ACCESS,
    step="access",
)


def mutant(outcome: Outcome, name: str, place: Location, **facts: object) -> Result:
    diff = "- CHECK (true)\n+ CHECK (false)"
    said = f"nobody notices it\n{diff}" if outcome is Outcome.ADVICE else "noticed by a.sql:3"
    shown = f"BEGIN; -- {name}"
    made = {"status": "survived" if outcome is Outcome.ADVICE else "killed", "diff": diff, **facts}
    return Result(outcome, name, place, said, id=f"mutant:{name}", evidence=shown, facts=made)


def mutants(path: Path) -> Group:
    """Mutants of ``tasks``: two that line 2 of a file declares, one whose place is not known."""
    return Group(
        Path("mutants/tasks"),
        (
            mutant(Outcome.ADVICE, "tasks.a: dropped", Location(path, 2)),
            mutant(Outcome.PASSED, "tasks.b: dropped", Location(path, 2), tests={"sql": "a.sql:3"}),
            mutant(Outcome.ADVICE, "tasks.c: dropped", NOWHERE, gap=True),
        ),
        kind=Kind.MUTANT,
        step="mutate",
    )
