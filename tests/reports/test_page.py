"""The page: what it says, and what a browser makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.core.outline import OutlineColumn, OutlineKey, OutlineTable
from harness.core.results import Group, Location, Outcome, Result, Run
from harness.reports import page
from harness.reports.page.colourings import colourings
from harness.reports.page.layout import place
from tests.project import Project, output
from tests.reports.sample import GATE, GRID, OUTLINE, mutants, written
from tests.support import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SQL = """CREATE TABLE tasks (
    owner uuid REFERENCES users, -- a comment
    CHECK (owner <> '</code>')
);
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of everything, one of whose failures has a source."""
    path = tmp_path_factory.mktemp("page") / "0001.sql"
    path.write_text(SQL)
    have = "        have: 1\n        want: 2"
    failed = Result(Outcome.FAILED, "<script>alert(1)</script>", Location(path, 3), have)
    groups = (*GATE.groups, GRID, Group(path, (failed,)), mutants(path))
    times = {**GATE.durations, "access": 0.5, "mutate": 1.0}
    return Run(groups, path.parent, 6.0, times, OUTLINE)


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser.opened() as found:
        yield found


def test_the_verdict_comes_first_and_what_others_wrote_is_text(sample: Run):
    text = written(page.write, sample)
    body = text[text.index("<body>") :]
    assert re.sub(r"<[^>]+>|\s+", " ", body).split()[1:4] == ["Could", "not", "run"]
    assert "5 of 7 steps failed: lint, apply, migrations, properties and test" in text
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert not re.search(r"""(?:src|href)=["'](?!#|data:,|https://squawkhq)""", text)


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        (Run(()), "Nothing ran"),
        (Run((replace(GRID),)), "Passed"),
        (replace(GATE, groups=GATE.groups[:1]), "Failed"),
        (GATE, "Could not run"),
    ],
)
def test_the_verdict_is_the_exit_code(run: Run, verdict: str):
    assert f"<h1>{verdict}</h1>" in written(page.write, run)


def test_boxes_of_tables_never_overlap_and_what_is_referred_to_stands_to_the_left():
    sizes = [(120 + n % 3 * 40, 60 + n % 5 * 30) for n in range(60)]
    edges = [(n, n // 3) for n in range(1, 50)] * 2 + [(7, 7), (2, 40)]
    boxes = place(sizes, edges)
    assert [(box.width, box.height) for box in boxes] == sizes
    for n, one in enumerate(boxes):
        for other in boxes[:n]:
            apart_x = one.x >= other.x + other.width or other.x >= one.x + one.width
            apart_y = one.y >= other.y + other.height or other.y >= one.y + one.height
            assert apart_x or apart_y
    assert boxes[0].x < boxes[1].x < boxes[4].x < boxes[13].x
    assert place(sizes, edges) == boxes


def test_what_a_policy_refuses_or_raises_is_not_reached():
    cells = {
        "nobody": {"SELECT": "42704", "INSERT": "policy", "UPDATE": "22P02", "DELETE": "none"},
        "one": {"SELECT": "none", "INSERT": "check option", "UPDATE": "undecided"},
    }
    grid = GRID.results[0]
    tried = grid._replace(facts={**grid.facts, "cells": cells})
    run = Run((replace(GRID, results=(tried,)),), outline=OUTLINE)
    (choice,) = [one for one in colourings(run) if one.label == "What app may do"]
    assert choice.shades["public.tasks"] == ("no", "nothing")


def test_more_than_300_tables_are_drawn_schema_by_schema():
    def table(n: int, schema: str) -> OutlineTable:
        keys = (OutlineKey("k", ("p",), f"{schema}.t{n // 2}"),) if n else ()
        return OutlineTable(schema, f"t{n}", (OutlineColumn("p", "bigint"),), keys)

    of_one = [table(n, "one") for n in range(301)]
    tables = (*of_one, *(table(n, "two") for n in range(20)))
    text = written(page.write, Run((GRID,), outline=tables))
    assert "301 tables: more than 300 in one schema are not drawn" in text
    assert text.count("<svg") == 1
    assert text.count('<g class="table') == 20


def look(found: Browser, text: str, path: Path, **context: Any) -> tuple[Page, list[str]]:
    """The page in a browser, and what went wrong: errors, and requests for anything else."""
    path.write_text(text, "utf-8")
    wrong: list[str] = []
    shown = found.new_page(**context)
    shown.on("console", lambda message: wrong.append(message.text))
    shown.on("pageerror", lambda error: wrong.append(str(error)))
    shown.on("request", lambda r: wrong.append(r.url) if r.url != path.as_uri() else None)
    shown.goto(path.as_uri())
    return shown, wrong


def test_a_browser_asks_for_nothing_and_axe_has_nothing_to_say(
    opened: Browser, sample: Run, tmp_path: Path
):
    text = written(page.write, sample)
    for scheme in ("light", "dark"):
        shown, wrong = look(opened, text, tmp_path / "page.html", color_scheme=scheme)
        assert wrong == []
        shown.eval_on_selector_all("details", "found => found.forEach(one => one.open = true)")
        # What the page's own policy forbids to others is put beside it from outside.
        shown.context.new_cdp_session(shown).send("Page.setBypassCSP", {"enabled": True})
        shown.evaluate(browser.axe())
        found = shown.evaluate("axe.run().then(r => r.violations)")
        assert [(one["id"], [n["html"] for n in one["nodes"]][:3]) for one in found] == []
        shown.close()


def notes(shown: Page) -> list[str]:
    """What the picture says of its tables at the moment."""
    visible = "found => found.filter(one => one.checkVisibility()).map(one => one.textContent)"
    return list(shown.eval_on_selector_all("svg .note", visible))


def test_links_lead_to_sections_keys_work_and_nothing_is_wider_than_a_phone(
    opened: Browser, sample: Run, tmp_path: Path
):
    path = tmp_path / "page.html"
    shown, _ = look(
        opened, written(page.write, sample), path, viewport={"width": 360, "height": 700}
    )
    links = shown.eval_on_selector_all("nav a", "found => found.map(one => one.hash)")
    assert "#failures" in links
    assert all(shown.query_selector(f"section{link}") for link in links)
    assert shown.evaluate("document.documentElement.scrollWidth") <= 360
    assert notes(shown) == ["1 failed"]
    shown.locator("input[type=radio]").first.focus()
    for expected in (["1 survived"], ["untested", "tests notice 1 of 3", "untested"]):
        shown.keyboard.press("ArrowDown")
        assert notes(shown) == expected
    shown.keyboard.press("ArrowDown")
    assert notes(shown) == ["nothing", "read some, insert", "nothing"]
    summary = shown.locator("#undecided summary")
    summary.focus()
    shown.keyboard.press("Enter")
    assert shown.locator("#undecided .entry").first.is_visible()
    shown.emulate_media(media="print")
    assert not shown.locator("nav").is_visible()
    assert shown.locator(".mutant pre").first.evaluate("one => one.checkVisibility()")
    shown.close()


def test_a_command_writes_the_page_with_the_schema(project: Project):
    done = project.run("test", "--html", "out/page.html")
    assert done.returncode == 0, output(done)
    text = (project.root / "out/page.html").read_text("utf-8")
    assert "<h1>Passed</h1>" in text
    assert re.search(r'<text class="name"[^>]*>notes</text>', text)
    assert "named in 2 test files" in text
