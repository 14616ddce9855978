"""What the tables of the picture can be coloured by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from harness.core.outline import Outline, OutlineTable
from harness.core.results import Group, Kind, Outcome, Run
from harness.core.text import count
from harness.reports.page.access import Cells, grids
from harness.reports.page.mutants import word_of

_REFUSED = ("", "none", "privilege", "policy", "check option", "undecided")
_STATE = re.compile("[0-9A-Z]{5}")
"""An SQLSTATE."""
_OF_TABLES = (Kind.PROPERTY, Kind.ACCESS, Kind.MUTANT)


class Shade(NamedTuple):
    """What a table is in one colouring: a class for the colours, and the words that say it too."""

    tone: str
    note: str


class Colouring(NamedTuple):
    """One choice: ``legend`` says what each tone stands for."""

    label: str
    legend: tuple[tuple[str, str], ...]
    shades: Mapping[str, Shade]
    """Table's short name -> its shade."""
    missing: Shade


def colourings(run: Run) -> tuple[Colouring, ...]:
    """The choices that this run has something to say to."""
    groups: dict[str, list[Group]] = {}
    for group in run.groups:
        if group.kind in _OF_TABLES:
            groups.setdefault(group.path.name, []).append(group)
    kinds = {group.kind for some in groups.values() for group in some}
    found = [_failed(groups)] if kinds - {Kind.MUTANT} else []
    found += [_survived(groups)] if Kind.MUTANT in kinds else []
    if Kind.MUTANT in kinds:
        found.append(_unnoticed(groups))
    elif tests := _tests(run):
        found.append(_unnamed(run.outline, tests))
    return (*found, *_roles(run))


def shade(colouring: Colouring, table: OutlineTable) -> Shade:
    """What a table is in a colouring."""
    found = colouring.shades.get(table.short) or colouring.shades.get(table.qualified)
    return found or colouring.missing


def _failed(groups: Mapping[str, list[Group]]) -> Colouring:
    legend = (("bad", "something failed"), ("warn", "undecided"), ("good", "passed"))
    shades = {}
    for name, some in groups.items():
        outcomes = Counter(r.outcome for g in some if g.kind is not Kind.MUTANT for r in g.all)
        failed = outcomes[Outcome.FAILED] + outcomes[Outcome.ERROR]
        if failed:
            shades[name] = Shade("bad", f"{failed} failed")
        elif undecided := outcomes[Outcome.UNDECIDED]:
            shades[name] = Shade("warn", f"{undecided} undecided")
        elif passed := outcomes[Outcome.PASSED]:
            shades[name] = Shade("good", f"{passed} passed")
    return Colouring("What failed", legend, shades, Shade("", ""))


def _survived(groups: Mapping[str, list[Group]]) -> Colouring:
    legend = (("bad", "mutants survived"), ("warn", "proven gaps"), ("good", "all noticed"))
    shades = {}
    for name, some in groups.items():
        words = Counter(word_of(r) for g in some if g.kind is Kind.MUTANT for r in g.results)
        if survived := words["survived"]:
            shades[name] = Shade("bad", f"{survived} survived")
        elif gaps := words["proven gap"]:
            shades[name] = Shade("warn", count(gaps, "gap"))
        elif noticed := words["noticed"]:
            shades[name] = Shade("good", f"{noticed} noticed")
    return Colouring("Mutants that survived", legend, shades, Shade("", ""))


def _unnoticed(groups: Mapping[str, list[Group]]) -> Colouring:
    """Of which tables a test has noticed a change."""
    shades = {}
    for name, some in groups.items():
        mutants = [r for g in some if g.kind is Kind.MUTANT for r in g.results]
        noticed = sum(bool(r.facts.get("tests")) for r in mutants)
        if noticed:
            shades[name] = Shade("good", f"tests notice {noticed} of {len(mutants)}")
        elif mutants:
            shades[name] = Shade("bad", "no test notices")
    legend = (("bad", "untested"), ("good", "tested"))
    return Colouring("What is untested", legend, shades, Shade("bad", "untested"))


def _tests(run: Run) -> list[set[str]]:
    """The words of each test file that ran and can still be read."""
    paths = dict.fromkeys(g.path for g in run.groups if g.kind in (Kind.ASSERTION, Kind.CHECK))
    texts = (path.read_text("utf-8", "replace") for path in paths if path.is_file())
    return [set(re.findall(r"\w+", text.lower())) for text in texts]


def _unnamed(tables: Outline, tests: Sequence[set[str]]) -> Colouring:
    """Which tables no test file names; whether a test would notice a change only mutants tell."""
    shades = {}
    for table in tables:
        words = set(re.findall(r"\w+", table.name.lower()))
        naming = sum(words <= test for test in tests)
        if naming:
            shades[table.qualified] = Shade("good", f"named in {count(naming, 'test file')}")
    legend = (("bad", "no test file names it"), ("good", "named in test files"))
    return Colouring("What no test names", legend, shades, Shade("bad", "in no test file"))


def _roles(run: Run) -> list[Colouring]:
    of_role: dict[str, dict[str, Shade]] = {}
    for relation, role, cells in grids(run):
        of_role.setdefault(role, {})[relation] = _may(cells)
    reads = (("all", "reads every row"), ("own", "reads some"))
    legend = (*reads, ("other", "writes only"), ("no", "nothing"))
    return [
        Colouring(f"What {role} may do", legend, shades, Shade("no", "nothing"))
        for role, shades in of_role.items()
    ]


def _may(cells: Cells) -> Shade:
    """The most that any identity of a role reaches."""
    reads = {answer for row in cells.values() if _reaches(answer := row.get("SELECT", ""))}
    writes = [
        letter
        for name, letter in (("INSERT", "insert"), ("UPDATE", "update"), ("DELETE", "delete"))
        if any(_reaches(row.get(name, "")) for row in cells.values())
    ]
    everything = any(answer.startswith("all") for answer in reads)
    note = ", ".join([*(["read all" if everything else "read some"] if reads else []), *writes])
    tone = "all" if everything else "own" if reads else "other" if writes else "no"
    return Shade(tone, note or "nothing")


def _reaches(answer: str) -> bool:
    """Whether an answer says that rows were reached: no refusal, and no error of a policy's."""
    return answer not in _REFUSED and not _STATE.fullmatch(answer)
