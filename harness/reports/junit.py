"""JUnit XML with one test case per assertion, and one per Python check.

Valid against the schema that Jenkins and GitLab read (junit-10.xsd), which knows no times
finer than milliseconds.
"""

from __future__ import annotations

from typing import TextIO
from xml.etree import ElementTree as ET

from harness.reports.failure_text import printable, relative, title
from harness.results import FileRun, Outcome, Result, Run


def write(run: Run, stream: TextIO) -> None:
    """Write the report of a run."""
    root = ET.Element("testsuites", time=f"{run.seconds:.3f}")
    for file in run.files:
        root.append(_suite(file, run))
    for key in ("tests", "failures"):
        root.set(key, str(sum(int(suite.get(key, 0)) for suite in root)))
    root.set("errors", "0")
    ET.indent(root)
    stream.write('<?xml version="1.0" encoding="utf-8"?>\n')
    stream.write(ET.tostring(root, encoding="unicode") + "\n")


def _suite(file: FileRun, run: Run) -> ET.Element:
    name = printable(relative(file.path, run.root))
    cases = [_case(result, "assertion", name, run) for result in file.results]
    cases += [_case(result, "problem", name, run) for result in file.problems]
    suite = ET.Element("testsuite", name=name, tests=str(len(cases)))
    for key, child in (("failures", "failure"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(child) is not None for case in cases)))
    suite.set("errors", "0")
    suite.set("time", f"{file.seconds:.3f}")
    suite.extend(cases)
    if file.notes:
        ET.SubElement(suite, "system-out").text = printable("\n".join(file.notes))
    return suite


def _case(result: Result, kind: str, classname: str, run: Run) -> ET.Element:
    path = printable(relative(result.location.path, run.root))
    case = ET.Element("testcase", classname=classname, name=title(result.description))
    case.set("file", path)
    case.set("line", str(result.location.line))
    case.set("time", f"{result.seconds:.3f}")
    if result.outcome is Outcome.FAILED:
        message = title(result.description)
        failure = ET.SubElement(case, "failure", message=message, type=kind)
        failure.text = printable(_body(f"{path}:{result.location.line}", result))
    else:
        _tell(case, result)
    return case


def _tell(case: ET.Element, result: Result) -> None:
    """Add what there is to say of a result that is neither a failure nor simply a pass."""
    if result.outcome is Outcome.SKIPPED:
        ET.SubElement(case, "skipped", message=printable(result.directive))
    elif result.outcome is Outcome.TODO:
        message = printable(f"TODO {result.directive}".strip())
        ET.SubElement(case, "skipped", message=message).text = printable(result.diagnostics)
    elif result.outcome is Outcome.TODO_PASSED:
        text = f"passes although it is TODO: {result.directive}"
        ET.SubElement(case, "system-out").text = printable(text.rstrip(": "))


def _body(place: str, result: Result) -> str:
    parts = (place, result.description, result.diagnostics, *result.notices)
    return "\n".join(part for part in parts if part)
