from __future__ import annotations

import pytest

from harness.postgres.psql.lexer import bare


@pytest.mark.parametrize(
    ("sql", "left"),
    [
        ("/* it's */ rollback; -- isn't it", "ROLLBACK;"),
        ("/* a /* b */ don't */ commit", "COMMIT"),
        ("select '/* no comment' , 1 -- x\n, '*/'", "SELECT '' , 1 , ''"),
        ("select 'it''s', E'\\'--', $$ -- $$, $a$ $$ $a$, x", "SELECT '', '', '', '', X"),
        ('drop table "a -- b", "/*", c', 'DROP TABLE "A -- B", "/*", C'),
        ("/***/ end /**/", "END"),
        ("select 1 / 2 * 3 - - 4", "SELECT 1 / 2 * 3 - - 4"),
    ],
)
def test_comments_and_strings_are_taken_out_in_one_pass(sql: str, left: str):
    assert bare(sql) == left
