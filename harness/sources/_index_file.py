"""What to write where SQL files have no numbers: one file that includes them in an order.

The order is a proposal: kinds of objects in the order in which databases are usually made, and
within a kind a table after those that it references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_KINDS = (
    *("extension", "role", "schema", "type", "enum", "domain", "sequence", "table", "constraint"),
    *("function", "procedure", "view", "trigger", "index", "polic", "rls", "grant", "permission"),
)
"""Words in the names of directories and files, in the order of what they hold."""
_ASIDE = re.compile(r"(?:^|[/_.-])(?:drop|seeds?|tests?|down|rollback|fixtures?)(?=$|[/_.-])")
_MADE = re.compile(
    r"\bCREATE\s+(?:\w+\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:\"?\w+\"?\.)?\"?(\w+)",
    re.IGNORECASE,
)
_REFERENCED = re.compile(r"\bREFERENCES\s+(?:\"?\w+\"?\.)?\"?(\w+)", re.IGNORECASE)
MOST = 40
"""Lines that a message shows at most."""


def proposal(place: Path, files: Iterable[Path], shown: str) -> str:
    """Lines to write into a file ``schema.sql`` beside the files, and the option that names it.

    ``shown`` is what the message calls ``place``.
    """
    ordered = [path.relative_to(place).as_posix() for path in order(place, files)]
    lines = [f"  \\ir {name}" for name in ordered[:MOST]]
    lines += [f"  … and {len(ordered) - MOST} more"] * (len(ordered) > MOST)
    index = f"{shown}/schema.sql" if shown not in ("", ".") else "schema.sql"
    name = index if "schema.sql" not in ordered else index.replace("schema.sql", "all.sql")
    return "\n".join(
        [f"write {name}, an object after those that it needs, and use --schema {name}:", *lines]
    )


def order(place: Path, files: Iterable[Path]) -> list[Path]:
    """The files by the kinds that their names say; a table after those that it references."""
    inside = {path: path.relative_to(place).as_posix().lower() for path in files}
    found = sorted(
        (path for path in inside if not _ASIDE.search(inside[path])),
        key=lambda path: (_kind(inside[path]), inside[path]),
    )
    texts = {path: path.read_text("utf-8", "replace") for path in found}
    makers = {name.lower(): path for path in found for name in _MADE.findall(texts[path])}
    placed: dict[Path, None] = {}

    def put(path: Path, above: tuple[Path, ...]) -> None:
        for name in _REFERENCED.findall(texts[path]):
            needed = makers.get(name.lower(), path)
            if needed not in (*above, path):
                put(needed, (*above, path))
        placed[path] = None

    for path in found:
        if path not in placed:
            put(path, ())
    return list(placed)


def _kind(name: str) -> int:
    """The place of a kind; files that say none are taken for tables."""
    for part in name.split("/"):
        for number, word in enumerate(_KINDS):
            if re.search(rf"(?:^|[^a-z]){word}", part):
                return number
    return _KINDS.index("table")
