"""What characters a database can hold."""

from __future__ import annotations

import codecs
import re
from functools import cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


@cache
def alphabet(encoding: str) -> SearchStrategy[str]:
    """One character of a database's encoding, in PostgreSQL's spelling; never NUL.

    By code point rather than by ``st.characters``, which first builds a table of all of
    Unicode, in a second and in the current directory.
    """
    if encoding == "UTF8":
        planes = st.integers(0x20, 0x7E) | st.integers(1, 0xD7FF) | st.integers(0xE000, 0x10FFFF)
        return planes.map(chr)
    return st.sampled_from(_characters(_codec(encoding)))


def _codec(encoding: str) -> str:
    """Python's codec for it; ASCII, which every encoding includes, where there is none."""
    try:
        known = codecs.lookup(re.sub(r"^WIN", "cp", encoding)).name
    except LookupError:
        return "ascii"
    return "ascii" if encoding == "SQL_ASCII" else known


def _characters(codec: str) -> list[str]:
    """What of the lower Basic Multilingual Plane the codec has, printable ASCII first."""
    every = map(chr, [*range(0x20, 0x7F), *range(1, 0x20), *range(0x7F, 0x3100)])
    return [character for character in every if character.encode(codec, "ignore")]
