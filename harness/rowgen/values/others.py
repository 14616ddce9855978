"""Documents, addresses, shapes, text search, and types of well-known extensions."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from harness.postgres.schema_model.type import Modifier
from harness.rowgen.values.encoding import alphabet
from harness.rowgen.values.scalars import Make, Texts, fixed

_word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
_words = st.lists(_word, min_size=1, max_size=4)


def _pool(*literals: str) -> Make:
    return fixed(st.sampled_from(literals))


def _json(modifier: Modifier, encoding: str) -> Texts:
    texts = _word | st.text(alphabet(encoding), max_size=10)
    numbers = st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6)
    leaves = st.none() | st.booleans() | numbers | texts
    documents = st.dictionaries(_word, leaves, max_size=3) | st.lists(leaves, max_size=3)
    nested = st.dictionaries(_word, documents, max_size=2)
    return (documents | nested | leaves).map(lambda value: json.dumps(value, ensure_ascii=False))


def _xml(modifier: Modifier, encoding: str) -> Texts:
    printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10)
    return st.builds("<{0}>{1}</{0}>".format, _word, printable.map(escape))


_addresses = st.ip_addresses()


def _networks() -> Texts:
    lengths = st.integers(0, 32)
    pairs = st.tuples(_addresses, lengths)
    return pairs.map(lambda pair: str(ipaddress.ip_network((pair[0], pair[1]), strict=False)))


def _hexadecimal(length: int) -> Texts:
    return st.binary(min_size=length, max_size=length).map(lambda data: data.hex(":"))


_number = st.integers(-1000, 1000).map(str)
_point = st.builds("({},{})".format, _number, _number)


def _points(template: str, least: int = 1) -> Make:
    several = st.lists(_point, min_size=least, max_size=4)
    return fixed(several.map(lambda points: template.format(",".join(points))))


_MOST = 16000
"""Dimensions that a vector can have."""


def _vector(modifier: Modifier, encoding: str) -> Texts:
    """As many numbers as vector(n) says. One is drawn for all, since n may be thousands."""
    size = modifier.own or 3
    return st.integers(1, 1000).map(
        lambda start: f"[{','.join(str((start + place) % 10) for place in range(size))}]"
    )


def _sparse(modifier: Modifier, encoding: str) -> Texts:
    size = modifier.own or 3
    return st.integers(1, 9).map(lambda number: f"{{1:{number}}}/{size}")


_SHAPES = {
    1: "POINT(1 2)",
    2: "LINESTRING(0 0,1 1)",
    3: "POLYGON((0 0,0 1,1 1,0 0))",
    4: "MULTIPOINT(1 2,3 4)",
    5: "MULTILINESTRING((0 0,1 1))",
    6: "MULTIPOLYGON(((0 0,0 1,1 1,0 0)))",
    7: "GEOMETRYCOLLECTION(POINT(1 2))",
}
"""By PostGIS' number of the kind, which geometry(Polygon, 4326) has in bits 2 to 7."""


def _shape(modifier: Modifier, encoding: str) -> Texts:
    own = modifier.own or 0
    kind, system = own >> 2 & 0x3F, own >> 8 & 0x1FFFFF
    prefix = f"SRID={system};" if system else ""
    shapes = [_SHAPES[kind]] if kind in _SHAPES else [*_SHAPES.values()]
    moved = [text.replace("0 0", "0 0.5").replace("1 2", "2 1") for text in shapes]
    return st.sampled_from([prefix + text for text in dict.fromkeys([*shapes, *moved])])


def unknown(modifier: Modifier) -> Texts:
    """For a type that nobody has heard of: the server says which it takes.

    A modifier often says how many there are of something.
    """
    size = modifier.own or 0
    if not 0 < size <= _MOST:
        return UNKNOWN
    ones = ",".join(["1"] * size)
    counted = [f"[{ones}]", f"({ones})", f"{{{ones}}}", ones, "1" * size, "a" * size]
    return UNKNOWN | st.sampled_from(counted)


