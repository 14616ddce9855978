r"""COPY: which statements wait for inline data, and what ``\copy`` becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_GAP = r"(?:\s|--[^\n]*|/\*.*?\*/)*+"
_NAME = r'(?:"(?:[^"]|"")*+"|[^\W\d][\w$]*+)'
_TABLE = rf"{_NAME}{_GAP}(?:\.{_GAP}{_NAME}{_GAP})*(?:\([^()]*\){_GAP})?"
_COPY = re.compile(
    rf"(?:^|;){_GAP}copy\b{_GAP}(?:binary\b{_GAP}(?!from\b))?{_TABLE}from\b{_GAP}std(?:in|out)\b",
    re.IGNORECASE | re.DOTALL,
)
_META = re.compile(
    r"""(?P<before>(?:\((?:[^'"]|'[^']*'|"[^"]*")*?\)|(?:[^'"\s(]|"[^"]*"|'[^']*')+|\s+|\([^()]*\))+?)
    \s+(?P<direction>from|to)\s+
    (?P<target>program\b.*|pstdin\b|pstdout\b|stdin\b|stdout\b|'(?:[^']|'')*'|\S+)
    (?P<after>.*)$""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Copy:
    r"""A ``\copy`` taken apart: what to send, and the file or the script that has the data."""

    sql: str
    file: str | None = None
    inline: bool = False


def inputs(sql: str) -> int:
    """Count the statements in ``sql`` that read data from the client."""
    return len(_COPY.findall(sql))


def parse(text: str) -> Copy:
    r"""Read the arguments of ``\copy``; ValueError says what is not served."""
    found = _META.match(text.rstrip(" \t\n\r\f\v;"))
    if not found:
        raise ValueError("parse error")
    target, word = found["target"], found["target"].lower()
    if word.startswith("program") or word in ("pstdin", "pstdout"):
        raise ValueError(f"{word.split()[0]} is not served")
    outward = found["direction"].lower() == "to"
    if outward and word != "stdout":
        raise ValueError("writing to a file is not served")
    stream = " TO STDOUT " if outward else " FROM STDIN "
    sql = f"COPY {found['before']}{stream}{found['after'].lstrip()}"
    if outward or word in ("stdin", "stdout"):
        return Copy(sql, inline=not outward)
    return Copy(sql, _unquote(target))


def _unquote(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") else name
