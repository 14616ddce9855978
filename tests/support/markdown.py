"""What a page of the documentation holds: its fenced blocks, its headings and its links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)(?P<rest>[^\n]*)$")
_TITLE = re.compile(r'title="([^"]+)"')
_LINK = re.compile(r"(?<!\!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the file that it is (if any), where it stands."""

    language: str
    title: str
    text: str
    page: Path
    line: int

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Every page that a user reads."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, those in lists and tabs without their indentation."""
    lines = page.read_text("utf-8").splitlines()
    number = 0
    while number < len(lines):
        opened = _FENCE.match(lines[number])
        number += 1
        if not opened:
            continue
        first, indent = number, opened["indent"]
        while lines[number].rstrip() != f"{indent}```":
            number += 1
        body = "".join(line.removeprefix(indent) + "\n" for line in lines[first:number])
        title = _TITLE.search(opened["rest"])
        yield Block(opened["language"], title[1] if title else "", body, page, first)
        number += 1


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    text = page.read_text("utf-8")
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[str]:
    """Where a page's links and pictures lead."""
    text = re.sub(r"`[^`\n]*`", "", prose(page).replace("`[", "[").replace("]`", "]"))
    return _LINK.findall(text) + _IMAGE.findall(text)


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as Python-Markdown makes them."""
    found: dict[str, int] = {}
    names = set()
    for heading in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE):
        given = re.search(r"\{ *#([\w-]+) *\}", heading)
        plain = re.sub(r"[^\w\s-]", "", re.sub(r"\{.*?\}|`", "", heading)).strip().lower()
        name = given[1] if given else re.sub(r"[-\s]+", "-", plain)
        names.add(f"{name}_{found[name]}" if name in found else name)
        found[name] = found.get(name, 0) + 1
    return names
