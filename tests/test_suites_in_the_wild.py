"""Suites as people write them, for the real pgTAP: each right file has a broken twin.

The right ones all pass, the broken ones all fail: each is named in the output.
"""

from __future__ import annotations

import pytest

from tests.project import ONLY_TESTS, PYPROJECT, Project
from tests.support.versions import EVERY, bindir

pytestmark = pytest.mark.versions

SCHEMA = """
CREATE SCHEMA app;
CREATE SCHEMA extensions;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE DOMAIN app.code AS varchar(8);
CREATE TABLE app.people (
    id integer PRIMARY KEY, name varchar(20) NOT NULL, born timestamptz, mood app.mood, tags text[]
);
CREATE FUNCTION app.greet(integer, varchar) RETURNS text LANGUAGE sql AS $$ SELECT 'hi' $$;
CREATE FUNCTION public._has_type(name, name, char[]) RETURNS boolean LANGUAGE sql
AS $$ SELECT true $$;
CREATE TABLE parted (user_id int, at date NOT NULL, PRIMARY KEY (user_id, at))
    PARTITION BY RANGE (at);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE refers (
    id int PRIMARY KEY, user_id int, at date, FOREIGN KEY (user_id, at) REFERENCES parted
);
CREATE TABLE hashed (k int PRIMARY KEY) PARTITION BY HASH (k);
CREATE TABLE refers_to_none (k int REFERENCES hashed);
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
"""

MAKES = "CREATE EXTENSION IF NOT EXISTS pgtap;\n"
INSIDE = "create extension if not exists pgtap with schema extensions;\n"
PATH = "SET search_path = public, extensions;\n"


def file(body: str, before: str = "", plan: bool = True) -> str:
    planned = "SELECT plan(1);\n" if plan else ""
    return f"{before}BEGIN;\n{planned}{body}\nSELECT * FROM finish();\nROLLBACK;\n"


def inside(body: str) -> str:
    return f"BEGIN;\n{INSIDE}SELECT plan(1);\n{body}\nSELECT * FROM finish();\nROLLBACK;\n"


