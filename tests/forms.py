"""What each form says of a run, read as whoever it is for reads it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

Place = str
"""``file:line``, ``file`` where no line is known, and nothing where no file is."""


class Said(NamedTuple):
    """What a form says: the place of each result that fails the run."""

    failed: tuple[Place, ...]
    passed: bool


def said(failed: Iterator[Place], passed: bool | None = None) -> Said:
    places = tuple(sorted(failed))
    return Said(places, not places if passed is None else passed)


def place(path: object, line: object) -> Place:
    return ":".join(str(part) for part in (path, line) if part not in (None, "", "0", 0))


# --- for machines ---------------------------------------------------------------------------


def junit(path: Path) -> Said:
    root = ET.parse(path).getroot()
    bad = [
        case
        for case in root.iter("testcase")
        if {child.tag for child in case} & {"failure", "error"}
    ]
    counted = int(root.get("failures", "-1")) + int(root.get("errors", "-1"))
    assert counted == len(bad), "the counts are those of the cases"
    assert int(root.get("tests", "-1")) == len(list(root.iter("testcase")))
    return said(place(case.get("file"), case.get("line")) for case in bad)


POINT = re.compile(r"(not )?ok (\d+) - ((?:[^#\\\n]|\\.)*)(?:# (\w+)(.*))?$")


def tap(path: Path) -> Said:
    """By a parser of our own, as strict as TAP 13 and its YAML blocks allow."""
    first, plan, *lines = path.read_text().split("\n")
    assert first == "TAP version 13"
    planned = re.match(r"1\.\.(\d+)", plan)
    assert planned is not None
    points, inside = 0, False
    failed: list[Place] = []
    expected = False
    for line in lines:
        if line in ("  ---", "  ..."):
            inside = line == "  ---"
        elif inside:
            if not expected and (at := re.match(r"  at: (.*)$", line)):
                found = re.match(r"(.*?)(?::(\d+))?(?::\d+)?$", json.loads(at[1]))
                assert found is not None
                failed[-1] = place(found[1], found[2])
        elif line and not line.startswith("# "):
            point = POINT.match(line)
            assert point is not None, line
            points += 1
            assert int(point[2]) == points
            expected = point[1] is None or point[4] == "TODO"
            if not expected:
                failed.append("")
    assert points == int(planned[1])
    return said(iter(failed))


def prove(path: Path) -> tuple[bool, int]:
    """Whether ``prove`` passes a stream, and how many of its points fail."""
    done = subprocess.run(
        ["prove", "-e", "cat", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert "Parse errors" not in done.stdout, done.stdout
    counted = re.search(r"Failed: (\d+)\)", done.stdout)
    return done.returncode == 0, int(counted[1]) if counted else 0


def has_prove() -> bool:
    return shutil.which("prove") is not None


def json_lines(text: str) -> Said:
    objects = [json.loads(line) for line in text.splitlines()]
    assert all(one["version"] == 1 and one["id"] for one in objects)
    bad = [one for one in objects if one["outcome"] in ("failed", "error")]
    return said(place(one["file"], one["line"]) for one in bad)


def sarif(text: str) -> Said:
    results = [one for run in json.loads(text)["runs"] for one in run["results"]]
    return said(map(_physical, (one for one in results if one["level"] == "error")))


def _physical(one: dict) -> Place:  # type: ignore[type-arg]
    (where,) = one["locations"]
    physical = where["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    nowhere = uri == "pyproject.toml" and "region" not in physical
    return "" if nowhere else place(uri, physical.get("region", {}).get("startLine"))


def annotations(text: str) -> Said:
    lines = [line for line in text.splitlines() if line.startswith("::error ")]
    return said(map(_annotated, lines))


def _annotated(line: str) -> Place:
    properties = dict(
        part.split("=", 1) for part in line.removeprefix("::error ").split("::")[0].split(",")
    )
    return place(properties.get("file"), properties.get("line"))


# --- for people -----------------------------------------------------------------------------

MARKED = re.compile(r"(?:✗|!|FAIL) +(?:(\S+?):(\d+)(?::\d+)?: )?")
TIMED = re.compile(r" \d+\.\d\d s(  |$)")


def terminal(text: str, steps: frozenset[str]) -> Said:
    """What failed, of the part that has it in full; ``steps`` have rows of a table."""
    bad = [line for line in text.splitlines() if MARKED.match(line) and not TIMED.search(line)]
    found = [match for line in bad if (match := MARKED.match(line)) and _no_row(line, steps)]
    return said(place(match[1], match[2]) for match in found)


def _no_row(line: str, steps: frozenset[str]) -> bool:
    return re.split(r" +", line)[1] not in steps


def summary(text: str) -> Said:
    """The job's summary: its heading, and what failed below its table."""
    heading, _, rest = text.partition("\n")
    assert rest.startswith("\n| | step | found | seconds |")
    blocks = re.findall(r"<details open>.*?<pre>(.*?)</pre>", rest, re.DOTALL)
    lines = [line for block in blocks for line in re.split(r"\n(?! )", block)]
    places = (re.match(r"(\S+?):(\d+)(?::\d+)?: ", line) for line in lines)
    return said((place(one[1], one[2]) for one in places if one), heading == "### Passed: database")
