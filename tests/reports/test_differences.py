"""Rows that differ, aligned for the eye."""

from __future__ import annotations

import pytest

from harness.reports.differences import aligned, cells


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("(1,Anna)", ["1", "Anna"]),
        ('(1,"a, b","say ""x""",)', ["1", '"a, b"', '"say ""x"""', ""]),
        ("()", [""]),
        ('("a\\"b")', ['"a\\"b"']),
        ('(1,"open)', None),
    ],
)
def test_a_record_has_the_cells_that_postgresql_wrote(record: str, expected: list[str] | None):
    assert cells(record) == expected


def test_rows_that_differ_stand_one_below_the_other():
    text = "Results differ beginning at row 3:\n    have: (1,Anna,x)\n    want: (221,Anna,y)"
    assert aligned(text).splitlines() == [
        "Results differ beginning at row 3:",
        "    have: (1   │ Anna │ x)",
        "    want: (221 │ Anna │ y)",
        "           ^^^          ^",
    ]


def test_a_difference_that_nothing_shows_has_a_mark():
    text = "have: (a,,1)\nwant: (a,\u200d,1)"
    assert aligned(text).splitlines()[2] == "           ^"
    assert aligned("have: (a,b)\nwant: (a,b)") == "have: (a │ b)\nwant: (a │ b)"


def test_characters_without_a_width_move_no_column():
    have, *_ = aligned("have: (e\u0301\u200d,1)\nwant: (ab,1)").splitlines()
    assert have == "have: (e\u0301\u200d  │ 1)"


def test_rows_with_an_error_below_are_aligned_too():
    text = "  have: (1,2)\n  want: (1,a)\n  ERROR: cannot compare"
    assert aligned(text).splitlines()[2:] == ["             ^", "  ERROR: cannot compare"]


def test_extra_and_missing_rows_stand_side_by_side():
    text = "Extra records:\n    (87,漢)\n    (1,Jacob)\nMissing records:\n    (44,Anna)"
    assert aligned(text).splitlines() == [
        "Extra records:      Missing records:",
        "    (87 │ 漢   )        (44 │ Anna )",
        "    (1  │ Jacob)",
    ]


def test_extra_and_missing_rows_that_are_wide_stand_in_one_table():
    text = f"Extra records:\n    (87,{'x' * 80})\nMissing records:\n    (4,Anna)"
    assert aligned(text).splitlines() == [
        "Extra records:",
        f"    (87 │ {'x' * 80})",
        "Missing records:",
        f"    (4  │ Anna{' ' * 76})",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "    have: 2\n    want: 1",
        "    have: (1,2)\n    want: (1,2,3)",
        "    have: (1,2)\n    want: NULL",
        '    have: (1,"a\nb")\n    want: (1,c)',
        "        have: (a)\n        want: (b)",
        "        have: (see a,b c)\n        want: (see a,b d)",
        "        have: (hello, world)\n        want: (hello, World)",
        "        have: (1,1),(0,0)\n        want: (2,1),(0,0)",
        "        have: (1,b)\n        want: (1,c)\nand more",
        'have: (1,"a\tb")\nwant: (1,c)',
        'Extra records:\n    (1,a)\nMissing records:\n    (2,b)\n    (3,"x\ny")',
        "Extra records:\n    (1)",
        "Missing records:\n    (1)",
        'Extra records:\n    (1,"x)\nMissing records:\n    (2,y)',
    ],
)
def test_what_is_no_pair_of_rows_stays_as_it_is(text: str):
    assert aligned(text) == text
