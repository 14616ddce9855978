from __future__ import annotations

import re

import pytest

from harness.rowgen.expression import (
    AnyOf,
    Both,
    Call,
    ColumnRef,
    Comparison,
    Not,
    NullTest,
    Opaque,
    columns_of,
    parse,
    substituted,
)
from harness.rowgen.hints import Hint, hints
from harness.rowgen.patterns import like_pattern, matching, translated
from harness.rowgen.values import sample


@pytest.mark.parametrize(
    ("text", "kind", "columns"),
    [
        ("(a >= 1)", Comparison, ("a",)),
        ("((a >= 1) AND (b <= 10))", Both, ("a", "b")),
        ("(NOT (a IS DISTINCT FROM 'x'::text))", Not, ("a",)),
        ("(a IS NOT NULL)", NullTest, ("a",)),
        ("((s)::text = ANY ((ARRAY['a'::character varying])::text[]))", AnyOf, ("s",)),
        ("(x <> ALL (ARRAY[1, 2]))", AnyOf, ("x",)),
        ('("weird ""col" OPERATOR(public.<>) \'-1\'::integer)', Comparison, ('weird "col',)),
        ("num_nonnulls(a, b)", Call, ("a", "b")),
        ("CASE WHEN (a = 1) THEN (b IS NOT NULL) ELSE true END", Opaque, ("a", "b")),
        ("(a[1] > 3)", Comparison, ("a",)),
        ("(((addr).zip)::text ~ 'a'::text)", Comparison, ("addr",)),
        ("(t <= (CURRENT_DATE - '18 years'::interval year to month))", Comparison, ("t",)),
        ("((t AT TIME ZONE 'UTC'::text) > '2020-01-01'::date)", Comparison, ("t",)),
        ("(lower(a) COLLATE \"C\" = 'é'::text)", Comparison, ("a",)),
        ("((a)::timestamp(3) without time zone > b)", Comparison, ("a", "b")),
    ],
)  # fmt: skip
def test_what_the_server_prints_is_read(text: str, kind: type, columns: tuple[str, ...]) -> None:
    node = parse(text)
    assert isinstance(node, kind)
    assert columns_of(node) == columns


@pytest.mark.parametrize("text", ["a ==", "(a > 1", "a b c", ") a"])
def test_what_is_not_understood_is_opaque_and_keeps_its_columns(text: str) -> None:
    node = parse(text)
    assert isinstance(node, Opaque)
    assert node.sql == text


def test_precedence() -> None:
    node = parse("NOT a = 1 OR b + 2 * c < 3 AND d IS NULL")
    assert isinstance(node, Both)
    first, second = node.operands
    assert (node.operator, first.sql, second.sql) == (
        "or", "NOT a = 1", "b + 2 * c < 3 AND d IS NULL",
    )  # fmt: skip
    assert isinstance(first, Not)
    assert isinstance(second, Both)
    compared = second.operands[0]
    assert isinstance(compared, Comparison)
    assert (compared.operator, compared.left.sql) == ("<", "b + 2 * c")


def test_strings_keep_what_is_in_them() -> None:
    node = parse("(a = 'it''s (\\) AND'::text)")
    assert isinstance(node, Comparison)
    assert node.right.parts[0].text == "it's (\\) AND"  # type: ignore[attr-defined]
    assert isinstance(node.left, ColumnRef)


def test_names_are_substituted_and_nothing_else() -> None:
    text = "((area > 1) AND (area(x) = 'area') AND (t.area = 1) AND (\"area\" < 2)::area)"
    assert substituted(text, {"area": "(w * h)"}) == (
        "(((w * h) > 1) AND (area(x) = 'area') AND (t.area = 1) AND ((w * h) < 2)::area)"
    )


def test_hints_of_values_lengths_and_patterns() -> None:
    found = hints("((a >= 3) AND (length((b)::text) < 5) AND (c ~~* 'x%'::text))", ["a", "b", "c"])
    assert Hint("a", "near", "3", (), ">=") in found
    assert Hint("b", "length", "5", (), "<") in found
    assert Hint("c", "like", "'x%'::text", (), "~~*") in found


def test_hints_of_other_columns_are_solved_for_each() -> None:
    found = {h for h in hints("((high - low) >= 10)", ["high", "low"]) if h.kind == "near"}
    assert Hint("high", "near", "(10) + (low)", ("low",), ">=") in found
    assert Hint("low", "near", "(high) - (10)", ("high",), ">=") in found


def test_hints_of_lists() -> None:
    found = hints("(a = ANY (ARRAY['x'::text, 'y'::text]))", ["a"])
    assert [h.sql for h in found if h.kind == "member"] == ["'x'::text", "'y'::text"]
    (near,) = [h for h in hints("('x'::text = ANY (tags))", ["tags"]) if h.kind == "near"]
    assert (near.column, near.sql) == ("tags", "ARRAY['x'::text]")


def test_a_field_is_no_column() -> None:
    found = hints("(EXTRACT(year FROM day) = (year)::numeric)", ["year", "day"])
    assert Hint("year", "near", "EXTRACT(year FROM day)", ("day",), "=") in found


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^[[:upper:]]{2}\\Z", "AB", True),
        ("\\mword\\M", "word", True),
        ("***=a.c", "a.c", True),
        ("***=a.c", "abc", False),
    ],
)
def test_patterns_of_postgresql(pattern: str, text: str, matches: bool) -> None:
    assert bool(re.fullmatch(translated(pattern), text)) is matches


def test_texts_for_patterns() -> None:
    strategy = matching("^[a-f]{3}-\\d+$")
    assert strategy is not None
    texts = sample(strategy, 10, 1)
    assert len(texts) == 10
    assert all(text[3] == "-" and text[4:].isdigit() for text in texts)
    assert sample(strategy, 10, 1) == texts
    assert matching("(") is None


def test_like_as_a_regular_expression() -> None:
    assert like_pattern("a_\\%.%") == "a.%\\..*"


def test_a_call_that_a_query_only_wraps_is_read():
    node = parse("(author = ( SELECT auth.uid() AS uid))")
    assert isinstance(node, Comparison)
    assert isinstance(node.right, Call)
    assert (node.right.name, node.right.sql) == ("uid", "( SELECT auth.uid() AS uid)")


def test_a_subquery_is_opaque_and_what_stands_beside_it_is_not():
    text = "((a > 1) AND (b IN ( SELECT m.b FROM m)) AND (EXISTS ( SELECT FROM n WHERE (n.x = c))))"
    node = parse(text)
    assert isinstance(node, Both)
    first, second, third = node.operands
    assert isinstance(first, Comparison)
    assert isinstance(second, AnyOf)
    assert isinstance(second.right, Opaque)
    assert isinstance(third, Opaque)
    assert "c" in columns_of(third)
