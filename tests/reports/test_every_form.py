"""What holds for every form, and for writing all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from harness.core.errors import ConfigError
from harness.core.results import Group, Location, Outcome, Result, Run
from harness.reports import github, json_lines, junit, page, sarif, tap
from harness.reports.output import REPORTS, Reports
from tests.reports.sample import GATE, ROOT, RUN, written

FORMS = [
    junit.write, tap.write, json_lines.write, sarif.write, github.annotate, github.summary,
    page.write,
]  # fmt: skip


@pytest.mark.parametrize("write", FORMS)
def test_what_utf8_cannot_hold_spoils_no_report(write: Callable[[Run, TextIO], None]):
    odd = Location(ROOT / "\udcff.sql", 1)
    failed = Result(Outcome.FAILED, "\ud800", odd, "\ud800", notices=("\ud800",))
    assert written(write, Run((Group(odd.path, (failed,), (), 0.0, ("\ud800",)),), ROOT)).encode()


@pytest.mark.parametrize("write", FORMS)
@pytest.mark.parametrize("run", [Run(()), RUN, GATE], ids=["nothing", "tests", "gate"])
def test_a_run_is_written_the_same_twice(write: Callable[[Run, TextIO], None], run: Run):
    assert written(write, run) == written(write, run)


def test_reports_that_cannot_be_written_do_not_keep_others_from_it(tmp_path: Path):
    places = {name: str(tmp_path / name) for name in REPORTS}
    reports = Reports(places | {"junit": "/dev/full"}, github_summary=Path("/dev/full"))
    reports.prepare()
    with pytest.raises(ConfigError) as raised:
        reports.write(GATE)
    assert str(raised.value).splitlines() == [
        "junit: cannot write /dev/full: No space left on device",
        "summary: cannot write /dev/full: No space left on device",
    ]
    for name in ("tap", "json", "sarif"):
        assert (tmp_path / name).stat().st_size > 1000


def test_a_fault_in_one_form_does_not_keep_others_from_it(tmp_path: Path):
    odd = RUN.groups[0].results[0]._replace(facts={"a": 1, ("no", "name"): 2})  # type: ignore[dict-item]
    places = {name: str(tmp_path / name) for name in ("json", "junit", "tap")}
    with pytest.raises(TypeError):
        Reports(places).write(Run((Group(tmp_path, (odd,)),), tmp_path))
    assert (tmp_path / "junit").stat().st_size
    assert (tmp_path / "tap").stat().st_size


def test_a_place_that_cannot_be_is_refused_before_anything_runs(tmp_path: Path):
    with pytest.raises(ConfigError, match=f"sarif: cannot write {tmp_path}: Is a directory"):
        Reports({"sarif": str(tmp_path)}).prepare()


@pytest.mark.parametrize("place", ["-", "out"])
def test_two_reports_in_one_place_are_refused(place: str, tmp_path: Path):
    where = place if place == "-" else str(tmp_path / place)
    with pytest.raises(ConfigError, match="tap and json: both would be written to"):
        Reports({"tap": where, "json": where}).prepare()


def test_nothing_of_an_earlier_run_stays(tmp_path: Path):
    """A run that is killed must not leave the report of one that passed."""
    path = tmp_path / "report.xml"
    path.write_text("<all is well/>")
    Reports({"junit": str(path)}).prepare()
    assert path.read_text() == ""
