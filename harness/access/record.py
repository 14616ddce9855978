"""The record: what everybody may do, a line a fact, in a file under version control."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from harness.access.contradictions import contradictions
from harness.access.identities import EXPIRED, NOBODY
from harness.access.survey import Facts, Grid
from harness.access.writing import UNDECIDED, Cell
from harness.core.errors import ConfigError
from harness.core.files import of_json


class Fact(NamedTuple):
    """What is true of a role; ``what`` names the identity and command, or the privilege."""

    object: str
    role: str
    what: str
    answer: str


def facts_of(facts: Facts) -> Iterator[Fact]:
    """Every fact: privileges, then cells, then what gets round policies."""
    clients = {role.name for role in facts.catalog.tried}
    for one in facts.catalog.privileges:
        if one.role in clients:
            answer = one.how if one.how != "columns" else f"columns {', '.join(one.columns)}"
            yield Fact(f"{one.kind} {one.object}", one.role, one.privilege, answer)
    for standing in facts.catalog.standing:
        yield Fact(*standing, "yes")
    for role in facts.catalog.tried:
        attributes = {
            "BYPASSRLS": role.bypasses,
            "REPLICATION": role.replicates,
            "CREATEROLE": role.creates_roles,
        }
        for name, has in attributes.items():
            if has:
                yield Fact("role", role.name, name, "yes")
        for other in role.member_of:
            yield Fact("role", role.name, f"member of {other}", "yes")
    for grid in facts.grids:
        for identity, cells in told(grid):
            for command, cell in cells.items():
                if cell.answer != "privilege":
                    what = f"{identity}: {command}"
                    yield Fact(f"rows of {grid.relation}", grid.role, what, cell.answer)
            for (command, column), text in grid.states.get(identity, {}).items():
                what = f"{identity}: {command} where {column}"
                yield Fact(f"rows of {grid.relation}", grid.role, what, text)
    for bypass in facts.bypasses:
        if bypass.may_be_meant:
            yield Fact(f"rows of {bypass.relation}", bypass.role, bypass.title, bypass.identity)
    for found in contradictions(facts):
        yield Fact(f"rows of {found.table}", found.role, found.title, found.identity)


def told(grid: Grid) -> Iterator[tuple[str, Mapping[str, Cell]]]:
    """Identities with their cells; those that are like the first principal, or nobody, are not.

    So that what one identity may do more is a line or two, whatever the others are like.
    """
    for identity, cells in grid.cells.items():
        like = grid.cells.get(NOBODY if identity == EXPIRED else "one", {})
        same = {name: cell.answer for name, cell in cells.items()} == {
            name: cell.answer for name, cell in like.items()
        }
        if identity in ("one", NOBODY) or not same:
            yield identity, cells


def _fact(line: list[str]) -> Fact:
    """A line of a record. Raises TypeError for another value."""
    if not (isinstance(line, list) and all(isinstance(word, str) for word in line)):
        raise TypeError(f"four texts are expected, not {line!r}"[:200])
    return Fact(*line)


@dataclass(frozen=True)
class Record:
    """Facts as they were accepted."""

    facts: frozenset[Fact]

    @classmethod
    def of(cls, facts: Facts) -> Record:
        """What is true now."""
        return cls(frozenset(facts_of(facts)))

    @classmethod
    def read(cls, path: Path) -> Record:
        """The record in a file. Raises ConfigError where it cannot be read."""
        try:
            return cls(frozenset(map(_fact, of_json(path.read_text("utf-8")))))
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(
                f"record: cannot read {path} ({error}); harness access --record writes it"
            ) from None

    def write(self, path: Path) -> None:
        """One line for each fact, in a stable order: made to be compared."""
        lines = [json.dumps(fact, ensure_ascii=False) for fact in sorted(self.facts)]
        try:
            path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"record: cannot write {path}: {error.strerror}") from None

    def changes(self, now: Record) -> Iterator[tuple[Fact, str]]:
        """Each fact that is not as recorded, and what is the case instead.

        What is undecided now says nothing against what was recorded.
        """
        old = {fact[:3]: fact for fact in self.facts}
        new = {fact[:3]: fact for fact in now.facts}
        for key in sorted(old.keys() | new.keys()):
            was, found = old.get(key), new.get(key)
            if was is not None and found is None:
                yield was, f"was {was.answer}; now gone"
            elif found is not None and was is None:
                yield found, f"{found.answer}; not in the record"
            elif was and found and found.answer not in (was.answer, UNDECIDED):
                yield found, f"was {was.answer}; is {found.answer}"
