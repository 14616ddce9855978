"""What applications do to the data that is there: rows moved, mapped, overwritten; and twins."""

from __future__ import annotations

import pytest

from tests.migrations import Try, rules, tried

__all__ = ["tried"]  # the fixture

BASE = (
    "1_base",
    "CREATE TABLE runs (id bigserial PRIMARY KEY,"
    " state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'ok', 'bad')));\n"
    "CREATE TABLE moves (id bigserial PRIMARY KEY, a text NOT NULL, b text);\n",
    None,
)
MAP = (
    "ALTER TABLE runs DROP CONSTRAINT runs_state_check, ALTER state DROP DEFAULT;"
    " ALTER TABLE runs ALTER state TYPE int USING"
    " CASE state WHEN 'new' THEN 0 WHEN 'ok' THEN 1 {} END;\n"
)
MADE = "CREATE TABLE {} (id bigserial PRIMARY KEY, a text NOT NULL, b text);"
MOVE = f"{MADE.format('moved')} INSERT INTO moved SELECT * FROM moves; DROP TABLE moves;\n"
BACK = "INSERT INTO moves SELECT * FROM moved; "
HTML = "ALTER TABLE moves ADD html text; UPDATE moves SET html = '<p>' || a || '</p>';\n"


def test_a_cast_that_leaves_out_a_listed_value_fails(tried: Try):
    wrong = tried(BASE, ("2_map", MAP.format(""), None))[-1]
    assert [one.code for one in wrong.faults] == ["up-on-rows"]
    right = tried(BASE, ("2_map", MAP.format("ELSE 2"), None))[-1]
    assert right.passed, right.findings
    unlisted = (BASE[0], BASE[1].replace(" CHECK (state IN ('new', 'ok', 'bad'))", ""), None)
    up = MAP.format("").replace("DROP CONSTRAINT runs_state_check, ", "")
    depends = tried(unlisted, ("2_map", up, None))[-1]
    assert depends.passed
    assert "depends-on-data" in rules(depends)


def test_rows_that_an_up_has_moved_its_down_brings_back(tried: Try):
    made, dropped = MADE.format("moves"), "DROP TABLE moved;\n"
    wrong = tried(BASE, ("2_move", MOVE, f"{made} {dropped}"))[-1]
    assert [one.code for one in wrong.faults] == ["down-loses-data"]
    right = tried(BASE, ("2_move", MOVE, f"{made} {BACK}{dropped}"))[-1]
    assert right.passed
    assert "loses-data" not in rules(right)
    gone = tried(BASE, ("2_move", "DROP TABLE moves;\n", f"{made}\n"))[-1]
    assert gone.passed
    assert "loses-data" in rules(gone)


@pytest.mark.parametrize(
    ("down", "fails"),
    [
        ("UPDATE moves SET a = html;", True),
        ("UPDATE moves SET b = html;", True),
        ("UPDATE moves SET a = 'A 1' WHERE a = 'x';", False),
        ("UPDATE moves SET a = regexp_replace(html, '</?p>', '', 'g');", False),
    ],
)
def test_a_down_overwrites_nothing_that_the_up_kept(tried: Try, down: str, fails: bool):
    revision = tried(BASE, ("2_html", HTML, f"{down} ALTER TABLE moves DROP html;\n"))[-1]
    assert [one.code for one in revision.faults] == ["down-loses-data"] * fails, revision.findings


CENTS = (
    "ALTER TABLE fees ADD cents bigint; UPDATE fees SET cents = amount * 100;"
    " ALTER TABLE fees DROP amount;\n"
)
LABEL = (
    "ALTER TABLE fees ADD label text; UPDATE fees SET label = 'Fee ' || said;"
    " ALTER TABLE fees DROP said;\n"
)


@pytest.mark.parametrize(
    ("up", "column", "gone", "told", "lossy"),
    [
        (CENTS, "amount numeric(8, 2)", "0", "cents / 100.0", "trunc(cents / 1000.0)"),
        (LABEL, "said text", "NULL", "substr(label, 5)", "initcap(split_part(label, ' ', 2))"),
    ],
)
def test_what_an_up_computes_of_a_column_its_down_computes_back(
    tried: Try, up: str, column: str, gone: str, told: str, lossy: str
):
    base = "CREATE TABLE fees (id serial PRIMARY KEY, amount numeric(8, 2), said text);\n"
    name, new = column.split()[0], up.split()[4]
    down = f"ALTER TABLE fees ADD {column}; {{}} ALTER TABLE fees DROP {new};\n"
    fill = f"UPDATE fees SET {name} = {{}};"
    for text, faults in (
        ("", ["down-loses-data"]),
        (fill.format(gone), ["down-loses-data"]),
        (fill.format(told), []),
        (fill.format(lossy), []),
    ):
        revision = tried(("1_base", base, None), ("2_up", up, down.format(text)))[-1]
        assert [one.code for one in revision.faults] == faults, (text, revision.findings)


