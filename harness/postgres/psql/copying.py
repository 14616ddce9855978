r"""What ``\copy`` becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.postgres.psql.possessive import compiled

_SQL = compiled(r"""\s*([.,()]|"(?:[^"]|"")*+"|'(?:[^']|'')*+'|[^\s.,()"']++)""")
_QUERY = compiled(r"""\s*([()]|"(?:[^"]|"")*+"|'(?:[^']|'')*+'|[^\s()"']++)""")
_TARGET = compiled(r"\s*('(?:[^']|'')*+'|[^\s;']++)\s?")


@dataclass(frozen=True, slots=True)
class Copy:
    r"""A ``\copy`` taken apart: what to send, and the file or the script that has the data."""

    sql: str
    file: str | None = None
    inline: bool = False


def parse(text: str) -> Copy:
    r"""Read the arguments of ``\copy``; ValueError says what is not served."""
    words: list[str] = []
    for found, depth in _words(text):
        target = _TARGET.match(text, found.end())
        if not depth and words and target and found[1].lower() in ("from", "to"):
            subject = " ".join(words).replace(" . ", ".")
            return _serve(subject, found[1].lower(), target[1], text[target.end() :])
        words.append(found[1])
    raise ValueError("parse error")


def _words(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Split as psql does, which sends the words one space apart; with their nesting."""
    depth = position = 0
    while found := (_QUERY if depth else _SQL).match(text, position):
        position = found.end()
        depth += (found[1] == "(") - (found[1] == ")")
        yield found, depth


def _serve(subject: str, direction: str, target: str, options: str) -> Copy:
    word = target.lower()
    if word in ("program", "pstdin", "pstdout"):
        raise ValueError(f"{word} is not served")
    if direction == "from":
        inline = word in ("stdin", "stdout")
        file = None if inline else _unquote(target)
        return Copy(f"COPY  {subject} FROM STDIN {options}", file, inline)
    if word not in ("stdin", "stdout"):
        raise ValueError("writing to a file is not served")
    return Copy(f"COPY  {subject} TO STDOUT {options}")


def _unquote(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") else name
