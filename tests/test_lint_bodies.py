"""Function bodies at their own lines: what does not resolve is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import psycopg
import pytest

from harness.core.config import Config
from harness.core.findings import Finding
from harness.lint import Project, _plpgsql_check
from harness.lint._functions import Function, functions, site
from harness.lint._plpgsql import pieces
from harness.lint._resolving import Resolver
from harness.lint.bodies import Bodies
from harness.postgres.cluster import Cluster
from harness.postgres.database import build_template
from harness.sources import open_source

TABLES = """
CREATE TABLE notes (id bigint PRIMARY KEY, body text, n int);
CREATE TABLE others (id bigint PRIMARY KEY, title text);
"""
Check = Callable[..., list[tuple[int, str, str]]]


def findings(
    cluster: Cluster, folder: Path, *scripts: str, config: Config | None = None
) -> list[Finding]:
    folder.mkdir(exist_ok=True)
    for number, script in enumerate(scripts, 1):
        (folder / f"{number}.sql").write_text(script)
    config = config or Config(root=folder, schema=folder)
    source = open_source(config)
    assert source is not None

    @contextmanager
    def applied() -> Iterator[psycopg.Connection]:
        template = build_template(cluster, lambda connection: source.apply(connection) and None)
        with template.cloned() as database, database.connect() as connection:
            yield connection
        template.close()

    bodies = Bodies(Project(config, source, source.files, applied))
    (found,) = bodies.lint(bodies.units())
    return found


@pytest.fixture
def check(cluster: Cluster, tmp_path: Path) -> Check:
    """Line, code and message of what is found in scripts that come after TABLES."""

    def checked(*scripts: str) -> list[tuple[int, str, str]]:
        found = findings(cluster, tmp_path / "sql", TABLES, *map(dedent, scripts))
        assert {one.path.name for one in found} <= {f"{len(scripts) + 1}.sql"}
        return [(one.line, one.code, one.message) for one in found]

    return checked


def function(body: str, declared: str = "", head: str = "f(p bigint) RETURNS bigint") -> str:
    """A function whose body's statements begin in line 4."""
    block = f"DECLARE {declared}\nBEGIN\n{body}\nEND;"
    return f"CREATE FUNCTION {head} LANGUAGE plpgsql AS $$\n{block}\n$$;\n"


@pytest.mark.parametrize(
    ("body", "line", "named"),
    [
        ("RETURN (SELECT count(*) FROM absent);", 4, '"absent"'),
        ("PERFORM 1;\n\nPERFORM bdy FROM notes;", 6, '"bdy"'),
        ("PERFORM absent(p);", 4, "absent(bigint)"),
        ("PERFORM p::absent;", 4, '"absent"'),
        ("UPDATE notes SET body = 'x',\n  bdy = 1;", 5, '"bdy"'),
        ("INSERT INTO notes (id, bdy) VALUES (1, 2);", 4, '"bdy"'),
        ("DELETE FROM notes\nWHERE idd = p;", 5, '"idd"'),
        ("IF p > absent THEN NULL; END IF;", 4, '"absent"'),
        ("IF p = 1 THEN NULL; ELSIF absent THEN NULL; END IF;", 4, '"absent"'),
        ("WHILE absent LOOP NULL; END LOOP;", 4, '"absent"'),
        ("FOR i IN 1..absent LOOP NULL; END LOOP;", 4, '"absent"'),
        ("FOR v IN SELECT id FROM absent LOOP NULL; END LOOP;", 4, '"absent"'),
        ("FOREACH v IN ARRAY absent LOOP NULL; END LOOP;", 4, '"absent"'),
        ("CASE p WHEN 1 THEN NULL; WHEN absent THEN NULL; END CASE;", 4, '"absent"'),
        ("v := absent;", 4, '"absent"'),
        ("SELECT id INTO STRICT v\nFROM notes WHERE idd = 1;", 5, '"idd"'),
        ("RAISE NOTICE 'x %', absent;", 4, '"absent"'),
        ("BEGIN NULL; EXCEPTION WHEN OTHERS THEN v := absent; END;", 4, '"absent"'),
        ("DECLARE w int := absent; BEGIN NULL; END;", 4, '"absent"'),
        ("RETURN n.bdy FROM notes AS n;", 4, "n.bdy"),
        ("ASSERT absent > 1;", 4, '"absent"'),
        ("LOOP EXIT WHEN absent; END LOOP;", 4, '"absent"'),
        ("WITH a AS (SELECT 1 AS x) SELECT y INTO v FROM a;", 4, '"y"'),
        ("v := (SELECT w.bdy FROM (SELECT v_row.*) AS w);", 4, "w.bdy"),
        ("v := v_row.bdy;", 4, '"bdy"'),
        ("RETURN body || p FROM notes WHERE body = p;", 4, "text = bigint"),
    ],
)
def test_what_does_not_resolve_is_found_at_its_line(check: Check, body: str, line: int, named: str):
    found = check(function(body, "v bigint; v_row notes%ROWTYPE;"))
    assert [(at, code) for at, code, _ in found] == [(line, "HB01")], found
    assert named in found[0][2]


