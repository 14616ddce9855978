"""HL09: names that stand where pgTAP reads others."""

from __future__ import annotations

import pytest

from harness.lint._shifted_arguments import SHIFTED, Names, may_be_shifted, shifted
from tests.project import Project, output

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
    "hasnt_function('app', 'gone')",
    "hasnt_enum('app', 'mood')",
    "hasnt_materialized_view('accounts', 'app', 'nothing is kept twice')",
    "hasnt_column('root', 'app', 'sen_id', 'no sender')",
    "hasnt_rule('root', 'app', 'kept')",
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
    "hasnt_function('app', 'gone', ARRAY['int'])",
    "hasnt_function('gone', 'app')",
    "hasnt_column('accounts', 'app', 'no column is called as the schema is')",
    "hasnt_table('gone', 'root', 'the old schema had it')",
    "hasnt_schema('accounts', 'app')",
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


def test_a_suite_that_only_names_its_own_tables_needs_no_server() -> None:
    assert not may_be_shifted("SELECT has_column('accounts', 'email');", KNOWN)
    assert may_be_shifted("SELECT has_column('sales', 'orders', 'id');", KNOWN)


def test_the_names_are_those_of_the_applied_schema(project: Project) -> None:
    """No file says CREATE SCHEMA sales, nor CREATE TABLE archive."""
    project.write(
        "sql/migrations/0002_sales.up.sql",
        "DO $$ BEGIN EXECUTE 'CREATE SCHEMA ' || 'sales';"
        " EXECUTE format('CREATE %s archive (sales int)', 'TABLE'); END $$;\n",
    )
    project.write("sql/migrations/0002_sales.down.sql", "DROP SCHEMA sales; DROP TABLE archive;\n")
    right = ("hasnt_index('sales', 'archive', 'gone', 'none')", "hasnt_column('archive', 'sales')")
    wrong = ("hasnt_index('sales', 'orders', 'gone')", "hasnt_view('sales.gone')")
    calls = "".join(f"SELECT {call};\n" for call in (*right, *wrong))
    project.write(
        "pgtap_tests/names.sql",
        f"BEGIN;\nSELECT plan(4);\n{calls}SELECT * FROM finish();\nROLLBACK;\n",
    )
    done = project.run("lint")
    told = [line.split(":")[1:4] for line in done.stdout.splitlines() if "HL09" in line]
    assert [int(line) for line, *_ in told] == [5, 6], output(done)
    assert done.returncode == 1