def _lexemes(words: Sequence[str]) -> str:
    return " ".join(f"'{word}':{place}" for place, word in enumerate(words, 1))


STRATEGIES: dict[str, Make] = {
    "json": _json,
    "jsonb": _json,
    "jsonpath": _pool("$", "$.a", "$.a[*] ? (@ > 1)", 'strict $."b"'),
    "xml": _xml,
    "inet": fixed(_addresses.map(str) | _networks()),
    "cidr": fixed(_networks()),
    "macaddr": fixed(_hexadecimal(6)),
    "macaddr8": fixed(_hexadecimal(8)),
    "point": fixed(_point),
    "line": _pool("{1,0,0}", "{0,1,2}", "{1,-1,0.5}", "{2,3,4}"),
    "lseg": fixed(st.builds("[{},{}]".format, _point, _point)),
    "box": fixed(st.builds("{},{}".format, _point, _point)),
    "path": _points("[{}]"),
    "polygon": _points("({})"),
    "circle": fixed(st.builds("<{},{}>".format, _point, st.integers(0, 1000))),
    "tsvector": fixed(_words.map(_lexemes)),
    "tsquery": fixed(_words.map(lambda words: " & ".join(f"'{word}'" for word in words))),
    "pg_lsn": fixed(
        st.builds("{:X}/{:X}".format, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
    ),
    "tid": fixed(st.builds("({},{})".format, st.integers(0, 2**32 - 1), st.integers(0, 65535))),
    "pg_snapshot": _pool("1:1:", "10:20:10,14,15", "5:9:6"),
    "txid_snapshot": _pool("1:1:", "10:20:10,14,15", "5:9:6"),
    "int2vector": _pool("1 2", "", "3"),
    "oidvector": _pool("1 2", "", "3"),
    "aclitem": _pool("=r/postgres"),
    "regclass": _pool("pg_catalog.pg_class", "pg_catalog.pg_type", "pg_catalog.pg_proc"),
    "regtype": _pool("integer", "text", "pg_catalog.date"),
    "regproc": _pool("pg_catalog.now", "pg_catalog.version"),
    "regprocedure": _pool("pg_catalog.now()", "pg_catalog.length(text)"),
    "regoper": _pool("pg_catalog.||/"),
    "regoperator": _pool("pg_catalog.+(integer,integer)"),
    "regnamespace": _pool("pg_catalog", "public"),
    "regcollation": _pool('pg_catalog."C"', 'pg_catalog."default"'),
    "regconfig": _pool("pg_catalog.simple"),
    "regdictionary": _pool("pg_catalog.simple"),
    "regrole": _pool("pg_monitor", "pg_read_all_data"),
    "hstore": fixed(st.builds('"{}"=>"{}"'.format, _word, _word) | st.just("")),
    "ltree": fixed(_words.map(".".join)),
    "lquery": _pool("a.*", "*.b", "a"),
    "ltxtquery": _pool("a & b", "a"),
    "cube": fixed(st.builds("({},{})".format, _number, _number)),
    "seg": _pool("1", "1 .. 2", "0.5"),
    "isbn": _pool("978-0-393-04002-9", "0-393-04002-X"),
    "isbn13": _pool("978-0-393-04002-9"),
    "issn": _pool("1436-4522"),
    "ean13": _pool("978-0-393-04002-9"),
    "upc": _pool("220356483481"),
    "vector": _vector,
    "halfvec": _vector,
    "sparsevec": _sparse,
    "geometry": _shape,
    "geography": _shape,
}

UNKNOWN: Texts = st.sampled_from(
    ["1", "0", "a", "", "{}", "()", "[]", "(1,2)", "[1,2]", "1.5", "2020-01-01", "a.b", "{1}"]
)
"""For a type that nobody has heard of: the server says which it takes."""
