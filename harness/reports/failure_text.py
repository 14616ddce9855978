"""Results as a person reads them, whatever step they are from.

::

    ✗ sql/0002_title.sql:3:5: migrations:rewrite: tasks (1,000 rows) is written anew
        > ALTER TABLE tasks ALTER COLUMN title TYPE varchar(200);
              ^
        what was said, such as have and want
        what shows it
        what explains it
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TextIO

from harness.core.results import Group, Kind, Outcome, Result
from harness.core.text import plain, plural, relative, without_surrogates
from harness.reports.differences import aligned
from harness.reports.terminal import (
    coloured,
    columns,
    is_terminal,
    linked,
    mark,
    start_of,
    width,
)

_FAILED_TEST = re.compile(r"\AFailed (?:\(TODO\) )?test \d.*\n?")
_MARKS = {
    Outcome.PASSED: ("✓", "32"),
    Outcome.FAILED: ("✗", "31"),
    Outcome.ERROR: ("!", "33"),
    Outcome.ADVICE: ("·", "36"),
    Outcome.UNDECIDED: ("?", "33"),
    Outcome.SKIPPED: ("–", "33"),
    Outcome.TODO: ("–", "33"),
    Outcome.TODO_PASSED: ("·", "36"),
}


def of_file(group: Group, folder: Path, stream: TextIO | None = None) -> str:
    """Every failure of a group, paths relative to ``folder``; its counts come last."""
    blocks = [of_result(failure, folder, stream) for failure in group.failures]
    failed, ran = sum(not r.outcome.ok for r in group.results), len(group.results)
    noun = plural(group.kind.value)
    name = relative(group.path, folder)
    last = [plain(f"{name}: {note}") for note in group.notes]
    if group.kind in (Kind.ASSERTION, Kind.CHECK, Kind.PROPERTY, Kind.ACCESS):
        last.append(f"{failed} of {ran} {noun} failed" if ran else f"no {noun} ran")
    return without_surrogates("\n\n".join([*blocks, *(["\n".join(last)] if last else [])]))


def of_result(result: Result, folder: Path, stream: TextIO | None = None) -> str:
    """The place and the title, the source line, what was said, what shows it.

    With a ``stream`` the outcome comes first, in its colours.
    """
    lines = [first_line(result, folder, stream)]
    path, line = result.location
    source = source_line(path, line) if line else ""
    room = _room(stream)
    if source and not result.evidence.startswith(source):  # else it is shown in whole below
        shown = plain(source)
        lines.append(f"    > {start_of(shown, room - 6, stream) if room and stream else shown}")
        if (caret := _caret(result)) and not 0 < room < len(caret):
            lines.append(caret)
    lines.extend(f"    {line}".rstrip() for line in _said(result, room - 4 if room else 0))
    return without_surrogates("\n".join(lines))


def _room(stream: TextIO | None) -> int:
    """Columns that a terminal has; 0 for what is none, where lines are as long as they are."""
    return width(stream) if stream is not None and is_terminal(stream) else 0


def place(result: Result, folder: Path) -> str:
    """``file:line:column``, as far as it is known; empty where there is no file."""
    path, line = result.location
    if path == Path():
        return ""
    numbers = [str(number) for number in (line, result.column) if number]
    return ":".join([relative(path, folder), *numbers])


def explained(result: Result) -> str:
    """What is worth saying of a result that did not simply fail, on a line."""
    if result.outcome is Outcome.TODO_PASSED:
        return f"passes although it is TODO: {result.reason}".rstrip(": ")
    return result.reason


def first_line(result: Result, folder: Path, stream: TextIO | None) -> str:
    """The outcome, the place, the id and the title."""
    title, *more = plain(result.title).splitlines() or [""]
    id_ = f"{plain(result.id)}: " if _says_more(result.id, title) else ""
    where = plain(place(result, folder))
    if room := _room(stream):
        id_, title, *wrapped = _fitted(where, id_, title, room)
        more = [*wrapped, *(part for line in more for part in _filled(line, room, 4))]
    rest = "".join(f"\n    {line}" for line in more)
    if stream is None:
        return f"{where}: {id_}{title}{rest}" if where else f"{id_}{title}{rest}"
    symbol, colour = _MARKS[result.outcome]
    at = linked(where, result.location.path, stream)
    at = f"{coloured(at, '1', stream)}: " if where else ""
    text = f"{coloured(mark(symbol, stream), colour, stream)} {at}{id_}{title}{rest}"
    return "\n".join(line.rstrip() for line in text.split("\n"))


def _fitted(where: str, id_: str, title: str, room: int) -> list[str]:
    """The id, the title and further lines of it, broken where a terminal's line is full.

    A place that is too long for a line by itself stays whole: it is copied.
    """
    column = 2 + (columns(where) + 2 if where else 0)
    if id_ and where and column + columns(id_) > room:
        id_, column = f"\n    {id_}", 4
    column += columns(id_.lstrip())
    lines = _filled(title, room, column)
    if column > 4 and column + columns(lines[0]) > room:
        lines = ["", *_filled(title, room, 4)]
    return [id_, *lines]


def _filled(text: str, room: int, before: int) -> list[str]:
    """A text in lines of a terminal: the first begins after so many columns, the others after 4."""
    if columns(text) + before <= room:
        return [text]
    import textwrap  # late: few lines are that long

    start = " " * min(before, room)
    lines = textwrap.wrap(
        text,
        room,
        initial_indent=start,
        subsequent_indent=" " * 4,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.strip() for line in lines]


def _says_more(id_: str, title: str) -> bool:
    """Whether an id is a rule, which one has to know to accept it."""
    own, _, rule = id_.rpartition(":")
    about_a_step = own == "harness" and rule.islower()  # our rules are HB01 and the like
    return bool(id_) and id_ != title and "::" not in id_ and not about_a_step


def _caret(result: Result) -> str:
    """A mark below the column of the source line."""
    if result.column < 2:  # where every statement begins says nothing
        return ""
    text = file_lines(result.location.path)[result.location.line - 1]
    indented = len(text) - len(text.lstrip())
    return f"      {' ' * (result.column - 1 - indented)}^" if result.column > indented else ""


def _said(result: Result, room: int = 0) -> list[str]:
    """What a result said, but that it failed, and what the server said before.

    Prose is in lines of ``room`` columns, where there is a terminal; what is indented, such as rows
    and values, and SQL are as they are.
    """
    said = [aligned(_FAILED_TEST.sub("", result.message)), *result.notices]
    lines = [line for text in said for line in plain(text).splitlines()]
    if room:
        prose = (_filled(o, room + 4, 4) if o[:1].strip() else [o] for o in lines)
        lines = [line for some in prose for line in some]
    if result.evidence:
        lines += [""] * bool(lines) + plain(result.evidence).splitlines()
    return lines + plain(result.help).splitlines()


@lru_cache(maxsize=64)
def file_lines(path: Path) -> tuple[str, ...]:
    """The lines of a file; none where it cannot be read."""
    try:
        return tuple(path.read_text(encoding="utf-8", errors="replace").splitlines())
    except OSError:
        return ()


def source_line(path: Path, line: int) -> str:
    """A line of a file, stripped; empty where it cannot be read."""
    lines = file_lines(path)
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def name_of(group: Group, folder: Path) -> str:
    """What a group is called, with the server where a run has several."""
    name = group.name or relative(group.path, folder)
    return f"{name} ({group.version})" if group.version else name


def printable(text: str) -> str:
    """Text whose characters XML and YAML can hold; what a terminal would obey is escaped."""
    return _unprintable().sub("\N{REPLACEMENT CHARACTER}", plain(text))


@cache
def _unprintable() -> re.Pattern[str]:
    """What neither XML nor YAML can hold; made when it is needed, for it takes milliseconds."""
    return re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def title(text: str) -> str:
    """A title on one line, never empty."""
    lines = [line.strip() for line in printable(text).splitlines()]
    return " ".join(filter(None, lines)) or "(no description)"
