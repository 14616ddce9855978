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


def _vector(modifier: Modifier, encoding: str) -> Texts:
    return st.lists(_number, min_size=3, max_size=3).map(lambda n: f"[{','.join(n)}]")


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
    "geometry": _pool("POINT(1 2)", "LINESTRING(0 0,1 1)", "SRID=4326;POINT(3 4)"),
    "geography": _pool("POINT(1 2)", "SRID=4326;POINT(3 4)"),
}

UNKNOWN: Texts = st.sampled_from(
    ["1", "0", "a", "", "{}", "()", "[]", "(1,2)", "[1,2]", "1.5", "2020-01-01", "a.b", "{1}"]
)
"""For a type that nobody has heard of: the server says which it takes."""
