"""Numbers, booleans, bits, bytes, text, identifiers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from harness.postgres.schema_model.type import Modifier
from harness.rowgen.values.encoding import alphabet

Texts = SearchStrategy[str]
Make = Callable[[Modifier, str], Texts]
"""From what the modifier says and the database's encoding."""

_WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)


def fixed(strategy: Texts) -> Make:
    """A strategy that neither a modifier nor the encoding changes."""
    return lambda modifier, encoding: strategy


def _integers(low: int, high: int) -> Make:
    near = st.integers(max(low, -1000), min(high, 1000))
    return fixed((near | st.integers(low, high) | st.sampled_from([low, high])).map(str))


def _numeric(modifier: Modifier, encoding: str) -> Texts:
    if modifier.precision is None:
        small = st.integers(-(10**6), 10**6).map(lambda n: str(Decimal(n).scaleb(-2)))
        wide = st.decimals(allow_nan=False, allow_infinity=False, places=9).map(_plain)
        return small | wide | st.sampled_from(["0", "NaN", "Infinity", "-Infinity"])
    most = 10**modifier.precision - 1
    whole = st.integers(-most, most) | st.sampled_from([-most, most])
    return whole.map(lambda n: _scaled(n, modifier.scale or 0)) | st.just("NaN")


def _plain(number: Decimal) -> str:
    return format(number, "f")


def _scaled(digits: int, scale: int) -> str:
    sign, exponent = ("-" if digits < 0 else ""), -scale
    return _plain(Decimal(f"{sign}{abs(digits)}E{exponent}"))


def _floats(width: int) -> Make:
    narrow = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)
    wide = st.floats(width=64 if width == 64 else 32, allow_subnormal=False)
    return fixed((narrow | wide).map(_float))


def _float(number: float) -> str:
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(str(number), repr(number))


def _text(modifier: Modifier, encoding: str) -> Texts:
    longest = 24 if modifier.length is None else min(modifier.length, 24)
    words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=max(1, longest))
    any_text = st.text(alphabet(encoding), max_size=longest)
    if modifier.length is None or modifier.length <= longest:
        return words | any_text
    return words | any_text | st.just("x" * modifier.length)


def _bit(modifier: Modifier, encoding: str) -> Texts:
    length = modifier.length or 1
    return st.text("01", min_size=length, max_size=length)


def _varbit(modifier: Modifier, encoding: str) -> Texts:
    return st.text("01", max_size=min(modifier.length or 16, 64))


STRATEGIES: dict[str, Make] = {
    "bool": fixed(st.sampled_from(["true", "false"])),
    "int2": _integers(-(2**15), 2**15 - 1),
    "int4": _integers(-(2**31), 2**31 - 1),
    "int8": _integers(-(2**63), 2**63 - 1),
    "oid": _integers(0, 2**32 - 1),
    "xid": _integers(0, 2**32 - 1),
    "cid": _integers(0, 2**32 - 1),
    "xid8": _integers(0, 2**63 - 1),
    "numeric": _numeric,
    "float4": _floats(32),
    "float8": _floats(64),
    # Written without a currency, whose sign and separators are lc_monetary's.
    "money": fixed(st.integers(-(10**12), 10**12).map(lambda n: _scaled(n, 2))),
    "text": _text,
    "varchar": _text,
    "bpchar": _text,
    "citext": _text,
    "name": fixed(_WORD),
    "refcursor": fixed(_WORD),
    "char": fixed(st.sampled_from([chr(code) for code in range(33, 127) if code != 92])),
    "bytea": fixed(st.binary(max_size=24).map(lambda data: "\\x" + data.hex())),
    "uuid": fixed(st.uuids(version=4).map(str) | st.uuids().map(str)),
    "bit": _bit,
    "varbit": _varbit,
}
