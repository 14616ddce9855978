"""What GitHub Actions shows."""

from __future__ import annotations

from harness.core.results import Group, Location, Outcome, Result, Run
from harness.reports import github
from tests.reports.sample import FAILING, GATE, ROOT, RUN, written


def test_github_annotates_each_failure_at_its_line():
    failed, warning, problem = written(github.annotate, RUN).splitlines()
    assert failed == (
        "::error file=tests/a%2Cb%3Ac.sql,line=5,title=issue # 7 \\ 8"
        "::have: 1%0Awant: 100%25%0ANOTICE:  x"
    )
    assert problem.endswith("title=42P01%3A no table::Detail: none")
    assert warning.startswith("::warning file=tests/a%2Cb%3Ac.sql,line=3,title=already::")


def test_annotations_have_rule_column_and_page():
    lines = written(github.annotate, GATE).splitlines()
    assert lines[0] == (
        "::error file=sql/a b.up.sql,line=3,col=7,title=squawk%3Aban-drop-column%3A 100%25%3A no%2C"
        "::yes%0Ahttps://squawkhq.com/docs/ban-drop-column"
    )
    assert sum(line.startswith("::error ") for line in lines) == FAILING
    assert [line for line in lines if line.startswith("::notice ")] == [
        "::notice file=sql/a b.up.sql,line=2,title=squawk%3Aprefer-x%3A a hint::"
        "squawk:prefer-x: a hint"
    ]
    assert "::error title=harness%3Aapply%3A no server::start it" in lines


def test_github_sums_up_in_a_table_of_steps_and_one_of_files():
    text = written(github.summary, GATE)
    assert text.startswith("### Failed: database\n")
    steps, _, rest = text.partition("<details")
    assert [line.split(" | ")[:2] for line in steps.splitlines()[4:] if line] == [
        ["| ❌", "lint"], ["| ⚠️", "apply"], ["| ❌", "migrations"], ["| ❌", "properties"],
        ["| ❌", "test"],
    ]  # fmt: skip
    assert "| ❌ tests/a,b:c.sql | 3 | 2 | 0 | 1 | 1 | 1.50 |\n" in rest
    assert "| tests/test_a.py | 1 | 0 | 0 | 0 | 0 | 0.50 |\n" in rest
    assert "want: 100%" in rest
    assert "<summary>migrations: a b</summary>" in rest
    assert "<summary>apply</summary>" in rest


def test_a_run_that_passes_has_nothing_but_the_tables():
    passed = Group(RUN.groups[1].path, RUN.groups[1].results)
    text = written(github.summary, Run((passed,), ROOT))
    assert text.startswith("### Passed: database\n")
    assert "<details" not in text


def test_github_shows_names_and_texts_as_they_are():
    path = ROOT / "a|<b>*/__x_y__.sql"
    failed = Result(Outcome.FAILED, "<i>", Location(path, 1))
    text = written(github.summary, Run((Group(path, (failed,)),), ROOT))
    assert r"| ❌ a\|&lt;b&gt;\*/\_\_x_y\_\_.sql | 0 | 1 |" in text
    assert "<summary>a|&lt;b&gt;*/__x_y__.sql</summary>" in text
    assert "a|&lt;b&gt;*/__x_y__.sql:1: &lt;i&gt;" in text


def test_a_summary_is_never_too_long_to_be_shown():
    many = [
        Group(ROOT / f"{n}.sql", (Result(Outcome.FAILED, "x" * 9_000, Location(ROOT, 0)),))
        for n in range(120)
    ]
    text = written(github.summary, Run(tuple(many), ROOT))
    assert len(text.encode()) < 1 << 20
    assert f"and {120 - text.count('<details')} more that failed" in text