FINE = {
    "variables": """
        v := p + $1 + f.p; v = v + 1; v_row.body := 'x'; v_arr[1] := v_row.body;
        SELECT id, body INTO v, v_text FROM notes WHERE notes.id = p AND body = ANY (v_arr);
        SELECT * INTO v_row FROM notes; SELECT (v_row).n INTO v;
        FOR i IN REVERSE 10..1 BY 2 LOOP v := i; END LOOP;
        FOR v, v_text IN SELECT id, body FROM notes LOOP NULL; END LOOP;
        FOREACH v_text IN ARRAY v_arr LOOP v_arr := v_arr || v_text; END LOOP;
        GET DIAGNOSTICS v = ROW_COUNT; IF NOT FOUND THEN RETURN v; END IF;""",
    "records": """
        FOR r IN SELECT id AS anything FROM notes LOOP v := r.anything; END LOOP;
        SELECT 1 AS x INTO r; v := r.x;""",
    "dynamic SQL": """
        EXECUTE format('SELECT %I FROM absent', v_text) INTO v USING p;
        FOR r IN EXECUTE 'SELECT 1 AS one FROM ' || v_text LOOP v := r.one; END LOOP;
        EXECUTE format('CREATE TABLE %I (i int)', v_text); SELECT i INTO v FROM made_up;""",
    "what the body makes": """
        CREATE TEMP TABLE scratch ON COMMIT DROP AS SELECT 1 AS a;
        INSERT INTO scratch VALUES (2); SELECT a INTO v FROM scratch;
        CREATE TEMP SEQUENCE numbers; v := nextval('pg_temp.numbers');
        CREATE TEMPORARY TABLE notes AS SELECT 1 AS other; SELECT other INTO v FROM notes;""",
    "cursors": """
        OPEN c; FETCH c INTO v; UPDATE notes SET n = 1 WHERE CURRENT OF c; CLOSE c;
        OPEN c2(1); CLOSE c2;
        FOR r IN c2(a := 3) LOOP v := r.id; END LOOP;
        OPEN rc FOR EXECUTE 'SELECT 1'; MOVE NEXT FROM rc; CLOSE rc;""",
    "blocks": """
        <<blk>> DECLARE p text := 'shadow'; BEGIN v_text := p || blk.p; END blk;
        CASE v WHEN 1, 2 THEN NULL; ELSE NULL; END CASE;
        v := CASE WHEN p > 1 THEN 1 ELSE 2 END;
        IF (CASE WHEN p > 1 THEN true ELSE false END) THEN NULL; END IF;
        BEGIN NULL; EXCEPTION WHEN no_data_found OR SQLSTATE '22012' THEN
            RAISE NOTICE '% %', SQLERRM, SQLSTATE USING HINT = v_text, ERRCODE = '22012';
        END;
        <<l>> LOOP EXIT l WHEN v > 1; CONTINUE; END LOOP l;""",
    "statements": """
        MERGE INTO notes AS t USING others AS o ON t.id = o.id
            WHEN MATCHED THEN UPDATE SET body = o.title
            WHEN NOT MATCHED THEN INSERT (id, body) VALUES (o.id, v_text);
        INSERT INTO notes AS t (id) VALUES (p) ON CONFLICT (id) DO UPDATE SET n = excluded.n + t.n
            RETURNING t.n INTO STRICT v;
        /* ; nested /* absent */ BEGIN */ PERFORM 'it''s; $$' || E'\\\\';
        LOCK TABLE notes; SET LOCAL work_mem = '1MB';
        PERFORM pg_notify('c', to_json(v_row)::text);""",
}
DECLARED = (
    "v bigint; v_row notes%ROWTYPE; v_arr text[] := ARRAY['a']; v_text notes.body%TYPE; r record;"
    " v2 v%TYPE;"
    " c CURSOR FOR SELECT id FROM notes; c2 CURSOR (a int) FOR SELECT id FROM notes WHERE id = a;"
    " rc refcursor; k CONSTANT int NOT NULL DEFAULT 4; z ALIAS FOR p;"
)


