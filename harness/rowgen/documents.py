"""Documents: JSON and composite values, made of what conditions say of their parts (pure)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.rowgen.json_paths import Path
from harness.rowgen.values.choose import composite

_MOST = 48
"""Values that are made of combinations of parts."""
_LARGEST = 64
"""Places of an array that is made for one of them to be looked at."""
SAMPLES: Mapping[str, Sequence[object]] = {
    "object": ({}, {"a": 1}),
    "array": ([], ["a"]),
    "string": ("a", ""),
    "number": (1, 0),
    "boolean": (True, False),
    "null": (None,),
}
"""By what jsonb_typeof says of them."""


def about(texts: Sequence[str]) -> list[str]:
    """JSON objects with the texts of a condition as keys and values of each other."""
    some: list[object] = ["a", 1, True, [], {}, *texts]
    objects: list[object] = [dict.fromkeys(texts, value) for value in some]
    return [json.dumps(value) for value in [*objects, *({k: v} for k in texts for v in some)]]


def of_parts(parts: Mapping[Path, Sequence[object]], chance: random.Random) -> list[str]:
    """JSON in which each part has one of its values, in other combinations each time."""
    made: list[str] = []
    for values in _combined(parts, chance):
        document: Any = None
        for path, value in sorted(values.items(), key=lambda pair: len(pair[0])):
            document = _with(document, path, value)
        made.append(json.dumps(document))
    return list(dict.fromkeys(made))


def records(
    fields: Sequence[str],
    parts: Mapping[str, Sequence[str]],
    drawn: Mapping[str, Sequence[str]],
    chance: random.Random,
) -> list[str]:
    """Composite values, each field one of what is worth trying for it, else of what is drawn."""
    known = {name: parts.get(name) or drawn[name] for name in fields}
    if not all(known.values()):
        return []
    combined = _combined(known, chance)
    return list(dict.fromkeys(composite([one[name] for name in fields]) for one in combined))


def around(text: str) -> list[object]:
    """A literal of a condition as JSON holds it; a number with its neighbours, and as text."""
    try:
        found = json.loads(text)
    except ValueError:
        return [text]
    if isinstance(found, bool) or not isinstance(found, int | float):
        return [text]
    return [found, found + 1, found - 1, text]


def _combined(
    known: Mapping[Any, Sequence[Any]], chance: random.Random
) -> Iterator[dict[Any, Any]]:
    """Each value beside the first ones of the other parts, then by chance."""
    plain = {name: values[0] for name, values in known.items()}
    yield plain
    for name, values in known.items():
        yield from ({**plain, name: value} for value in values[1:_MOST])
    for _ in range(_MOST if len(known) > 1 else 0):
        yield {name: chance.choice(values) for name, values in known.items()}


def _with(document: Any, path: Path, value: object) -> Any:
    """A document with a value at a path; what is in the way there gives way."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(document) if isinstance(document, list) else []
        items += [None] * (min(step, _LARGEST) + 1 - len(items))
        items[min(step, _LARGEST)] = _with(items[min(step, _LARGEST)], rest, value)
        return items
    kept = dict(document) if isinstance(document, dict) else {}
    return {**kept, step: _with(kept.get(step), rest, value)}
