"""Contradictions: what a schema allows against what it says itself, with no record to go by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from harness.access.classes import NONE
from harness.access.identities import EXPIRED, NOBODY, STRANGE
from harness.access.survey import Facts, Grid
from harness.access.writing import PRIVILEGE, UNDECIDED, Cell

_REFUSED = (NONE, PRIVILEGE, UNDECIDED, "policy", "check option")
_WRITES = ("INSERT", "UPDATE", "UPDATE sighted", "DELETE", "DELETE sighted", "UPSERT")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Something that cannot be meant."""

    table: str
    role: str
    identity: str
    rule: str
    title: str
    message: str
    statement: str


def contradictions(facts: Facts) -> Iterator[Contradiction]:
    """All of them, table by table, each said of the first identity that shows it."""
    for grid in facts.grids:
        seen = set[tuple[str, str]]()
        tenants, handed = partial(_of_another_tenant, facts), partial(_handed_over, facts)
        through = partial(_through_view, facts)
        every = (tenants, _raising, _nobody_sees, _nobody_writes, _reaching, through, handed)
        for one in (found for rule in every for found in rule(grid)):
            if (one.rule, one.title) not in seen:
                seen.add((one.rule, one.title))
                yield one
    yield from _defeated(facts)
    for bypass in facts.bypasses:
        if bypass.may_be_meant:
            continue
        yield Contradiction(
            str(bypass.relation), bypass.role, bypass.identity, f"bypass-{bypass.kind}",
            bypass.title, f"as {bypass.role}", bypass.statement,
        )  # fmt: skip


def _defeated(facts: Facts) -> Iterator[Contradiction]:
    """A grant of some columns, and one of the table that makes it void."""
    shown = {grid.relation.oid: grid.relation for grid in facts.grids}
    for one in facts.catalog.defeated:
        if one.table in shown:
            table = str(shown[one.table])
            title = (
                f"{one.role}: {one.privilege} is granted of {one.columns} and of the whole table"
            )
            yield Contradiction(
                table, one.role, "", "column-grant", title, "the columns left out are open", ""
            )


def _said(grid: Grid, identity: str, rule: str, title: str, cell: Cell) -> Contradiction:
    message = f"as {grid.role}, {identity}: {cell.answer}"
    if cell.reason:
        message += f": {cell.reason}"
    relation = str(grid.relation)
    return Contradiction(relation, grid.role, identity, rule, title, message, cell.statement)


def _of_another_tenant(facts: Facts, grid: Grid) -> Iterator[Contradiction]:
    """Rows of another tenant's that are seen or written, by the column that the project names."""
    role = next(one for one in facts.catalog.roles if one.name == grid.role)
    if facts.tenants is None or role.bypasses:
        return
    for identity, cells in grid.cells.items():
        for command in ("SELECT", *_WRITES):
            cell = cells.get(command)
            if cell is None or cell.answer in _REFUSED:
                continue
            if facts.tenants.of_others(grid.relation, identity, cell.reached):
                verb, column = command.split()[0], facts.tenants.column
                title = f"{grid.role}: {verb} reaches rows of another {column}"
                yield _said(grid, identity, "tenant", title, cell)


def _raising(grid: Grid) -> Iterator[Contradiction]:
    """A policy that raises: whoever may use the table gets an error, no rows and no refusal."""
    for identity, cells in grid.cells.items():
        for command, cell in cells.items():
            if _is_state(cell.answer):
                title = f"{grid.role}: {command.split()[0]} raises {cell.answer} for {identity}"
                yield _said(grid, identity, "raises", title, cell)
                return


def _is_state(answer: str) -> bool:
    """Whether an answer is an SQLSTATE that a condition raised, and no rule of the schema's."""
    return len(answer) == 5 and answer[:2].isalnum() and answer.upper() == answer


