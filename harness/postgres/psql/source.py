"""A script's bytes as numbered lines of text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from harness.core.errors import ScriptError

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


_BOM = b"\xef\xbb\xbf"


class Source:
    """The lines of one file, decoded, without their newline; a CR before it stays.

    ``number`` is the line handed out last, from 1. Lines are ended by LF only, as in
    psql: a CR is white space between tokens and data inside quotes.
    """

    def __init__(self, path: Path, content: bytes | str) -> None:
        self.path = path
        self.number = 0
        self._raw = content if isinstance(content, bytes) else None
        self._base = 0
        self._broken = 0
        if isinstance(content, bytes):
            self._decode(content.removeprefix(_BOM), "utf-8")
        else:
            self._split(content.removeprefix("\ufeff"))

    def __iter__(self) -> Iterator[str]:
        """Hand out one line after another; ScriptError at the first that cannot be read."""
        while (line := self._next()) is not None:
            if "\0" in line:
                raise ScriptError(self.path, self.number, "a NUL byte: not a text file")
            yield line

    def copy_data(self) -> str:
        r"""Take the lines up to ``\.`` or the end: the input of a COPY FROM STDIN."""
        taken: list[str] = []
        while (line := self._next()) is not None and line not in ("\\.", "\\.\r"):
            taken.append(line + "\n")
        data = "".join(taken)
        return data if line is not None or self._complete else data[:-1]

    def recode(self, codec: str) -> None:
        """Read what follows the current line in another encoding."""
        if self._raw is None:
            return
        rest = self._raw.split(b"\n", self.number)[self.number :]
        self._base = self.number
        self._decode(rest[0] if rest else b"", codec)

    def _next(self) -> str | None:
        index = self.number - self._base
        if index < len(self._lines):
            self.number += 1
            return self._lines[index]
        if self._broken:
            raise ScriptError(self.path, self._broken, self._complaint)
        return None

    def _decode(self, raw: bytes, codec: str) -> None:
        self._broken = 0
        try:
            self._split(raw.decode(codec))
        except UnicodeDecodeError as error:
            self._decode_otherwise(raw, codec, error)

    def _decode_otherwise(self, raw: bytes, codec: str, error: UnicodeDecodeError) -> None:
        """Follow the file's own declaration, or keep the lines before the bad byte."""
        other = declared(raw)
        if other not in (None, codec):
            self._decode(raw, str(other))
            return
        good = raw[: raw.rfind(b"\n", 0, error.start) + 1]
        self._split(good.decode(codec))
        self._broken = self._base + len(self._lines) + 1
        self._complaint = (
            f"byte 0x{raw[error.start]:02x} is not valid {codec.upper()}: save the file as "
            "UTF-8, or declare its encoding with \\encoding or SET client_encoding"
        )

    def _split(self, text: str) -> None:
        """Take the lines of ``text``; the last one may lack its newline."""
        self._lines = text.split("\n")
        self._complete = not self._lines[-1]
        if self._complete:
            self._lines.pop()