@pytest.mark.parametrize("name", FINE)
def test_what_a_run_would_resolve_is_no_finding(check: Check, name: str):
    script = function(FINE[name].replace("$$'", "$'") + "\nRETURN v;", DECLARED)
    assert [one for one in check(script) if one[1] != "HB03"] == []


def test_a_trigger_sees_the_rows_of_its_tables(check: Check):
    script = """\
        CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_TABLE_NAME = 'notes' THEN NEW.body := upper(NEW.body); END IF;
            IF TG_OP = 'UPDATE' AND OLD.id > TG_NARGS THEN NEW.id := NEW.absent; END IF;
            RETURN COALESCE(NEW, OLD);
        END $$;
        CREATE TRIGGER t BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION t();
        CREATE TRIGGER t BEFORE UPDATE ON others FOR EACH ROW EXECUTE FUNCTION t();
        CREATE FUNCTION unused() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.x := NEW.y; RETURN NEW; END $$;
        CREATE FUNCTION s() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM body FROM new_rows; RETURN NULL; END $$;
        CREATE TRIGGER s AFTER INSERT ON notes REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION s();
    """
    wrong, unseen = check(script)
    assert wrong == (4, "HB01", 'public.t: variable "new" has no field "absent" (42703)')
    assert unseen[:2] == (9, "HB04")
    assert "no trigger calls it" in unseen[2]


def test_an_event_trigger_has_variables_of_its_own(check: Check):
    script = """\
        CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE NOTICE '% %', tg_tag, tg_event;
            PERFORM absent FROM pg_event_trigger_ddl_commands();
        END $$;
    """
    assert [one[:2] for one in check(script)] == [(4, "HB01")]


def test_other_search_paths_of_a_caller_are_thought_of(check: Check):
    script = """\
        CREATE SCHEMA app;
        CREATE TABLE app.things (i int);
        CREATE FUNCTION anywhere() RETURNS int LANGUAGE plpgsql AS $$
        BEGIN RETURN (SELECT i FROM things); END $$;
        CREATE FUNCTION there() RETURNS int LANGUAGE plpgsql SET search_path = app AS $$
        BEGIN RETURN (SELECT i FROM things); END $$;
        CREATE FUNCTION elsewhere() RETURNS int LANGUAGE plpgsql SET search_path = public AS $$
        BEGIN
            RETURN (SELECT i FROM things);
        END $$;
        CREATE FUNCTION moves() RETURNS int LANGUAGE plpgsql AS $$
        BEGIN SET LOCAL search_path = somewhere; RETURN (SELECT i FROM else_where); END $$;
    """
    assert [one[:2] for one in check(script)] == [(9, "HB01"), (11, "HB04")]


def test_a_later_migration_may_break_a_function(cluster: Cluster, tmp_path: Path):
    earlier = (
        TABLES + "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS\n$$SELECT body FROM notes$$;\n"
    )
    (one,) = findings(cluster, tmp_path, earlier, "ALTER TABLE notes RENAME body TO text;\n")
    assert (one.path.name, one.line, one.column, one.code) == ("1.sql", 5, 10, "HB02")
    assert '"body"' in one.message


