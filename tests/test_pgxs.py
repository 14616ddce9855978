from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.config import Config
from harness.core.errors import ConfigError
from harness.lint._up_script import up_script
from harness.sources import open_source
from tests.project import ONLY_TESTS, Project, output
from tests.sources import write

CONTROL = "comment = 'Sums'\ndefault_version = '1.1'\nrequires = 'citext'\n"
FIRST = '\\echo Use "CREATE EXTENSION sums" \\quit\nCREATE FUNCTION twice(i int) RETURNS int'
FIRST += " LANGUAGE sql AS 'SELECT 2 * i';\n"
NEXT = "CREATE FUNCTION thrice(i int) RETURNS int LANGUAGE sql AS 'SELECT 3 * i';\n"
SETUP = """BEGIN;
SET search_path = public, tap;
CREATE EXTENSION IF NOT EXISTS pgtap SCHEMA tap;
CREATE SCHEMA own;
CREATE EXTENSION sums SCHEMA own;
"""
TEST = """\\i test/setup.sql
SELECT plan(2);
SELECT is(own.thrice(2), 6);
SELECT hasnt_function('public', 'twice', ARRAY['integer']);
SELECT * FROM finish();
ROLLBACK;
"""


def test_an_extension_is_made_of_its_scripts_and_tests_create_it_as_they_like(tmp_path: Path):
    project = Project(tmp_path)
    project.write("pyproject.toml", ONLY_TESTS)
    project.write("sums.control", CONTROL)
    project.write("sums--1.0.sql", FIRST)
    project.write("sql/sums--1.0--1.1.sql", NEXT)
    project.write("test/setup.sql", SETUP)
    project.write("test/sql/base.sql", TEST)
    done = project.run("apply")
    assert done.returncode == 0, output(done)
    assert "2 extensions" in output(done), output(done)
    assert "extension_control_path" not in output(done)
    done = project.run("test")
    assert "2 assertions in 1 SQL file: all passed" in output(done), output(done)
    project.write("sums--1.0.sql", FIRST.replace("sql AS", "sqll AS"))
    done = project.run("apply")
    assert done.returncode == 1, output(done)
    assert 'language "sqll" does not exist' in output(done), output(done)


def test_what_pg_regress_compares_is_no_test_of_pgtap(tmp_path: Path):
    project = Project(tmp_path)
    project.write("pyproject.toml", ONLY_TESTS)
    project.write("sums.control", CONTROL)
    project.write("sql/sums.sql", FIRST.partition("\n")[2])
    project.write("test/setup.sql", SETUP)
    hit = "SELECT plan(1);\nSELECT has_function('own', 'twice', 'made');\nROLLBACK;\n"
    project.write("test/sql/base.sql", f"\\i test/setup.sql\n{hit}")
    project.write("test/sql/build.sql", "BEGIN;\n\\i sql/sums.sql\nSELECT twice(1);\n")
    project.write("test/expected/build.out", " 2\n")
    done = project.run("test")
    assert done.returncode == 0, output(done)
    said = "build.sql: not run: it has no plan; pg_regress compares its output with test/expected"
    assert said in output(done), output(done)
    built = "\\i sql/sums.sql\nSELECT plan(1);\nSELECT has_function('public', 'twice', 'new');\n"
    project.write("test/sql/build.sql", f"BEGIN;\n{built}ROLLBACK;\n")  # it makes what is there
    done = project.run("test")
    assert "2 assertions" in output(done), output(done)


def test_the_script_that_make_would_copy_is_the_version_s(tmp_path: Path):
    write(tmp_path, {"sums.control": CONTROL, "sql/sums.sql": FIRST})
    source = open_source(Config(tmp_path, tmp_path))
    assert source is not None
    assert (source.name, [one.name for one in source.files]) == ("pgxs", ["sums.sql"])


def test_what_create_extension_fills_in_is_a_name_to_linters(tmp_path: Path):
    text = "CREATE VIEW v AS SELECT 1 FROM @extschema@.a, @extschema:citext@.b; -- @extowner@\n"
    write(tmp_path, {"sums.control": CONTROL, "sums--1.1.sql": text})
    source = open_source(Config(tmp_path, tmp_path))
    assert source is not None
    script = up_script(source, tmp_path / "sums--1.1.sql").sql
    assert "@" not in script
    assert len(script) == len(text)


def test_a_version_that_no_script_makes_is_refused(tmp_path: Path):
    write(tmp_path, {"sums.control": CONTROL, "sums--1.0.sql": FIRST})
    with pytest.raises(ConfigError, match=r"no sums--1\.1\.sql lies here .* 'make' makes it"):
        open_source(Config(tmp_path, tmp_path))
