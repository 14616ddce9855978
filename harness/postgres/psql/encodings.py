"""PostgreSQL's names for encodings, and where a script declares its own."""

from __future__ import annotations

import codecs
import re

# Only where Python's name is not PostgreSQL's own without its punctuation.
_CODECS = {
    "unicode": "utf-8",
    "utf8": "utf-8",
    "default": "utf-8",
    "sqlascii": "utf-8",
    "latin6": "iso8859-10",
    "latin7": "iso8859-13",
    "latin8": "iso8859-14",
    "latin9": "iso8859-15",
    "latin10": "iso8859-16",
    "win": "cp1251",
    "win866": "cp866",
    "alt": "cp866",
    "win874": "cp874",
    "abc": "cp1258",
    "tcvn": "cp1258",
    "tcvn5712": "cp1258",
    "vscii": "cp1258",
    "koi8": "koi8-r",
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
    "euccn": "gb2312",
    "eucjp": "euc_jp",
    "euckr": "euc_kr",
    "eucjis2004": "euc_jis_2004",
    "shiftjis2004": "shift_jis_2004",
    "mskanji": "cp932",
    "sjis": "cp932",
    "shiftjis": "cp932",
    "uhc": "cp949",
}
_CODECS |= {f"{prefix}125{n}": f"cp125{n}" for prefix in ("win", "windows") for n in range(9)}

_GAP = r"(?:\s|--[^\n]*|/\*.*?\*/)*"
_VALUE = r"(?P<value>'[^']*'|\"[^\"]*\"|\w+)"
_SET = rf"set\s{_GAP}(?:(?:session|local)\s{_GAP})?"
_ENCODING = rf"{_SET}(?:client_encoding{_GAP}(?:=|to\b)|names\b){_GAP}{_VALUE}"
_COMMAND = r"\\encoding[ \t]+(?P<name>[^\s;]+)"

SET_ENCODING = re.compile(_ENCODING, re.IGNORECASE | re.DOTALL)
SET_STRINGS = re.compile(
    rf"{_SET}standard_conforming_strings{_GAP}(?:=|to\b){_GAP}{_VALUE}", re.IGNORECASE | re.DOTALL
)
_DECLARED = re.compile(rf"^[ \t]*(?:{_COMMAND}|{_ENCODING})", re.I | re.DOTALL | re.MULTILINE)


def codec(name: str) -> str | None:
    """Python's codec for PostgreSQL's encoding ``name``, None for an unknown one."""
    bare = re.sub(r"[^a-z0-9]", "", name.lower())
    try:
        return codecs.lookup(_CODECS.get(bare, bare)).name
    except LookupError:
        return None


def declared(raw: bytes) -> str | None:
    """Codec of the first encoding that the bytes of a script declare, None without one."""
    # Every encoding of a client keeps ASCII, so Latin-1 shows the declaration of any.
    found = _DECLARED.search(raw.decode("latin-1"))
    return codec((found["name"] or found["value"]).strip("'\"")) if found else None
