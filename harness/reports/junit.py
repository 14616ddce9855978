"""JUnit XML with one test case per assertion, and one per Python check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree as ET

from harness.reports.failure_text import relative
from harness.results import FileRun, Outcome, Result, Run


@dataclass(frozen=True, slots=True)
class Check:
    """A Python check as the report shows it."""

    file: str
    name: str
    seconds: float
    outcome: str
    """``passed``, ``failed`` or ``skipped``."""
    text: str = ""


def write(run: Run, checks: Iterable[Check], folder: Path, stream: TextIO) -> None:
    """Write the report of a run; paths are relative to ``folder``."""
    root = ET.Element("testsuites")
    for file in run.files:
        _suite(root, relative(file.path, folder), file.seconds, _sql_cases(file, folder))
    by_file: dict[str, list[ET.Element]] = {}
    for check in checks:
        by_file.setdefault(check.file, []).append(_python_case(check))
    for name, cases in by_file.items():
        _suite(root, name, sum(float(case.get("time", 0)) for case in cases), cases)
    for key in ("tests", "failures", "skipped"):
        root.set(key, str(sum(int(suite.get(key, 0)) for suite in root)))
    ET.indent(root)
    stream.write('<?xml version="1.0" encoding="utf-8"?>\n')
    stream.write(ET.tostring(root, encoding="unicode") + "\n")


def _suite(root: ET.Element, name: str, seconds: float, cases: list[ET.Element]) -> None:
    suite = ET.SubElement(root, "testsuite", name=name, tests=str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", "0")
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    suite.set("time", f"{seconds:.6f}")
    suite.extend(cases)


def _sql_cases(file: FileRun, folder: Path) -> list[ET.Element]:
    return [_sql_case(result, file, folder) for result in (*file.results, *file.problems)]


def _sql_case(result: Result, file: FileRun, folder: Path) -> ET.Element:
    name = _clean(result.description.splitlines()[0] if result.description else "(no description)")
    case = ET.Element("testcase", classname=relative(file.path, folder), name=name)
    case.set("file", relative(result.location.path, folder))
    case.set("line", str(result.location.line))
    case.set("time", f"{result.seconds:.6f}")
    if result.outcome is Outcome.FAILED:
        failure = ET.SubElement(case, "failure", message=name)
        failure.text = _clean(f"{result.location}\n{result.description}\n{result.diagnostics}")
    elif result.outcome in (Outcome.SKIPPED, Outcome.TODO):
        label = "TODO " if result.outcome is Outcome.TODO else ""
        ET.SubElement(case, "skipped", message=_clean(f"{label}{result.directive}".strip()))
    return case


def _python_case(check: Check) -> ET.Element:
    case = ET.Element("testcase", classname=check.file, name=_clean(check.name))
    case.set("file", check.file)
    case.set("time", f"{check.seconds:.6f}")
    if check.outcome == "failed":
        ET.SubElement(case, "failure", message="failed").text = _clean(check.text)
    elif check.outcome == "skipped":
        ET.SubElement(case, "skipped", message=_clean(check.text))
    return case


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(
        c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff") else "?" for c in text
    )
