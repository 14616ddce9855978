"""What a down migration leaves changed, told apart: what is wrong, what cannot be helped.

An object that was not there before, or is missing, or says something else, is a fault of the way
down. What PostgreSQL cannot put back is none: a column that is added again comes last, a label of
an enum stays. Comments, defaults and how a column is stored mislead nobody for as long as a
revision is undone, so they are advice as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from harness.postgres.snapshot import Difference
from harness.postgres.snapshot.difference import Change

_PLACE = re.compile(r' ?AFTER (?:[^\s"]+|"(?:[^"]|"")+")$')
"""``AFTER title``, as the snapshot ends a column's definition: the column before it."""
_STORED = re.compile(
    r" (?:DEFAULT|STORAGE|COMPRESSION|STATISTICS|WITH \(|OPTIONS \() ?.*", re.DOTALL
)
"""Default and storage, and whatever stands behind them."""
_LABEL = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r"\w+|[^\w\s]")


def told_apart(left: Difference) -> tuple[Difference, Difference]:
    """What the down migration should have done, and what is only worth knowing."""
    moved = any(change.kind == "column" and _column(change) for change in left.changed)
    harmless = [change for change in left.changes if _harmless(change, moved)]
    faults = tuple(change for change in left.changes if change not in harmless)
    return Difference(faults), Difference(tuple(harmless))


def gains_labels(rest: Difference) -> bool:
    """Whether an enum has kept labels of a migration that was undone."""
    return any(change.kind == "type" for change in rest.changes)


def _harmless(change: Change, moved: bool) -> bool:
    if change.kind in ("view", "materialized view"):
        return moved and change in Difference((change,)).changed and _same_words(change)
    judge = _JUDGES.get(change.kind)
    return judge is not None and judge(change)


def _column(change: Change) -> bool:
    """Whether a column is the same but for its place, its default and how it is stored."""
    old, new = (_STORED.sub("", _PLACE.sub("", text or "")) for text in (change.old, change.new))
    return change.old is not None and change.new is not None and old == new


def _enum(change: Change) -> bool:
    """Whether an enum has its labels, in their order, and others."""
    old, new = change.old or "", change.new or ""
    if not (old.startswith("ENUM (") and new.startswith("ENUM (")):
        return False
    before, after = _LABEL.findall(old), _LABEL.findall(new)
    return [label for label in after if label in before] == before


def _named(change: Change) -> bool:
    """Whether it is about nothing but the name of a NOT NULL that a column has."""
    words = f"{change.old} {change.new}"
    return "NO INHERIT" not in words and "NOT VALID" not in words


def _same_words(change: Change) -> bool:
    """Whether a query has the same words: ``SELECT *`` of a table whose columns have moved."""
    old, new = (Counter(_WORD.findall(text or "")) for text in (change.old, change.new))
    return old == new


_JUDGES: Mapping[str, Callable[[Change], bool]] = {
    "column": _column,
    "comment": lambda change: True,
    "extension": lambda change: change.old is None,
    "not null constraint": _named,
    "type": _enum,
}
"""Kind of object -> whether a change of it is harmless."""
