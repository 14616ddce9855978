"""What a body assigns to: a field that the row does not have fails whenever it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.postgres.cluster import Cluster
from tests.test_lint_bodies import TABLES, findings


def trigger(body: str, declared: str = "", tables: str = "notes") -> str:
    """A trigger function whose body's statements begin in line 3."""
    made = [
        f"CREATE TRIGGER t BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION f();"
        for table in tables.split()
    ]
    head = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$"
    return "\n".join([f"{head} DECLARE {declared}", "BEGIN", body, "RETURN NEW; END $$;", *made])


def found(cluster: Cluster, folder: Path, script: str) -> list[tuple[int, int, str]]:
    return [
        (one.line, one.column, one.message)
        for one in findings(cluster, folder, TABLES, script)
        if one.code == "HB01"
    ]


PAIRS = [
    ("NEW.gone := 1;", "NEW.n := 1;", "", "new", "gone"),
    ("NEW.gone = now();", "NEW.body = now();", "", "new", "gone"),
    ("OLD.gone := 1;", "OLD.n := 1;", "", "old", "gone"),
    ('NEW."Gone" := 1;', 'NEW."n" := 1;', "", "new", "Gone"),
    ("r := NEW; r.gone := 1;", "r := NEW; r.n := 1;", "r record;", "r", "gone"),
    ("r.gone := 1;", "r.n := 1;", "r record := OLD;", "r", "gone"),
    ("IF true THEN r = OLD; END IF; r.gone := 1;", "r = OLD; r.n := 1;", "r record;", "r", "gone"),
    ("r.gone := 1;", "r.title := 1;", "r others%ROWTYPE;", "r", "gone"),
    ("r.gone := 1;", "r.title := 1;", "r others;", "r", "gone"),
    ("SELECT 1 INTO NEW.gone;", "SELECT 1 INTO NEW.n;", "", "new", "gone"),
    (
        "SELECT 1, 2 INTO STRICT r.id, r.gone FROM notes;",
        "SELECT 1, 2 INTO STRICT r.id, r.title FROM notes;",
        "r others%ROWTYPE;",
        "r",
        "gone",
    ),
    (
        "UPDATE notes SET n = 1 RETURNING n INTO NEW.gone;",
        "UPDATE notes SET n = 1 RETURNING n INTO NEW.n;",
        "",
        "new",
        "gone",
    ),
]


@pytest.mark.parametrize(("broken", "right", "declared", "name", "field"), PAIRS)
def test_a_field_that_is_not_there_is_found_where_it_is_assigned(
    broken: str,
    right: str,
    declared: str,
    name: str,
    field: str,
    cluster: Cluster,
    tmp_path: Path,
):
    ((line, column, message),) = found(cluster, tmp_path / "broken", trigger(broken, declared))
    assert (line, message) == (3, f'public.f: variable "{name}" has no field "{field}" (42703)')
    assert broken[column - 1 :].lower().startswith((f"{name}.", f'{name}."'))
    assert found(cluster, tmp_path / "right", trigger(right, declared)) == []


FINE = {
    "a row that is filled by a query": ("r.x := 1;", "r record;"),
    "a record that is also something else": (
        "r := NEW; SELECT 1 AS x INTO r; r.x := 2; FOR r IN SELECT 1 AS y LOOP r.y := 2; END LOOP;",
        "r record;",
    ),
    "a record of another row": ("r := NEW; r := ROW(1, 2); r.f1 := 2;", "r record;"),
    "a field of a field": ("NEW.data.part := 1; r.body := 'x'; r.n := NEW.n;", "r notes;"),
    "an element": ("a[1] := 2; NEW.tags[1] := 'x';", "a int[];"),
    "a label": ("<<b>> DECLARE v int; BEGIN b.v := 1; END b;", ""),
    "a comparison": ("IF NEW.n = 1 THEN NULL; END IF; PERFORM NEW.body = 'x';", ""),
}


@pytest.mark.parametrize("name", FINE)
def test_what_only_a_run_knows_is_no_finding(name: str, cluster: Cluster, tmp_path: Path):
    alter = (
        "CREATE TYPE pair AS (part int, other int);"
        "ALTER TABLE notes ADD data pair, ADD tags text[];\n"
    )
    body, declared = FINE[name]
    script = trigger(body, declared)
    assert found(cluster, tmp_path, alter.replace("\n", "") + script) == []


def test_a_function_of_several_tables_may_mean_one_of_them(cluster: Cluster, tmp_path: Path):
    several = trigger("NEW.title := 1;", tables="notes others")
    assert found(cluster, tmp_path / "several", several) == []
    every = trigger("NEW.gone := 1;", tables="notes others")
    assert len(found(cluster, tmp_path / "every", every)) == 1