OBJECTS = "public', ARRAY['parted', 'parted_1', 'refers', 'hashed', 'refers_to_none"
RIGHT_AND_BROKEN: dict[str, tuple[str, str]] = {
    # Nothing of ours is listed, wherever the file has pgTAP put.
    "schemas": (
        file("SELECT schemas_are(ARRAY['app', 'extensions', 'public']);"),
        file("SELECT schemas_are(ARRAY['app', 'public']);"),
    ),
    "schemas_created": (
        file("SELECT schemas_are(ARRAY['app', 'extensions', 'public']);", MAKES),
        file("SELECT schemas_are(ARRAY['app', 'extensions', 'public', 'x']);", MAKES),
    ),
    "schemas_created_inside": (
        inside("SELECT schemas_are(ARRAY['app', 'extensions', 'public']);"),
        inside("SELECT schemas_are(ARRAY['extensions', 'public']);"),
    ),
    "functions": (
        file("SELECT functions_are('public', ARRAY['_has_type']);", MAKES),
        file("SELECT functions_are('public', ARRAY[]::name[]);", MAKES),
    ),
    "functions_of_a_path": (
        file("SELECT functions_are(ARRAY['_has_type']);", MAKES),
        file(
            "CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1';"
            "SELECT functions_are(ARRAY['_has_type']);",
            MAKES,
        ),
    ),
    "types": (
        file("SELECT types_are('public', ARRAY[]::name[]);", MAKES),
        file(
            "CREATE TYPE public.t AS (x int); SELECT types_are('public', ARRAY[]::name[]);", MAKES
        ),
    ),
    "views": (
        file("SELECT views_are('public', ARRAY[]::name[]);", MAKES),
        file("CREATE VIEW v AS SELECT 1; SELECT views_are('public', ARRAY[]::name[]);", MAKES),
    ),
    "sequences": (
        file("SELECT sequences_are(ARRAY[]::name[]);", MAKES),
        file("CREATE SEQUENCE s; SELECT sequences_are(ARRAY[]::name[]);", MAKES),
    ),
    # A name of the suite's is its own.
    "own_helper": (
        file("SELECT ok(_has_type('public', 'x', NULL), 'mine is called');"),
        file("SELECT ok(NOT _has_type('public', 'x', NULL), 'mine is called');"),
    ),
    "own_helpers_in_the_file": (
        file(
            "CREATE FUNCTION _are(name, text[], text[], text) RETURNS int LANGUAGE sql"
            " AS 'SELECT 7'; SELECT is(_are('a', NULL, NULL, 'd'), 7);"
        ),
        file(
            "CREATE FUNCTION _are(name, text[], text[], text) RETURNS int LANGUAGE sql"
            " AS 'SELECT 7'; SELECT is(_are('a', NULL, NULL, 'd'), 8);"
        ),
    ),
    "own_helpers_after_the_extension": (
        file(
            "CREATE FUNCTION _query(varchar) RETURNS text LANGUAGE sql AS 'SELECT $1';"
            " SELECT is(_query('x'), 'x');",
            MAKES,
        ),
        file(
            "CREATE FUNCTION _query(varchar) RETURNS text LANGUAGE sql AS 'SELECT $1';"
            " SELECT is(_query('x'), 'y');",
            MAKES,
        ),
    ),
    # Every role may call all of it.
    "as_a_role": (
        inside(
            "GRANT USAGE ON SCHEMA extensions TO pg_monitor; SET LOCAL ROLE pg_monitor;"
            "SELECT throws_ok('SELECT 1/0', '22012');"
        ),
        inside(
            "GRANT USAGE ON SCHEMA extensions TO pg_monitor; SET LOCAL ROLE pg_monitor;"
            "SELECT throws_ok('SELECT 1/1', '22012');"
        ),
    ),
    "as_a_role_in_public": (
        file("SET LOCAL ROLE pg_monitor; SELECT set_eq('SELECT 1, 2', 'VALUES (1, 2)');", MAKES),
        file("SET LOCAL ROLE pg_monitor; SELECT set_eq('SELECT 1, 2', 'VALUES (1, 3)');", MAKES),
    ),
    "a_function_of_the_schema_stays_revoked": (
        file(
            "CREATE FUNCTION hidden() RETURNS int LANGUAGE sql AS 'SELECT 1'; SET LOCAL ROLE"
            " pg_monitor; SELECT throws_ok('SELECT hidden()', '42501');",
            MAKES,
        ),
        file(
            "CREATE FUNCTION hidden() RETURNS int LANGUAGE sql AS 'SELECT 1'; SET LOCAL ROLE"
            " pg_monitor; SELECT lives_ok('SELECT hidden()');",
            MAKES,
        ),
    ),
    # Foreign keys to partitioned tables.
    "fk": (
        file("SELECT fk_ok('refers', ARRAY['user_id','at'], 'parted', ARRAY['user_id','at']);"),
        file("SELECT fk_ok('refers', ARRAY['user_id','at'], 'parted_1', ARRAY['user_id','at']);"),
    ),
    "fk_with_schemas": (
        file(
            "SELECT fk_ok('public', 'refers', ARRAY['user_id','at'], 'public', 'parted',"
            " ARRAY['user_id','at']);"
        ),
        file(
            "SELECT fk_ok('public', 'refers', ARRAY['user_id'], 'public', 'parted',"
            " ARRAY['user_id']);"
        ),
    ),
    "fk_without_partitions": (
        file("SELECT fk_ok('refers_to_none', 'k', 'hashed', 'k');"),
        file("SELECT fk_ok('refers_to_none', 'k', 'refers', 'id');"),
    ),
    "fk_column": (
        file("SELECT col_is_fk('refers_to_none', 'k');"),
        file("SELECT col_isnt_fk('refers_to_none', 'k');"),
    ),
    # Queries without white space, rows without names.
    "values": (
        file("SELECT results_eq('SELECT 1', 'VALUES(1)');"),
        file("SELECT results_eq('SELECT 1', 'VALUES(2)');"),
    ),
    "select": (
        file("SELECT bag_eq('(SELECT(1))', ARRAY[1]);"),
        file("SELECT bag_eq('(SELECT(2))', ARRAY[1]);"),
    ),
    "a_statement_called_values": (
        file("PREPARE values(int) AS SELECT $1 + 1; SELECT results_eq('values(1)', 'SELECT 2');"),
        file("PREPARE values(int) AS SELECT $1 + 1; SELECT results_eq('values(1)', 'SELECT 1');"),
    ),
    "unnamed": (
        file("SELECT set_eq('SELECT 1, 1 + 1, 2 * 3', 'VALUES (1, 2, 6)');"),
        file("SELECT set_eq('SELECT 1, 1 + 1, 2 * 3', 'VALUES (1, 2, 7)');"),
    ),
    "joined": (
        file(
            "SELECT bag_has('SELECT a.id, b.id FROM (VALUES (1)) a(id), (VALUES (2)) b(id)',"
            " 'VALUES (1, 2)');"
        ),
        file(
            "SELECT bag_has('SELECT a.id, b.id FROM (VALUES (1)) a(id), (VALUES (2)) b(id)',"
            " 'VALUES (2, 2)');"
        ),
    ),
    "prepared_unnamed": (
        file(
            "PREPARE two AS SELECT count(*), count(*) FROM pg_class WHERE false;"
            " SELECT set_eq('two', 'VALUES (0::bigint, 0::bigint)');"
        ),
        file(
            "PREPARE two AS SELECT count(*), count(*) FROM pg_class WHERE false;"
            " SELECT set_eq('two', 'VALUES (0::bigint, 1::bigint)');"
        ),
    ),
    # Types in any spelling.
    "column": (
        file("SELECT col_type_is('app', 'people', 'id', 'int4', 'd');"),
        file("SELECT col_type_is('app', 'people', 'id', 'int8', 'd');"),
    ),
    "column_with_a_length": (
        file("SELECT col_type_is('app', 'people', 'name', 'varchar(20)', 'd');"),
        file("SELECT col_type_is('app', 'people', 'name', 'varchar(21)', 'd');"),
    ),
    "column_of_a_type_of_a_schema": (
        file("SELECT col_type_is('app', 'people', 'born', 'pg_catalog', 'timestamptz', 'd');"),
        file("SELECT col_type_is('app', 'people', 'born', 'pg_catalog', 'timestamp', 'd');"),
    ),
    "arguments": (
        file("SELECT function_returns('app', 'greet', ARRAY['int', 'varchar'], 'text');"),
        file("SELECT function_returns('app', 'greet', ARRAY['int', 'text'], 'text');"),
    ),
    "hasnt_function": (
        file("SELECT hasnt_function('app', 'greet', ARRAY['bigint', 'varchar']);"),
        file("SELECT hasnt_function('app', 'greet', ARRAY['int', 'varchar']);"),
    ),
    "a_domain": (
        file("SELECT domain_type_is('app'::name, 'code', 'varchar');"),
        file("SELECT domain_type_isnt('app'::name, 'code', 'varchar');"),
    ),
    "a_cast": (
        file("SELECT has_cast('int', 'int8');"),
        file("SELECT hasnt_cast('int', 'int8');"),
    ),
    # pgTAP's own helpers, for who calls them.
    "label": (
        file("SELECT is(_set('x', 3) + _get('x'), 6);"),
        file("SELECT is(_get('x'), 3);"),
    ),
    "label_of_its_own": (
        file(
            "CREATE FUNCTION _get(text) RETURNS text LANGUAGE sql AS 'SELECT $1';"
            " SELECT is(_get('x'), 'x');"
        ),
        file(
            "CREATE FUNCTION _get(text) RETURNS text LANGUAGE sql AS 'SELECT $1';"
            " SELECT is(_get('x'), 'y');"
        ),
    ),
    "temporary_table": (
        file(
            "SELECT is((SELECT count(*) FROM app.people), 0::bigint, _temptable('SELECT 1 AS a',"
            " 'kept'));"
        ),
        file("SELECT is(_temptable('SELECT 1 AS a', 'kept'), 'other');"),
    ),
    "schema_owner": (
        file(
            "SELECT is(_get_schema_owner('app'), current_user, array_to_string(_table_privs(),"
            " ' '));"
        ),
        file("SELECT isnt(_get_schema_owner('app'), current_user);"),
    ),
    "owners_and_privileges": (
        file(
            "SELECT table_privs_are('app'::name, 'people', current_user, _table_privs(),"
            " _get_db_owner(current_database()) || _get_rel_owner('app'::name, 'people'::name)"
            " || _get_opclass_owner('int4_ops') || _get_index_owner('app', 'people', 'people_pkey')"
            " || _db_privs()::text || _get_table_privs(current_user, 'app.people')::text);"
        ),
        file("SELECT is(_get_table_privs('nobody', 'app.people'), '{undefined_table}');"),
    ),
    # As pgTAP tests itself: a failure is consumed, its line is written, the state set.
    "failure_that_is_tested": (
        file(
            "SELECT plan(2);\n\\echo ok 1 - fail()\nSELECT is(left(fail('x'), 6), 'not ok');",
            plan=False,
        ),
        file(
            "SELECT plan(1);\n\\echo ok\nSELECT is(left(fail('x'), 6), 'not ok') \\g /dev/null",
            plan=False,
        ),
    ),
    "failure_that_is_taken_back": (
        file(
            "SELECT plan(2);\n\\echo ok\nSELECT is(left(fail('x'), 6), 'not ok');"
            "\nUPDATE __tcache__ SET value = 0 WHERE label = 'failed';\nSELECT _set('failed', 0);",
            plan=False,
        ),
        file("SELECT plan(2);\n\\echo ok\nSELECT is(left(fail('x'), 6), 'not ok');", plan=False),
    ),
    "plan_that_is_replaced": (
        file(
            "SELECT plan(4); DELETE FROM __tcache__ WHERE label = 'plan';"
            " SELECT throws_ok('SELECT ok(true)', 'P0001') WHERE false; SELECT * FROM no_plan();"
            " SELECT pass('a'); SELECT is(ARRAY(SELECT finish()), '{1..1}');"
            " DELETE FROM __tcache__; SELECT is(plan(4), '1..4');"
            " SELECT is(value, 4, _get_note('plan')) FROM __tcache__ WHERE label = 'plan';",
            plan=False,
        ),
        file("SELECT plan(1); DELETE FROM __tcache__; SELECT pass('a');", plan=False),
    ),
    "state_that_is_read": (
        file(
            "SELECT todo('why', 3); SELECT is((SELECT array_agg(concat_ws(' ', id, label, value,"
            " note)) FROM __tcache__), '{1 plan 1 ,2 failed 0 ,4 todo 2 why}'); "
        ),
        file("SELECT is(_todo(), 'x') FROM todo('why') RIGHT JOIN (SELECT) AS _ ON true;"),
    ),
    # Plans, TODO, cursors, prepared statements.
    "no_plan": (
        file("SELECT * FROM no_plan(); SELECT pass('a'); SELECT pass('b');", plan=False),
        file("SELECT * FROM no_plan(); SELECT pass('a'); SELECT fail('b');", plan=False),
    ),
    "todo": (
        file("SELECT * FROM todo('not yet', 1); SELECT fail('later');"),
        file("SELECT * FROM todo('not yet', 0); SELECT fail('later');"),
    ),
    "todo_block": (
        file("SELECT todo_start('x'); SELECT fail('later'); SELECT todo_end();"),
        file("SELECT todo_start('x'); SELECT todo_end(); SELECT fail('later');"),
    ),
    "prepared": (
        file("PREPARE bad AS SELECT 1 / (SELECT 0); SELECT throws_ok('bad', '22012');"),
        file("PREPARE bad AS SELECT 1 / (SELECT 1); SELECT throws_ok('bad', '22012');"),
    ),
    "cursors": (
        file(
            "DECLARE have CURSOR FOR SELECT 1; DECLARE want CURSOR FOR VALUES (1);"
            " SELECT results_eq('have'::refcursor, 'want'::refcursor);"
        ),
        file(
            "DECLARE have CURSOR FOR SELECT 1; DECLARE want CURSOR FOR VALUES (2);"
            " SELECT results_eq('have'::refcursor, 'want'::refcursor);"
        ),
    ),
}


