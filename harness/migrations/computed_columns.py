"""Whether a new column holds what another one held, computed: cents of an amount, codes of words.

Rows are paired by the columns that both have. A default or a number of a sequence says nothing of
the other column, so that more is asked than values that differ.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
"""Column -> its value, as JSON has it."""
Pairs = Sequence[tuple[Any, Any]]


def is_computed(
    column: str,
    old: Sequence[Row],
    new: Sequence[Row],
    shared: Mapping[str, str],
    added: Collection[str],
) -> bool:
    """Whether one of the columns that were ``added`` has the values of ``column``, computed.

    ``shared`` are the other columns of both, by their old names.
    """
    after = {_key(row, shared.values()): row for row in new}
    if len(after) < len(new):
        return False  # which row is which is not told
    known = [(row[column], after.get(_key(row, shared))) for row in old if row[column] is not None]
    if any(row is None for _, row in known):
        return False
    return any(_follows([(value, row[name]) for value, row in known if row]) for name in added)


def _key(row: Row, columns: Collection[str]) -> str:
    return json.dumps([row[column] for column in columns])


def _follows(pairs: Pairs) -> bool:
    """Whether the second values are made of the first, of which two differ."""
    texts = {json.dumps(value) for value, _ in pairs}
    return len(texts) > 1 and (_is_scaled(pairs) or _is_within(pairs) or _is_coded(pairs))


def _is_scaled(pairs: Pairs) -> bool:
    """Numbers, multiplied by the same one."""
    if not all(_is_number(a) and _is_number(b) for a, b in pairs):
        return False
    ratios = [b / a for a, b in pairs if a]
    told = len(ratios) > 1 and ratios[0] != 0
    return told and all(math.isclose(ratio, ratios[0], rel_tol=1e-6) for ratio in ratios)


def _is_within(pairs: Pairs) -> bool:
    """Texts, with others around them."""
    return all(isinstance(a, str) and isinstance(b, str) and a and a in b for a, b in pairs)


def _is_coded(pairs: Pairs) -> bool:
    """Whether each value has one of its own, and some value shows that by standing twice."""
    codes = {(json.dumps(a), json.dumps(b)) for a, b in pairs}
    one, other = {a for a, _ in codes}, {b for _, b in codes}
    return len(codes) == len(one) == len(other) < len(pairs)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
