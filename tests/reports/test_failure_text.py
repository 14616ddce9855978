"""Results as a person reads them."""

from __future__ import annotations

import io
from pathlib import Path

from harness.core.results import NOWHERE, Group, Kind, Location, Outcome, Result
from harness.reports import failure_text
from tests.reports.sample import FOUND, HELP, ROOT, TABLE


def test_a_failure_shows_its_line_what_it_said_and_the_last_notices(tmp_path: Path):
    path = tmp_path / "x.sql"
    path.write_text("BEGIN;\nSELECT is(1, 2);\n")
    failed = Result(
        Outcome.FAILED,
        "one",
        Location(path, 2),
        'Failed test 1: "one"\n    have: 1\n    want: Failed test 2',
        notices=("NOTICE:  y\nHINT:  z",),
    )
    text = failure_text.of_file(Group(path, (failed,), notes=("removed role r",)), tmp_path)
    assert text.splitlines() == [
        "x.sql:2: one",
        "    > SELECT is(1, 2);",
        "        have: 1",
        "        want: Failed test 2",
        "    NOTICE:  y",
        "    HINT:  z",
        "",
        "x.sql: removed role r",
        "1 of 1 assertions failed",
    ]


def test_a_finding_shows_its_place_its_rule_and_the_page():
    text = failure_text.of_result(FOUND[0], ROOT)
    assert text.splitlines() == [
        "sql/a b.up.sql:3:7: squawk:ban-drop-column: 100%: no,",
        "    yes",
        f"    {HELP}",
    ]


def test_a_column_has_a_mark_below_it(tmp_path: Path):
    path = tmp_path / "x.sql"
    path.write_text("\n  drop TABLE x;\n")
    found = Result(Outcome.FAILED, "no", Location(path, 2), id="sqlfluff:CP01", column=8)
    assert failure_text.of_result(found, tmp_path).splitlines()[1:] == [
        "    > drop TABLE x;",
        "           ^",
    ]


def test_what_shows_a_refutation_stands_apart_from_what_is_said():
    assert failure_text.of_result(TABLE.results[1], ROOT).splitlines() == [
        "sql/a b.up.sql:4: tasks::owner_fkey::index",
        "    no index leads with (owner)",
        "",
        "    BEGIN;",
        "    SELECT 1;",
        "    --> 1",
        "    ROLLBACK;",
    ]


def test_nothing_that_a_terminal_would_obey_is_shown(tmp_path: Path):
    """Titles, messages and notes come from the database, lines and names from whoever sent them."""
    path = tmp_path / "x\033[2J.sql"
    path.write_text("SELECT '\033]0;mine\007';\n")
    evil = "\033[31mred\x9b0m\b\r"
    failed = Result(
        Outcome.FAILED,
        evil,
        Location(path, 1),
        evil,
        evil,
        notices=(evil,),
        id=f"x:{evil}",
        evidence=evil,
        help=evil,
    )
    group = Group(path, (failed,), notes=(evil,))
    for stream in (None, io.StringIO()):
        shown = failure_text.of_file(group, tmp_path, stream)
        assert shown.replace("\n", "").isprintable()
        assert r"\x1b[31mred\x9b0m\x08" in shown


def test_what_stands_nowhere_has_no_place_and_no_empty_line():
    error = Result(Outcome.ERROR, "no server", NOWHERE, "start it", id="harness:apply")
    group = Group(NOWHERE.path, problems=(error,), kind=Kind.STEP, step="apply", name="apply")
    assert failure_text.of_file(group, ROOT) == "no server\n    start it"


def test_a_rule_of_our_own_is_named_and_what_is_about_a_step_is_not():
    place = Location(ROOT / "x.sql", 3)
    rule = Result(Outcome.FAILED, "no such column", place, id="harness:HB01")
    assert failure_text.of_result(rule, ROOT) == "x.sql:3: harness:HB01: no such column"
    about = Result(Outcome.FAILED, "it does not apply", place, id="harness:apply")
    assert failure_text.of_result(about, ROOT) == "x.sql:3: it does not apply"
