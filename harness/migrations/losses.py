"""What a revision made of the rows in the tables: which data is gone, and by which half."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from harness.core.text import count
from harness.migrations.computed_columns import is_computed
from harness.migrations.revision_result import Losses
from harness.postgres.schema_model import Name

Contents = Mapping[Name, tuple[str, ...]]
"""Table -> its rows as JSON texts, sorted."""


class Moment(NamedTuple):
    """What was in the tables at one moment, and which columns they had."""

    rows: Contents
    tables: Mapping[Name, int]
    """Table -> its OID."""
    columns: Mapping[int, Mapping[str, int]]
    """OID -> column -> its attribute number, which a new name does not change."""

    @staticmethod
    def parsed(row: str) -> dict[str, Any]:
        """A row as columns and their values."""
        found: dict[str, Any] = json.loads(row)
        return found


def lost(before: Moment, applied: Moment, after: Moment) -> Losses:
    """What became of the rows of ``before`` through an up (``applied``) and a down (``after``)."""
    by_up: list[str] = []
    by_down: list[str] = []
    for name, rows in before.rows.items():
        left = after.rows.get(name, ())
        gone = list((Counter(rows) - Counter(left)).elements()) if rows != left else []
        if gone and len(left) < len(rows):
            missing = len(rows) - len(left)
            told = by_down if _emptied(name, before, applied, left) else by_up
            told.append(f"{name}: {missing} of {count(len(rows), 'row')} gone, such as {gone[0]}")
        elif gone:
            for is_down, line in _lost_values(name, before, applied, after):
                (by_down if is_down else by_up).append(line)
    return Losses(by_up, by_down)


def _emptied(name: Name, before: Moment, applied: Moment, left: tuple[str, ...]) -> bool:
    """Whether a down takes all rows; one that takes some may mean those of its up.

    The up has left them where they were, or has moved them to another table.
    """
    if left:
        return False
    if len(_same_table(name, before, applied)) >= len(before.rows[name]):
        return True
    old = _parsed(before.rows[name])
    said = [held for column in old[0] if _is_said(held := _values(old, column))]
    return bool(said) and all(_moved(held, before, applied) for held in said)


def _lost_values(
    name: Name, before: Moment, applied: Moment, after: Moment
) -> Iterator[tuple[bool, str]]:
    """The columns whose values are gone: whether the down took them, and a line for them."""
    old, new = _parsed(before.rows[name]), _parsed(after.rows[name])
    gone = [column for column in old[0] if _values(old, column) - _values(new, column)]
    by_down = [c for c in gone if _taken_by_down(name, c, before, applied, after)]
    for is_down, columns in ((False, set(gone) - set(by_down)), (True, set(by_down))):
        if columns or not (is_down or gone):
            some = next((row for row in old if row not in new), old[0])
            shown = f"such as {json.dumps(some)}, of which there is now {after.rows[name][0]}"
            words = ", ".join(c for c in gone if c in columns) or "several columns"
            yield is_down, f"{name}: values of {words} gone, {shown}"


def _taken_by_down(name: Name, column: str, before: Moment, applied: Moment, after: Moment) -> bool:
    """Whether values that the up has kept, under whatever name, are gone with the column."""
    old = _parsed(before.rows[name])
    number = before.columns[before.tables[name]].get(column)
    meanwhile = applied.columns.get(before.tables[name], {})
    called = next((c for c, n in meanwhile.items() if n == number), column)
    kept = _values(_parsed(_same_table(name, before, applied)), called)
    held = _values(old, column)
    new = {*_values(_parsed(after.rows[name]), column)} - {"null"}
    dropped = number not in meanwhile.values()
    if held - kept and not (dropped and _moved(held, before, applied)):
        # What a down computes back may differ from what was there: the first word of a text.
        none = not new or (len(new) == 1 and not next(iter(new)).startswith('"'))
        return none and dropped and _computed(name, column, before, applied)
    if after.columns.get(before.tables[name], {}).get(column) != number or not new:
        return True
    # A down migration that maps some values back may map too many; one that leaves none overwrites.
    said = {*held} - {"null"}
    return not held - kept and len(said) > 1 and not said & new


def _computed(name: Name, column: str, before: Moment, applied: Moment) -> bool:
    """Whether an up has computed a new column of the table from one that it drops."""
    oid = before.tables[name]
    now = applied.columns.get(oid, {})
    called = {number: other for other, number in now.items()}
    shared = {c: called[n] for c, n in before.columns[oid].items() if n in called}
    old, new = _parsed(before.rows[name]), _parsed(_same_table(name, before, applied))
    return is_computed(column, old, new, shared, now.keys() - {*shared.values()})


def _moved(held: Counter[str], before: Moment, applied: Moment) -> bool:
    """Whether an up has put values into a column that was not there, of any table.

    A NULL need not be there: a row that has nothing to move is left out.
    """
    if not _is_said(held):
        return False
    held = Counter({value: times for value, times in held.items() if value != "null"})
    for name, rows in applied.rows.items():
        oid = applied.tables.get(name, 0)
        known = {*before.columns.get(oid, {}).values()}
        new = [c for c, number in applied.columns.get(oid, {}).items() if number not in known]
        if new and any(not held - _values(_parsed(rows), column) for column in new):
            return True
    return False


def _is_said(held: Counter[str]) -> bool:
    """Whether values say something: two that differ, or a text, so that it is no chance."""
    said = {*held} - {"null"}
    return len(said) > 1 or any(value.startswith('"') for value in said)


def _same_table(name: Name, before: Moment, applied: Moment) -> tuple[str, ...]:
    """The rows after the up of the table that had this name before, else that has it now."""
    oid = before.tables[name]
    called = next((other for other, number in applied.tables.items() if number == oid), name)
    return applied.rows.get(called, ())


def _parsed(rows: tuple[str, ...]) -> list[dict[str, Any]]:
    return [Moment.parsed(row) for row in rows]


def _values(rows: list[dict[str, Any]], key: str) -> Counter[str]:
    return Counter(json.dumps(row[key]) for row in rows if key in row)