@pytest.fixture
def suite(project: Project) -> Project:
    project.write("pyproject.toml", PYPROJECT + ONLY_TESTS)
    project.write("sql/migrations/0001_notes.up.sql", SCHEMA)
    project.write("sql/migrations/0001_notes.down.sql", "DROP SCHEMA app CASCADE;")
    for path in list((project.root / "pgtap_tests").iterdir()):
        path.unlink()
    return project


@pytest.mark.parametrize("version", EVERY)
def test_right_files_pass_and_broken_ones_fail(suite: Project, version: int) -> None:
    for number, (right, broken) in enumerate(RIGHT_AND_BROKEN.values()):
        suite.write(f"pgtap_tests/{number}r.sql", right)
        suite.write(f"pgtap_tests/{number}b.sql", broken)
    done = suite.run("test", *where(version))
    assert done.returncode == 1
    lines = [line.split()[:2] for line in done.stdout.splitlines() if line[:2] in ("✓ ", "✗ ")]
    said = {path.rpartition("/")[2]: mark for mark, path in lines}
    names = list(RIGHT_AND_BROKEN)
    wrong = [name for n, name in enumerate(names) if said.get(f"{n}r.sql") != "✓"]
    wrong += [f"{name} (broken)" for n, name in enumerate(names) if said.get(f"{n}b.sql") != "✗"]
    assert not wrong, f"{wrong}\n{done.stdout}"


def where(version: int) -> list[str]:
    found = bindir(version)
    return ["--bindir", str(found)] if found else []
