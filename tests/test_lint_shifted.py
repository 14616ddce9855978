"""HL09: names that stand where pgTAP reads others."""

from __future__ import annotations

import pytest

from harness.lint._shifted_arguments import SHIFTED, Names, shifted

KNOWN = Names.of(
    [
        'CREATE SCHEMA app; CREATE SCHEMA IF NOT EXISTS "Odd One";',
        "CREATE TABLE app.root (sen_id int); CREATE OR REPLACE VIEW v AS SELECT 1;",
        "create unlogged table if not exists accounts (id int);",
    ]
)

SHIFTED_CALLS = [
    "hasnt_column('public', 'accounts', 'email')",
    "has_column('app', 'root', 'sen_id')",
    "hasnt_table('app', 'root')",
    "col_hasnt_default('public', 'accounts', 'id')",
    "has_unique('app', 'root')",
    "hasnt_view('Odd One', 'v')",
    "hasnt_fk('public', 'accounts')",
    "hasnt_column( 'tenant', 'accounts' ,\n 'email' )",  # a schema that no file names
    "hasnt_table('app.root')",
    "hasnt_function('app.gone')",
    "hasnt_type('public.kind', 'no such type')",
]

PLAIN_CALLS = [
    "hasnt_column('accounts', 'email', 'no address is kept')",
    "hasnt_column('accounts', 'email', 'public')",
    "hasnt_column('public', 'accounts', 'email', 'no address')",
    "hasnt_table('app', 'root'::name)",
    "hasnt_cast('app.kind', 'text')",
    "hasnt_table('other.root')",
    "has_table('app.root')",
    "hasnt_table('app', 'no table is called as the schema is')",
    "hasnt_table('app'::name, 'root'::name)",
    "has_column('accounts', 'root')",
    "schemas_are(ARRAY['app', 'public'])",
    "has_schema('app', 'root')",
    "is('public', 'accounts', 'email')",
    "results_eq('public', 'accounts', 'email')",
    "my_own('public', 'accounts', 'email')",
]


def findings(call: str) -> list[tuple[int, str]]:
    script = f"BEGIN;\nSELECT plan(1);\n-- about it\nSELECT {call};\nROLLBACK;\n"
    return [(line, code) for line, code, _ in shifted(script, KNOWN)]


@pytest.mark.parametrize("call", SHIFTED_CALLS)
def test_a_schema_in_the_place_of_a_table_is_found(call: str) -> None:
    assert [code for _, code in findings(call)] == [SHIFTED]


@pytest.mark.parametrize("call", PLAIN_CALLS)
def test_what_is_meant_as_it_is_read_is_left_alone(call: str) -> None:
    assert findings(call) == []


def test_the_line_is_the_calls() -> None:
    script = "SELECT\n  pass('a'),\n  hasnt_table('app', 'root')\n;\n"
    assert [line for line, *_ in shifted(script, KNOWN)] == [3]


def test_names_of_the_file_itself_count() -> None:
    script = "CREATE SCHEMA own;\nSELECT hasnt_table('own', 'x');\n"
    assert [line for line, *_ in shifted(script, Names.of([]))] == [2]


def test_what_is_no_call_is_left_alone() -> None:
    for text in ("-- hasnt_table('app', 'root')", "\\echo hasnt_table('app', 'root')"):
        assert list(shifted(text + "\n", KNOWN)) == []
