"""``harness mutate`` as a user runs it."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.project import TEST, UP, Project, output

BEHAVIOUR = """BEGIN;
SELECT plan(2);
INSERT INTO notes (body) VALUES ('x');
SELECT is((SELECT id FROM notes), 1::bigint, 'ids start at 1');
SELECT throws_ok('INSERT INTO notes (body) VALUES (NULL)', '23502', NULL, 'a body is needed');
SELECT * FROM finish();
ROLLBACK;
"""
STRUCTURE = """BEGIN;
SELECT plan(1);
SELECT col_not_null('notes', 'body', 'a body is needed');
SELECT * FROM finish();
ROLLBACK;
"""


def tried(
    project: Project, *options: str, code: int = 0, **environment: str
) -> dict[str, dict[str, Any]]:
    """Run it; the mutants of its report by id."""
    done = project.run("mutate", *options, "--json", "mutants.json", **environment)
    assert done.returncode == code, output(done)
    return reported(project)


def reported(project: Project) -> dict[str, dict[str, Any]]:
    """The mutants of the last report by id."""
    report = json.loads((project.root / "mutants.json").read_text())
    found = {m["id"]: m for file in report["files"].values() for m in file["mutants"]}
    for name, file in report["files"].items():
        lines = len(file["source"].splitlines())
        assert all(1 <= m["location"]["start"]["line"] <= lines for m in file["mutants"]), name
    return found


def test_tests_notice_and_gaps_come_with_a_test_that_would(project: Project):
    project.write("pgtap_tests/notes.sql", BEHAVIOUR)
    project.write("pgtap_tests/structure.sql", STRUCTURE)
    done = project.run(
        *("mutate", "--write-tests", "pgtap_tests/gaps", "--html", "mutants.html"),
        *("--json", "mutants.json"),
    )
    assert done.returncode == 0, output(done)
    assert re.search(r"\d+ tests written to\s+pgtap_tests/gaps, for", done.stdout)
    found = reported(project)
    nullable = found["mutant:notes.body::not_null_dropped"]
    assert nullable["status"] == "Killed"
    assert {*nullable["killedBy"]} == {"pgtap_tests/notes.sql:5", "pgtap_tests/structure.sql:3"}
    assert found["mutant:notes_id_seq::start:2"]["killedBy"] == ["pgtap_tests/notes.sql:4"]
    gap = found["mutant:notes.notes_pkey::dropped"]
    assert gap["status"] == "Survived"
    assert "notes_pkey::duplicate tells it from the schema" in str(gap["statusReason"])
    page = (project.root / "mutants.html").read_text()
    assert page.count('<details class="mutant') == len(found)
    assert "proven gap</span> notes.notes_pkey: dropped" in page

    folder = project.root / "pgtap_tests/gaps"
    written = [path.read_text() for path in folder.glob("*.sql")]
    assert len({text[text.index("BEGIN;") :] for text in written}) == len(written)
    duplicate = next(text for text in written if "-- notes.notes_pkey: dropped\n" in text)
    assert "--     - CONSTRAINT notes_pkey PRIMARY KEY (id)\n" in duplicate
    assert "\n-- notes.notes_pkey: column added (body)\n" in duplicate  # by the same statement
    assert "'notes, notes_pkey: refused with 23505'" in duplicate
    assert project.run("test", "--tests", str(folder)).returncode == 0
    again = tried(project, "notes", "--kind", "primary key")
    assert again["mutant:notes.notes_pkey::dropped"]["status"] == "Killed"


def test_a_score_under_the_least_one_fails_and_nothing_tried_is_no_pass(project: Project):
    low = project.run("mutate", "--kind", "column", "--min-score", "90")
    assert low.returncode == 1
    assert re.search(r"\d+\.\d % of \d+ mutants noticed by the tests, under 90 %", low.stdout)
    nothing = project.run("mutate", "--kind", "enum")
    assert nothing.returncode == 1
    assert "no mutant was tried, and that is not a pass" in nothing.stdout
    high = project.run("mutate", "--min-score", "120")
    assert high.returncode == 2
    assert "a percentage from 0 to 100" in output(high)
    wrong = project.run("mutate", "--kind", "colum")
    assert wrong.returncode == 2
    assert "did you mean 'column'?" in output(wrong)


def test_a_suite_that_fails_without_a_mutant_cannot_judge_any(project: Project):
    project.write("pgtap_tests/notes.sql", TEST.replace("is(1, 1,", "is(1, 2,"))
    done = project.run("mutate", "--kind", "column")
    assert done.returncode == 2
    assert "it fails on the schema as it is: one is one" in done.stdout


def test_a_mutant_is_accepted_by_a_comment_or_the_configuration(project: Project):
    path = project.root / "sql/migrations/0001_notes.up.sql"
    text = path.read_text()
    why = "-- harness: allow mutant:not_null_dropped somebody else's"
    project.write(
        "sql/migrations/0001_notes.up.sql", text.replace("NOT NULL\n", f"NOT NULL {why}\n")
    )
    settings = '\n[tool.harness.mutation.allow]\n"notes.body::unique_added" = "harmless"\n'
    before = (project.root / "pyproject.toml").read_text()
    project.write("pyproject.toml", before + settings)
    found = tried(project, "--kind", "column,unique")
    accepted = {i: m["statusReason"] for i, m in found.items() if m["status"] == "Ignored"}
    assert accepted == {
        "mutant:notes.body::not_null_dropped": "somebody else's",
        "mutant:notes.body::unique_added": "harmless",
    }


def test_what_accepts_no_mutant_is_said(project: Project):
    """A comment with a name that no mutant has fails; one that is needless by now is advice."""
    name, needless = "sql/migrations/0001_notes.up.sql", "-- harness: allow mutant:not_null_dropped"
    text = (project.root / name).read_text().replace("NOT NULL\n", f"NOT NULL {needless} later\n")
    wrong = "PRIMARY KEY, -- harness: allow mutant:dropp no test\n"
    project.write(name, text.replace("PRIMARY KEY,\n", wrong))
    project.write("pgtap_tests/structure.sql", STRUCTURE)
    done = project.run("mutate", "--kind", "column")
    assert done.returncode == 1, output(done)
    assert f"{name}:2" in done.stdout
    assert "mutant:dropp names no mutant here; did you mean 'dropped'?" in done.stdout
    said = "mutant:not_null_dropped accepts nothing: notes.body::not_null_dropped is noticed"
    assert said in done.stdout
    other = project.run("mutate", "--kind", "sequence")
    assert "accepts nothing" not in other.stdout  # it was not tried


def test_a_list_names_every_mutant_with_its_change(project: Project):
    done = project.run("mutate", "notes", "--list")
    assert done.returncode == 0, output(done)
    assert (
        "notes.body::not_null_dropped\n    - body text NOT NULL\n    + body text\n" in done.stdout
    )


def test_a_file_that_commits_has_a_database_of_its_own(project: Project):
    """And one that makes a role has the server to itself: the role is gone for the next mutant."""
    makes = "CREATE ROLE mutant_reader;\nGRANT SELECT ON notes TO mutant_reader;\n"
    project.write(
        "pgtap_tests/commits.sql",
        BEHAVIOUR.replace("BEGIN;\n", f"BEGIN; {makes.replace(chr(10), ' ')}\n").replace(
            "ROLLBACK;", "COMMIT;"
        ),
    )
    found = tried(project, "--kind", "column")
    nullable = found["mutant:notes.body::not_null_dropped"]
    assert nullable["killedBy"] == ["pgtap_tests/commits.sql:5"]


CHECKS = """
import os, pytest
from pathlib import Path

