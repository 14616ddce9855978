"""JUnit XML with one test case per result: an assertion, a check, a property, a finding.

Valid against the schema that Jenkins and GitLab read (junit-10.xsd), which knows no times
finer than milliseconds. What failed is a failure, what could not be tried is an error, what was
skipped, is undecided or is expected to fail is skipped with its reason.
"""

from __future__ import annotations

from typing import TextIO
from xml.etree import ElementTree as ET

from harness.core.results import Group, Kind, Outcome, Result, Run
from harness.core.text import relative
from harness.reports.failure_text import explained, name_of, place, printable, title

_ELEMENTS = {Outcome.FAILED: "failure", Outcome.ERROR: "error"}
_COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def write(run: Run, stream: TextIO) -> None:
    """Write the report of a run."""
    root = ET.Element("testsuites", time=f"{run.seconds:.3f}")
    for group in run.groups:
        root.append(_suite(group, run))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, 0)) for suite in root)))
    ET.indent(root)
    stream.write('<?xml version="1.0" encoding="utf-8"?>\n')
    stream.write(ET.tostring(root, encoding="unicode") + "\n")


def _suite(group: Group, run: Run) -> ET.Element:
    name = _name(group, run)
    cases = [_case(result, group.kind.value, name, run) for result in group.results]
    cases += [_case(result, "problem", name, run) for result in group.problems]
    suite = ET.Element("testsuite", name=name, tests=str(len(cases)))
    for key, child in _COUNTS.items():
        suite.set(key, str(sum(case.find(child) is not None for case in cases)))
    suite.set("time", f"{group.seconds:.3f}")
    suite.extend(cases)
    if group.notes:
        ET.SubElement(suite, "system-out").text = printable("\n".join(group.notes))
    return suite


def _name(group: Group, run: Run) -> str:
    """A test file by its path alone, which is what CI servers compare; all else by its step."""
    name = name_of(group, run.root)
    alone = group.step == "test" or group.kind in (Kind.PROPERTY, Kind.ACCESS)
    return printable(name if alone else f"{group.step}: {name}")


def _case(result: Result, kind: str, classname: str, run: Run) -> ET.Element:
    own = "" if "::" in result.id or kind in ("assertion", "check") else result.id
    name = title(f"{own}: {result.title}" if own and own != result.title else result.title)
    case = ET.Element("testcase", classname=classname, name=name)
    path, line = result.location
    if path.name:
        case.set("file", printable(relative(path, run.root)))
        case.set("line", str(line))
    case.set("time", f"{result.seconds:.3f}")
    if element := _ELEMENTS.get(result.outcome):
        failure = ET.SubElement(case, element, message=title(result.title), type=kind)
        failure.text = printable(_body(result, run))
    else:
        _tell(case, result)
    return case


def _tell(case: ET.Element, result: Result) -> None:
    """Add what there is to say of a result that is neither a failure nor simply a pass."""
    if result.outcome in (Outcome.SKIPPED, Outcome.UNDECIDED):
        word = "undecided: " if result.outcome is Outcome.UNDECIDED else ""
        ET.SubElement(case, "skipped", message=printable(word + result.reason))
    elif result.outcome is Outcome.TODO:
        message = printable(f"TODO {result.reason}".strip())
        ET.SubElement(case, "skipped", message=message).text = printable(result.message)
    elif result.outcome in (Outcome.TODO_PASSED, Outcome.ADVICE):
        parts = (explained(result), result.message)
        ET.SubElement(case, "system-out").text = printable("\n".join(filter(None, parts)))


def _body(result: Result, run: Run) -> str:
    where = place(result, run.root)
    parts = (where, result.title, result.message, *result.notices, result.evidence, result.help)
    return "\n".join(part for part in parts if part)