def test_a_body_that_nobody_has_checked_is_compiled(check: Check):
    script = "SET check_function_bodies = off;\n" + function("v := 1 +;\nRETURN 1;", "v int;")
    found = check(script)
    assert [one[:2] for one in found] == [(5, "HB02")]
    assert "syntax error" in found[0][2]


def test_a_variable_that_hides_another_is_found(check: Check):
    found = check(function("DECLARE v int;\nBEGIN RETURN v; END;", "v int;"))
    assert [one[:2] for one in found] == [(4, "HB03")]


def test_the_last_definition_is_the_one_that_is_shown(check: Check):
    first, last = function("RETURN absent;"), function("RETURN 1;\nRETURN absent2;")
    found = check(first, last.replace("CREATE", "-- again\nCREATE OR REPLACE"))
    assert [one[:2] for one in found] == [(6, "HB01")]


@pytest.mark.parametrize("quote", ["'", "$body$"])
def test_bodies_in_other_quotes_have_their_places(cluster: Cluster, tmp_path: Path, quote: str):
    body = "\nBEGIN\n  PERFORM 'a', 'it', absent;\nEND "
    written = body.replace("'", "''") if quote == "'" else body
    script = f"CREATE PROCEDURE p() LANGUAGE plpgsql AS {quote}{written}{quote};\n"
    (one,) = findings(cluster, tmp_path, script)
    assert one.line == 3
    assert script.splitlines()[2][one.column - 1 :].startswith("absent;")


def test_functions_of_an_extension_and_bodies_of_atoms_are_not_looked_at(cluster: Cluster):
    with cluster.connect() as connection:
        connection.execute(
            "BEGIN; CREATE EXTENSION tablefunc; CREATE EXTENSION earthdistance CASCADE"
        )
        connection.execute(
            "CREATE FUNCTION atom() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END"
        )
        found = functions(connection, ["tap"])
        connection.rollback()
    assert found == []


def test_a_variable_may_be_meant_where_we_take_the_column(check: Check):
    script = function("PERFORM FROM notes WHERE id = body;\nRETURN 1;", "body bigint;")
    assert [one[:2] for one in check(script)] == [(4, "HB01")]  # the column: bigint = text
    assert check(script.replace("DECLARE", "#variable_conflict use_variable\nDECLARE")) == []


def test_all_statements_of_a_body_are_taken_apart():
    body = "BEGIN PERFORM 1; IF a THEN x := (SELECT b INTO c); END IF; RETURN QUERY SELECT 2; END"
    assert [piece.sql for piece in pieces(body, {"x": "int"})] == [
        "SELECT 1",
        "SELECT a",
        "SELECT (SELECT b INTO c)",
        "SELECT 2",
    ]


def test_plpgsql_check_is_asked_where_the_server_has_it(plpgsql_check: Cluster, tmp_path: Path):
    script = function(
        "FOR r IN SELECT id FROM notes LOOP\nv := r.absent;\nEND LOOP;", "r record; v int;"
    )
    found = findings(plpgsql_check, tmp_path, TABLES, script)
    assert [(one.line, one.code) for one in found] == [(5, "HB01")]


def test_a_function_that_plpgsql_check_does_not_look_into_is_named(cluster: Cluster):
    with cluster.connect() as connection:  # which has no library of that name to load
        connection.execute("BEGIN")
        connection.execute(
            "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'"
        )
        (known,) = functions(connection, ["tap"])
        resolver = Resolver(connection, [known])
        with pytest.raises(psycopg.Error, match="plpgsql_check"):
            list(_plpgsql_check.objections(resolver, known, []))
        assert list(resolver.compiled(known)) == []  # the transaction goes on
        connection.rollback()


def test_the_place_of_a_function_that_no_file_has_as_it_is():
    text = {Path("a.sql"): "\nCREATE FUNCTION f() RETURNS int AS :'body';\n"}
    made = Function(1, "public", "f", "plpgsql", "BEGIN END", False, "", (), (), (), frozenset())
    at = site(made, text)
    assert at is not None
    assert at.place(made.body, 5) == (2, 1)
