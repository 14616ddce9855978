"""Catalog rules: what each finds, where it says it stands, and what a comment accepts."""

from __future__ import annotations

import json
import pkgutil
from pathlib import Path

import harness.lint.catalog
from harness.lint.catalog import RULES
from harness.lint.catalog._places import Places
from harness.lint.catalog._rule import Object
from harness.lint.catalog._view import View
from harness.postgres.cluster import Cluster
from tests.access.support import DATA, made
from tests.project import PYPROJECT, Project, output

FOUND = {
    ("rls-off-with-policies", "error", "off"),
    ("rls-on-without-policy", "advice", "closed"),
    ("rls-on-without-policy", "error", "hidden"),
    ("restrictive-alone", "error", "own narrowed"),
    ("policy-without-grant", "advice", "gone ungranted"),
    ("policy-without-grant", "advice", "own off"),
    ("policy-always-true-write", "error", "folded open"),
    ("policy-names-itself", "error", "captured itself"),
    ("policy-per-row-call", "advice", "called often"),
    ("policy-scalar-subquery", "error", "email asking"),
    ("policy-scalar-subquery", "error", "unit asking"),
    ("view-without-barrier", "error", "shown_staff"),
    ("definer-open", "advice", "every"),
    ("leakproof-by-hand", "error", "leaks"),
    ("excess-privilege", "error", "itself itself"),
    ("not-validated", "advice", "short old"),
    ("duplicate-index", "advice", "old_note_again old"),
    ("disabled-trigger", "advice", "idle old"),
    ("unlogged-table", "advice", "scratch"),
    ("narrow-key", "advice", "old"),
    ("no-primary-key", "advice", "scratch"),
    ("null-record", "error", "branched"),
    ("null-record", "error", "down"),
    ("rule-computes-again", "error", "numbered"),
    ("immutable-reads", "error", "kept"),
    ("immutable-reads", "error", "lookup"),
    ("immutable-reads", "advice", "idle"),
    ("immutable-reads", "error", "day_here"),
    ("action-refused", "advice", "one_key coded"),
    ("action-refused", "advice", "number_key coded"),
    ("action-refused", "advice", "wanted_key coded"),
    ("view-loses-column", "advice", "losing renamed"),
}


def test_each_rule_finds_what_it_is_for_and_nothing_beside(cluster: Cluster):
    with made(cluster, DATA / "rules.sql") as database, database.connect() as connection:
        view = View.of(connection, ["tap"], [])
        found = {
            (
                rule.id,
                one.severity or rule.severity,
                f"{one.object.name} {one.object.table}".strip(),
            )
            for rule in RULES
            for one in rule().find(view)
        }
    assert found == FOUND


def test_every_module_is_a_rule_on_the_list():
    modules = {one.name for one in pkgutil.iter_modules(harness.lint.catalog.__path__)}
    listed = {rule.__module__.rpartition(".")[2] for rule in RULES}
    assert {name for name in modules if not name.startswith("_")} == listed
    assert all(rule.id.replace("-", "_") == rule.__module__.rpartition(".")[2] for rule in RULES)


def test_an_object_is_found_where_it_was_made_last():
    text = (
        "CREATE TABLE a (id int);\nCREATE POLICY own ON a\nUSING (true);\n"
        "CREATE POLICY own ON b USING (true);\nGRANT ALL ON a, b\nTO web;\n"
    )
    places = Places({Path("1.sql"): text, Path("2.sql"): "DROP POLICY own ON a;\n"})
    lines = {
        Object("policy", "public", "own", "a"): 2,
        Object("policy", "public", "own", "b"): 4,
        Object("table", "public", "a"): 1,
        Object("grant", "public", "b", "b", "web"): 5,
        Object("index", "public", "unnamed", "a"): 1,
    }
    assert {one: places.of(one).line for one in lines} == lines


OPEN = """CREATE ROLE web;
CREATE TABLE notes (id bigint PRIMARY KEY, author text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
{comment}CREATE POLICY every ON notes TO web
USING (true);
GRANT SELECT, UPDATE ON notes TO web;
"""


def test_a_finding_stands_at_its_statement_and_a_comment_accepts_it(project: Project):
    project.write("pyproject.toml", PYPROJECT)
    project.write("sql/migrations/0002_open.up.sql", OPEN.format(comment=""))
    project.write("sql/migrations/0002_open.down.sql", "DROP TABLE notes; DROP ROLE web;\n")
    project.write("sql/migrations/0001_notes.up.sql", "SELECT 1;\n")
    done = project.run("lint", "--json", "found.jsonl")
    lines = (project.root / "found.jsonl").read_text("utf-8").splitlines()
    found = [one for one in map(json.loads, lines) if one["id"].startswith("catalog:")]
    assert [(one["id"], one["file"], one["line"]) for one in found] == [
        ("catalog:policy-always-true-write", "sql/migrations/0002_open.up.sql", 4)
    ], output(done)
    assert done.returncode == 1
    accepted = "-- harness: allow policy-always-true-write it is a wiki\n"
    project.write("sql/migrations/0002_open.up.sql", OPEN.format(comment=accepted))
    again = project.run("lint")
    assert "policy-always-true-write" not in output(again), output(again)
