"""Judge: mutants that change nothing, that are there twice, or that only change speed.

Each verdict names its rule. What no rule says anything of is tried, and what nobody tells from
the schema is perhaps equivalent: it counts as a survivor.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Any

import psycopg

from harness.mutation.mutant import Mutant, quoted
from harness.mutation.trial import Status, Trial

_SEEN_IN_TABLES = (
    *("column", "unique", "primary key", "foreign key", "check", "exclude", "index", "trigger"),
    *("view", "policy", "partition"),
)
"""Kinds of which everything stands with the tables that they are about."""


def by_rule(mutant: Mutant) -> Trial | None:
    """What a rule says of a mutant before anybody tries it; None where none does."""
    if mutant.speed:
        return Trial(mutant, Status.SPEED, rule="it changes what queries cost")
    if mutant.same:
        return Trial(mutant, Status.EQUIVALENT, rule=mutant.same)
    if mutant.twin:
        return Trial(mutant, Status.REDUNDANT, rule=mutant.twin)
    return None


def without_twins(trials: Iterable[Trial]) -> list[Trial]:
    """The trials; where the catalog says the same of several, all but the first are redundant."""
    first: dict[tuple[frozenset[object], str], Mutant] = {}
    found = []
    for trial in trials:
        if trial.print_:
            key = frozenset(trial.mutant.tables), trial.print_
            known = first.setdefault(key, trial.mutant)
            if known is not trial.mutant:
                rule = f"the catalog says the same as of {known.id}"
                trial = Trial(trial.mutant, Status.REDUNDANT, rule=rule)
        found.append(trial)
    return found


class Fingerprints:
    """What the catalog says of tables, in short, with a mutant and without one."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        text = (files("harness.mutation") / "sql" / "fingerprint.sql").read_text("utf-8")
        self._query = text.encode()
        self._before: dict[tuple[str, ...], str] = {}

    def of(self, mutant: Mutant) -> tuple[str, bool]:
        """Of the mutant's tables, in its transaction; whether that is not what it was before.

        Empty for what does not stand with tables, such as a function's body.
        """
        if mutant.kind not in _SEEN_IN_TABLES or not mutant.tables:
            return "", True
        names = tuple(quoted(*name) for name in mutant.tables)
        now = self._asked(names)
        return now, now != self._before.get(names)

    def remember(self, mutant: Mutant) -> None:
        """Ask of the mutant's tables, outside of its transaction."""
        names = tuple(quoted(*name) for name in mutant.tables)
        if mutant.kind in _SEEN_IN_TABLES and names and names not in self._before:
            self._before[names] = self._asked(names)

    def _asked(self, names: tuple[str, ...]) -> str:
        with psycopg.RawCursor(self._connection) as cursor:
            row = cursor.execute(self._query, [list(names)]).fetchone()
        return str(row[0]) if row else ""