def test_a_new_number_says_nothing_of_a_column_that_is_dropped(tried: Try):
    up = "ALTER TABLE moves ADD n serial, ADD u uuid DEFAULT gen_random_uuid(), DROP a;\n"
    down = "ALTER TABLE moves DROP n, DROP u, ADD a text NOT NULL DEFAULT '';\n"
    revision = tried(BASE, ("2_n", up, down))[-1]
    assert revision.passed, revision.findings
    assert "loses-data" in rules(revision)


def test_an_extension_that_a_down_leaves_is_advice(tried: Try):
    up, down = "CREATE EXTENSION {}citext; CREATE TABLE c (x citext);\n", "DROP TABLE c;\n"
    left = tried(BASE, ("2_ext", up.format("IF NOT EXISTS "), down))[-1]
    assert left.passed
    assert "down-differs" in rules(left)
    again = tried(BASE, ("2_ext", up.format(""), down))[-1]
    assert [one.code for one in again.faults] == ["up-again"]
    before = (BASE[0], BASE[1] + "CREATE EXTENSION citext;\n", None)
    taken = tried(before, ("2_ext", "SELECT 1;\n", "DROP EXTENSION citext;\n"))[-1]
    assert [one.code for one in taken.faults] == ["down-leaves"]


def test_rows_that_were_made_to_fit_a_revision_hide_no_fault_of_a_later_one(tried: Try):
    late = ("2_late", "ALTER TABLE runs ADD n int;\n", "ALTER TABLE runs DROP n;\n")
    fit = "ALTER TABLE moves ADD CONSTRAINT fit CHECK (a ~ '^[A-Z]{3}[0-9]$');\n"
    fitted = ("3_fit", fit, "ALTER TABLE moves DROP CONSTRAINT fit;\n")
    fill = "UPDATE runs SET n = 1{}; ALTER TABLE runs ALTER n SET NOT NULL;\n"
    down = "ALTER TABLE runs ALTER n DROP NOT NULL;\n"
    *_, third, wrong = tried(BASE, late, fitted, ("4", fill.format(" WHERE state = 'new'"), down))
    assert "depends-on-data" in rules(third)
    assert [one.code for one in wrong.faults] == ["up-on-rows"]
    right = tried(BASE, late, fitted, ("4", fill.format(""), down))[-1]
    assert right.passed, right.findings


def test_one_column_that_needs_a_value_keeps_no_other_from_being_empty(tried: Try):
    base = (
        BASE[0],
        BASE[1] + "ALTER TABLE runs ADD m text CHECK (m IS NOT NULL), ADD n text;\n",
        None,
    )
    fill = "UPDATE runs SET n = 'x'{}; ALTER TABLE runs ALTER n SET NOT NULL;\n"
    wrong = tried(base, ("2_fill", fill.format(" WHERE state = 'new'"), None))[-1]
    assert [one.code for one in wrong.faults] == ["up-on-rows"]
    assert tried(base, ("2_fill", fill.format(""), None))[-1].passed


def test_a_label_that_was_renamed_is_no_value_that_a_later_revision_took(tried: Try):
    enum = "CREATE TYPE kind AS ENUM ('a', 'b'); CREATE TABLE k (id int, kind kind NOT NULL"
    base = ("1_k", f"{enum} DEFAULT 'a', n int);\n", None)
    new = [f"ALTER TYPE kind RENAME VALUE '{label}' TO '{label}2';\n" for label in "ab"]
    down = [f"ALTER TYPE kind RENAME VALUE '{label}2' TO '{label}';\n" for label in "ab"]
    renamed = ("2_new", "".join(new), "".join(down))
    revision = tried(base, renamed, ("3_n", "UPDATE k SET n = n;\n", "SELECT 1;\n"))[-1]
    assert "loses-data" not in rules(revision), revision.findings
