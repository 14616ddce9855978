r"""What a file commits behind its text's back reaches no other file.

Each pair is a file that commits in a way its text does not show, or only seems to, and one that
looks: the verdicts of the second are those of the template, whatever ran before.
"""

from __future__ import annotations

import pytest

from tests.project import ONLY_TESTS, PYPROJECT, Project

SCHEMA = """
CREATE TABLE seeds (id int PRIMARY KEY, v text);
INSERT INTO seeds VALUES (1, 'one'), (2, 'two');
CREATE TABLE rules (k text PRIMARY KEY);
CREATE EXTENSION dblink;
CREATE FUNCTION sneak(statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM dblink_exec(format('host=%s dbname=%s user=%s port=%s',
        split_part(current_setting('unix_socket_directories'), ',', 1), current_database(),
        session_user, current_setting('port')), statement);
END $$;
CREATE PROCEDURE finish_it() LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'COM' || 'MIT'; END $$;
CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$
BEGIN UPDATE seeds SET v = 'called'; COMMIT; END $$;
"""

LOOKS = """
BEGIN;
SELECT plan(7);
SELECT results_eq('SELECT v FROM seeds ORDER BY id', ARRAY['one', 'two']);
SELECT hasnt_column('public', 'seeds', 'w', 'no w');
SELECT hasnt_function('extra');
SELECT is(current_setting('work_mem'), '4MB');
SELECT is_empty('TABLE rules');
SELECT hasnt_role('sneaked');
SELECT hasnt_schema('left_behind');
SELECT * FROM finish();
ROLLBACK;
"""

COMMIT, BEGIN = r"SELECT 'COM' || 'MIT' \gexec", r"SELECT 'BE' || 'GIN' \gexec"

HIDDEN = {
    "gexec": f"UPDATE seeds SET v = 'x' WHERE id = 1;\n{COMMIT}\n{BEGIN}",
    "gexec_delete": f"DELETE FROM seeds WHERE id = 2;\n{COMMIT}\n{BEGIN}",
    "gexec_column": f"ALTER TABLE seeds ADD COLUMN w int;\n{COMMIT}\n{BEGIN}",
    "gexec_drop": f"DROP TABLE rules;\n{COMMIT}\n{BEGIN}",
    "gexec_role": f"CREATE ROLE sneaked;\n{COMMIT}\n{BEGIN}",
    "variable": "UPDATE seeds SET v = 'x';\n\\set done 'COMM' 'IT'\n:done;\nBEGIN;",
    "procedure": r"SELECT 'ROLL' || 'BACK' \gexec" "\nSELECT 'CALL commits()' \\gexec\nBEGIN;",
    "dblink_rows": "SELECT sneak('UPDATE seeds SET v = ''d'' WHERE id = 2');",
    "dblink_function": "SELECT sneak('CREATE FUNCTION extra() RETURNS int RETURN 1');",
    "dblink_database": "SELECT sneak(format('ALTER DATABASE %I SET work_mem = ''9MB''',"
    " current_database()));",
    "dblink_schema": "SELECT sneak('CREATE SCHEMA left_behind');",
    "dblink_insert": "SELECT sneak('INSERT INTO rules VALUES (''k'')');",
}

HARMLESS = {
    "gexec_selects": r"SELECT 'SELECT ' || 1 \gexec",
    "many_subtransactions": "SELECT lives_ok('INSERT INTO rules VALUES (''x'')');\n"
    "SELECT throws_ok('INSERT INTO rules VALUES (''x'')', '23505');",
    "dblink_reads": "SELECT sneak('DO $x$ BEGIN PERFORM 1; END $x$');",
}


def file(mess: str, plan: int = 1) -> str:
    count = plan + mess.count("lives_ok") + mess.count("throws_ok")
    return f"BEGIN;\nSELECT plan({count});\nSELECT ok(true);\n{mess}\nROLLBACK;\n"


@pytest.fixture
def suite(project: Project) -> Project:
    project.write("sql/migrations/0001_notes.up.sql", SCHEMA)
    project.write("sql/migrations/0001_notes.down.sql", "DROP TABLE seeds, rules;")
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    for path in list((project.root / "pgtap_tests").iterdir()):
        path.unlink()
    return project


@pytest.mark.parametrize(
    ("name", "jobs"),
    # A role is every database's: the file beside may see it before it is dropped.
    [(name, jobs) for name in HIDDEN for jobs in (1, 2) if (name, jobs) != ("gexec_role", 2)],
)
def test_what_is_committed_reaches_no_other_file(suite: Project, name: str, jobs: int) -> None:
    suite.write("pgtap_tests/a.sql", file(HIDDEN[name]))
    for number in range(2):
        suite.write(f"pgtap_tests/z{number}.sql", LOOKS)
    done = suite.run("test", "--jobs", str(jobs))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_not_committed_costs_no_database(suite: Project, name: str) -> None:
    suite.write("pgtap_tests/a.sql", file(HARMLESS[name]))
    suite.write("pgtap_tests/z.sql", LOOKS)
    assert suite.run("test", "--jobs", "1").returncode == 0


CREATES = "CREATE EXTENSION IF NOT EXISTS pgtap;\n"
LISTS = "BEGIN;\nSELECT plan(1);\nSELECT hasnt_function('public', 'plan', 'nothing is there');\n"


@pytest.mark.parametrize("statement", [CREATES, CREATES.replace("IF NOT EXISTS ", "")])
def test_the_extension_that_a_file_leaves_is_its_own(suite: Project, statement: str) -> None:
    """Outside a transaction it stays; files that begin alike may share it, others see nothing."""
    for name in ("a", "b", "c"):
        suite.write(f"pgtap_tests/{name}.sql", statement + file(""))
    suite.write("pgtap_tests/d.sql", LISTS + "ROLLBACK;\n")
    done = suite.run("test", "--jobs", "1")
    assert done.returncode == 0, done.stdout


def test_what_the_files_before_them_share_is_not_shared_with_a_commit(suite: Project) -> None:
    suite.write("pgtap_tests/a.sql", CREATES + file(HIDDEN["gexec"]))
    suite.write("pgtap_tests/b.sql", CREATES + LOOKS)
    suite.write("pgtap_tests/c.sql", CREATES + LOOKS)
    assert suite.run("test", "--jobs", "1").returncode == 0
