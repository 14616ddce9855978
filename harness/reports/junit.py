"""JUnit XML with one test case per assertion, and one per Python check.

Valid against the schema that Jenkins and GitLab read (junit-10.xsd).
"""

from __future__ import annotations

from typing import TextIO
from xml.etree import ElementTree as ET

from harness.reports.failure_text import relative
from harness.results import FileRun, Outcome, Result, Run


def write(run: Run, stream: TextIO) -> None:
    """Write the report of a run."""
    root = ET.Element("testsuites", time=f"{run.seconds:.6f}")
    for file in run.files:
        root.append(_suite(file, run))
    for key in ("tests", "failures"):
        root.set(key, str(sum(int(suite.get(key, 0)) for suite in root)))
    root.set("errors", "0")
    ET.indent(root)
    stream.write('<?xml version="1.0" encoding="utf-8"?>\n')
    stream.write(ET.tostring(root, encoding="unicode") + "\n")


def _suite(file: FileRun, run: Run) -> ET.Element:
    cases = [_case(result, file, run) for result in (*file.results, *file.problems)]
    suite = ET.Element("testsuite", name=relative(file.path, run.root), tests=str(len(cases)))
    for key, child in (("failures", "failure"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(child) is not None for case in cases)))
    suite.set("errors", "0")
    suite.set("time", f"{file.seconds:.6f}")
    suite.extend(cases)
    if file.notes:
        ET.SubElement(suite, "system-out").text = _clean("\n".join(file.notes))
    return suite


def _case(result: Result, file: FileRun, run: Run) -> ET.Element:
    name = _clean((result.description.splitlines() or [""])[0]) or "(no description)"
    case = ET.Element("testcase", classname=relative(file.path, run.root), name=name)
    case.set("file", relative(result.location.path, run.root))
    case.set("line", str(result.location.line))
    case.set("time", f"{result.seconds:.6f}")
    _tell(case, result, name)
    return case


def _tell(case: ET.Element, result: Result, name: str) -> None:
    """Add what there is to say of a result that is not simply a pass."""
    if result.outcome is Outcome.FAILED:
        failure = ET.SubElement(case, "failure", message=name, type="failure")
        failure.text = _clean(_body(result))
    elif result.outcome is Outcome.SKIPPED:
        ET.SubElement(case, "skipped", message=_clean(result.directive))
    elif result.outcome is Outcome.TODO:
        ET.SubElement(case, "skipped", message=_clean(f"TODO {result.directive}".strip()))
    elif result.outcome is Outcome.TODO_PASSED:
        text = f"passes although it is TODO {result.directive}".strip()
        ET.SubElement(case, "system-out").text = _clean(text)


def _body(result: Result) -> str:
    parts = (str(result.location), result.description, result.diagnostics, *result.notices)
    return "\n".join(part for part in parts if part)


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "".join(c if c in "\t\n\r" or _holds(ord(c)) else "?" for c in text)


def _holds(code: int) -> bool:
    return code >= 0x20 and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)
