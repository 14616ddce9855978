from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import ConfigError
from harness.pgtap import reference
from tests.project import Project, output

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "assertions.md"


def test_the_page_is_what_the_family_files_and_the_examples_say() -> None:
    examples = reference.examples((ROOT / reference.EXAMPLES).read_text("utf-8"))
    assert PAGE.read_text(encoding="utf-8") == reference.markdown(examples), (
        "run: python -m harness.pgtap.reference"
    )


def test_the_examples_pass(project: Project) -> None:
    project.write("t/assertions.sql", (ROOT / reference.EXAMPLES).read_bytes())
    schema = ROOT / "docs/examples/schema.sql"
    done = project.run("test", "--schema", str(schema), "t/assertions.sql")
    assert done.returncode == 0, output(done)


def test_every_function_of_the_interface_is_on_the_page() -> None:
    lines = (Path(__file__).parent / "data/pgtap_api.tsv").read_text(encoding="utf-8").splitlines()
    names = {line.split("\t")[0] for line in lines[1:]}
    headings = set(PAGE.read_text(encoding="utf-8").splitlines())
    assert sorted(name for name in names if f"### {name}" not in headings) == []


def test_calls_read_as_in_the_definitions() -> None:
    text = reference.listing("has_index", sql=False)
    assert "has_index(" in text
    assert "[, description text])" in text


def test_the_sql_of_one_assertion_has_its_overloads_and_nothing_else() -> None:
    text = reference.listing("col_is_pk", sql=True)
    assert text.count("CREATE FUNCTION tap.col_is_pk(") == 8
    assert "tap.col_isnt_pk(" not in text


def test_a_wrong_name_is_told_the_right_one() -> None:
    with pytest.raises(ConfigError, match="did you mean 'fk_ok'"):
        reference.listing("fkok", sql=False)