@pytest.fixture(scope="session")
def broken(catalog):
    return "column notes.body" not in str(catalog.objects)

def test_needs_a_body(database):
    database.execute("INSERT INTO notes (body) VALUES ('x')")
    with pytest.raises(Exception, match="null value"):
        database.execute("INSERT INTO notes (body) VALUES (NULL)")

def test_sees_no_schema():
    Path("pure.txt").open("a").write("x")

def test_fails_once_by_chance(database):
    seen = Path(f"seen{database.info.dbname.count('_')}.txt")
    assert database.execute("SELECT 1").fetchone() == (1,)
    if database.execute("SELECT count(*) FROM pg_sequence WHERE seqstart > 1").fetchone()[0]:
        Path("started").touch()
    assert not Path("started").exists()

def test_does_not_end(database):
    if database.execute("SELECT count(*) FROM pg_sequence WHERE seqincrement > 1").fetchone()[0]:
        os._exit(3)
"""


OTHER = """
from pathlib import Path

def test_has_to_do_with_no_table(database):
    Path("ran.txt").open("a").write("x")
"""


def test_python_checks_notice_what_sql_files_do_not(project: Project):
    """One that fails on the schema too by then, has noticed nothing."""
    project.write("pgtap_tests/notes.sql", TEST)
    project.write("pgtap_tests/test_notes.py", CHECKS)
    project.write("pgtap_tests/test_other.py", OTHER)
    found = tried(project, "--kind", "column,sequence")
    killers = {name: one.get("killedBy") for name, one in found.items()}
    assert killers["mutant:notes.body::not_null_dropped"] == ["pgtap_tests/test_notes.py:9"]
    assert killers["mutant:notes_id_seq::increment:2"] == ["pgtap_tests/test_notes.py:24"]
    assert killers["mutant:notes_id_seq::start:2"] == []
    assert not (project.root / "pure.txt").exists()
    assert (project.root / "ran.txt").read_text() == "xx"  # without a mutant, and for none


REMEMBERED = """
from pathlib import Path

