"""A script's bytes as numbered lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.core.errors import ScriptError
from harness.postgres.psql import encodings

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
        declared = encodings.declared(raw)
        if declared not in (None, codec):
            self._decode(raw, str(declared))
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
