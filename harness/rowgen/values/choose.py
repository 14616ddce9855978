"""From a type to its strategy, made of those of its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from harness.postgres.schema_model import Type
from harness.postgres.schema_model.type import Modifier
from harness.rowgen.values import others, scalars, times

_BASE = scalars.STRATEGIES | times.STRATEGIES | others.STRATEGIES
_PLAIN = re.compile(r"[A-Za-z0-9_.:+-]+\Z")

Texts = SearchStrategy[str]


@lru_cache(maxsize=512)
def values(type_: Type, modifier: int = -1, encoding: str = "UTF8") -> Texts:
    """Texts that the type's input reads; NULL is not among them, a domain's CHECKs not looked at.

    A few may be refused all the same: a bound that rounds to the other side of a range,
    what this server was built without. The server has the last word.
    """
    return values_of(type_, modifier, encoding, {})


def values_of(type_: Type, modifier: int, encoding: str, known: Mapping[Type, Texts]) -> Texts:
    """The same, where of some domains inside the type it is ``known`` what they accept."""
    if type_ in known:
        return known[type_]
    root, modifier = type_.root, type_.modifier(modifier)
    if root.category == "enum":
        return st.sampled_from(root.labels)
    if root.category == "array" and root.element:
        return _arrays(values_of(root.element, modifier, encoding, known), root.element)
    if root.category == "range" and root.subtype:
        return _ranges(values_of(root.subtype, -1, encoding, known), root.subtype)
    if root.category == "multirange" and root.subtype:
        return _multiranges(values_of(root.subtype, -1, encoding, known))
    if root.category == "composite":
        fields = (values_of(a.type, a.modifier, encoding, known) for a in root.attributes)
        return st.tuples(*fields).map(composite)
    make = _BASE.get(root.name)
    said = Modifier.of(root.name, modifier)
    return make(said, encoding) if make else others.unknown(said)


def inner_domains(type_: Type) -> tuple[Type, ...]:
    """The domains that an array, range or composite is made of, at any depth."""
    parts = [type_.element, type_.subtype, *(a.type for a in type_.attributes)]
    found: list[Type] = []
    for part in parts:
        if part is not None:
            found += [part] if part.category == "domain" else inner_domains(part)
    return tuple(dict.fromkeys(found))


def array(elements: Sequence[str | None], element: Type | None = None) -> str:
    """An array's text; box alone separates its elements otherwise."""
    delimiter = ";" if element and element.root.name == "box" else ","
    return "{" + delimiter.join(map(_element, elements)) + "}"


def _element(text: str | None) -> str:
    if text is None:
        return "NULL"
    return text if _PLAIN.match(text) and text.upper() != "NULL" else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _arrays(elements: Texts, element: Type) -> Texts:
    some = st.lists(elements, max_size=3) | st.lists(elements | st.none(), max_size=3)
    return some.map(lambda found: array(found, element))


_DISCRETE = {"int4": (-1000, 1000), "int8": (-(10**6), 10**6), "numeric": (-(10**4), 10**4)}


def _ranges(bounds: Texts, subtype: Type) -> Texts:
    if subtype.root.name in _DISCRETE:
        low, high = _DISCRETE[subtype.root.name]
        pairs = st.tuples(st.integers(low, high), st.integers(0, 100)).map(
            lambda pair: (str(pair[0]), str(pair[0] + pair[1] + 1))
        )
    else:
        pairs = st.tuples(bounds, bounds).map(_ascending)
    whole = st.builds("{0}{1[0]},{1[1]}{2}".format, *(_open, pairs.map(_bounds), _close))
    one = bounds.map(_bound)
    half = st.builds("[{},)".format, one) | st.builds("(,{})".format, one)
    return whole | half | st.sampled_from(["empty", "(,)"])


_open, _close = st.sampled_from("[("), st.sampled_from(")]")


def _ascending(pair: tuple[str, str]) -> tuple[str, str]:
    """In the order of the texts, which is that of years of four digits; the server judges."""
    return (pair[0], pair[1]) if pair[0] <= pair[1] else (pair[1], pair[0])


def _bounds(pair: tuple[str, str]) -> tuple[str, str]:
    return _bound(pair[0]), _bound(pair[1])


def _bound(text: str) -> str:
    return text if _PLAIN.match(text) else _quoted(text)


def _multiranges(ranges: Texts) -> Texts:
    return st.lists(ranges, max_size=2).map(lambda found: "{" + ",".join(found) + "}")


def composite(fields: Sequence[str | None]) -> str:
    """A row's text: NULL is nothing at all, and an empty text is quoted."""
    return "(" + ",".join("" if f is None else _bound(f) if f else '""' for f in fields) + ")"