def test_a_body_is_needed(database):
    with Path("runs.log").open("a") as file:
        file.write(".")
    wanted = Path("wanted.txt").read_text().strip()
    assert str(database.execute("SELECT attnotnull FROM pg_attribute WHERE attname = 'body'"
        " AND attrelid = 'notes'::regclass").fetchone()[0]) in wanted
"""


def test_a_second_run_does_only_what_has_changed(project: Project):
    """The checks, what they read, the SQL files and the schema are what it hangs on."""

    def runs() -> int:
        return len((project.root / "runs.log").read_text())

    def killers(**environment: str) -> list[str]:
        found = tried(project, "--kind", "column", **environment)
        return list(found["mutant:notes.body::not_null_dropped"]["killedBy"])

    project.write("pgtap_tests/notes.sql", TEST)
    project.write("pgtap_tests/test_notes.py", REMEMBERED)
    project.write("wanted.txt", "True")
    assert killers() == ["pgtap_tests/test_notes.py:4"]
    before = runs()
    unusable = str(project.root / "wanted.txt")  # a server could not be started there
    assert killers(HARNESS_TEMP_DIR=unusable) == ["pgtap_tests/test_notes.py:4"]
    tried(project, "--kind", "column", "--min-score", "0")  # another run about the same mutants
    assert runs() == before
    project.write("wanted.txt", "True or False")  # a file that the check reads
    assert killers() == []
    assert runs() > before
    project.write("pgtap_tests/structure.sql", STRUCTURE)
    assert killers() == ["pgtap_tests/structure.sql:3"]
    up = UP.replace("body text NOT NULL", "title text, body text NOT NULL")
    project.write("sql/migrations/0001_notes.up.sql", up)
    assert killers() == ["pgtap_tests/structure.sql:3"]


def test_a_python_check_that_fails_without_a_mutant_cannot_judge_any(project: Project):
    project.write("pgtap_tests/notes.sql", TEST)
    project.write("pgtap_tests/test_notes.py", "def test_it(database):\n    assert False\n")
    done = project.run("mutate", "--kind", "column")
    assert done.returncode == 2
    assert "it fails on the schema as it is: test_it: assert False" in done.stdout
    project.write("pgtap_tests/test_notes.py", "import nothing_of_the_kind\n")
    done = project.run("mutate", "--kind", "column")
    assert done.returncode == 2
    assert "No module named 'nothing_of_the_kind'" in done.stdout