def _nobody_sees(grid: Grid) -> Iterator[Contradiction]:
    """Who says nothing of himself sees rows that somebody who does so does not see."""
    one = grid.cells.get("one")
    if one is None or not grid.relation.protected or _is_state(one["SELECT"].answer):
        return
    for identity in (NOBODY, EXPIRED):
        cell = grid.cells.get(identity, {}).get("SELECT")
        if cell is not None and cell.reached - one["SELECT"].reached:
            title = f"{grid.role}: {identity} sees rows that no identified user sees"
            yield _said(grid, identity, "nobody-sees", title, cell)


def _nobody_writes(grid: Grid) -> Iterator[Contradiction]:
    """Who says nothing of himself writes, where it matters who one is."""
    one = grid.cells.get("one")
    if one is None or not grid.relation.protected:
        return
    for identity in (NOBODY, EXPIRED):
        cells = grid.cells.get(identity, {})
        for command in _WRITES:
            cell = cells.get(command)
            if cell is None or cell.answer in _REFUSED or _is_state(cell.answer):
                continue
            told_apart = any(
                other[command].reached != cell.reached
                for other in grid.cells.values()
                if command in other
            )
            if told_apart:
                title = f"{grid.role}: {identity} may {command.split()[0]} without being identified"
                yield _said(grid, identity, "nobody-writes", title, cell)


def _reaching(grid: Grid) -> Iterator[Contradiction]:
    """A write that reaches rows which only others see."""
    for identity, cells in grid.cells.items():
        for command in _WRITES[1:]:
            cell = cells.get(command)
            if cell is not None and cell.reached & grid.anothers.get(identity, frozenset()):
                verb = command.split()[0]
                title = f"{grid.role}: {verb} reaches rows that only others see"
                yield _said(grid, identity, "reaches-anothers", title, cell)


def _through_view(facts: Facts, grid: Grid) -> Iterator[Contradiction]:
    """A view through which more is written than the policies of its one table let the role write.

    Where the role has no privilege to do it to the table, the view is the only way, and meant.
    """
    tables = [one for one in facts.catalog.below(grid.relation) if one.holds_rows]
    if grid.relation.holds_rows or len(tables) != 1 or not tables[0].protected:
        return
    table = next((g for g in facts.grids if (g.relation, g.role) == (tables[0], grid.role)), None)
    for identity, cells in grid.cells.items() if table else ():
        own = table.cells[identity] if table else {}
        commands = [name for name in _WRITES[1:5] if name in own]
        allowed = frozenset[str]().union(*(own[name].reached for name in commands))
        for command in commands:
            cell = cells.get(command)
            tried = own[command.split()[0]].answer not in (PRIVILEGE, UNDECIDED)
            if cell is not None and tried and cell.reached - allowed:
                title = (
                    f"{grid.role}: {command.split()[0]} reaches rows of {tables[0]}"
                    " that its policies do not let it change"
                )
                yield _said(grid, identity, "bypass-view", title, cell)


def _handed_over(facts: Facts, grid: Grid) -> Iterator[Contradiction]:
    """A row that is given away, by UPDATE or in another's name, or taken.

    Where the table's rows say who may do it, who does it manages it: an administrator names others.
    """
    managed = facts.seeds.inputs.managed if facts.seeds else frozenset()
    oid = grid.relation.oid
    stranger = grid.cells.get(STRANGE, {}).get("INSERT")
    is_closed = stranger is not None and "another's" not in stranger.answer
    for identity, cells in grid.cells.items():
        inserted = cells.get("INSERT")
        meant = is_closed and not managed.isdisjoint({(oid, "INSERT"), (oid, "ALL")})
        if inserted is not None and "another's" in inserted.answer and not meant:
            title = f"{grid.role}: INSERT adds rows in the name of others"
            yield _said(grid, identity, "gives-away", title, inserted)
        for command, rule, does in (
            ("GIVE", "gives-away", "gives a row away"),
            ("TAKE", "takes", "takes a row of another's"),
        ):
            cell = cells.get(command)
            meant = command == "GIVE" and not managed.isdisjoint({(oid, "UPDATE"), (oid, "ALL")})
            if cell is not None and "another's" in cell.answer and not meant:
                yield _said(grid, identity, rule, f"{grid.role}: UPDATE {does}", cell)
