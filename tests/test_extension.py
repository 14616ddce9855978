"""CREATE EXTENSION pgtap in existing files, however it is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.core.config import Config
from harness.instance import Instance
from harness.postgres.cluster import Cluster
from harness.reports.failure_text import of_file
from harness.sqltests.runner import Runner, runner_of
from tests.project import PYPROJECT, Project
from tests.support.versions import EVERY


@pytest.fixture(scope="module", params=[*EVERY, "real"])
def runner(request: pytest.FixtureRequest, servers: Callable[[int], Cluster]) -> Iterator[Runner]:
    real = request.param == "real"
    cluster: Cluster = request.getfixturevalue("oracle") if real else servers(request.param)
    pgtap = "extension" if request.param == "real" else "builtin"
    instance = Instance(Config(pgtap=pgtap), cluster, None)
    yield runner_of(instance)
    instance.close()


BODY = "SELECT plan(1);\nSELECT ok(true, 'x');\nSELECT * FROM finish();\n"
FILES = {
    "plain": f"CREATE EXTENSION pgtap;\n{BODY}",
    "if not exists": f"BEGIN;\nCREATE EXTENSION IF NOT EXISTS pgtap;\n{BODY}ROLLBACK;\n",
    "twice": f"CREATE EXTENSION pgtap;\nCREATE EXTENSION IF NOT EXISTS pgtap;\n{BODY}",
    "quoted, cascade": f'create extension "pgtap" with cascade;\n{BODY}',
    "drop": f"DROP EXTENSION IF EXISTS pgtap CASCADE;\nCREATE EXTENSION pgtap;\n{BODY}",
    "named schema": "CREATE SCHEMA extensions;\nCREATE EXTENSION pgtap WITH SCHEMA extensions;\n"
    "SET search_path TO extensions;\n"
    "SELECT extensions.plan(1);\nSELECT extensions.ok(true, 'x');\n",
    "odd schema": 'CREATE SCHEMA "My Tests";\nCREATE EXTENSION pgtap SCHEMA "My Tests";\n'
    "SET search_path = \"My Tests\";\nSELECT plan(2);\nSELECT ok(true, 'x');\n"
    "SELECT has_table('pg_catalog', 'pg_class', 'y');\n",
    "search path set afterwards": "CREATE EXTENSION IF NOT EXISTS pgtap;\nCREATE SCHEMA app;\n"
    f"SET search_path = app, public;\n{BODY}",
    "the schema of the library": "CREATE SCHEMA tap;\nCREATE EXTENSION pgtap SCHEMA tap;\n"
    "SELECT tap.plan(2);\nSELECT tap.ok(true, 'x');\n"
    "SELECT tap.schemas_are(ARRAY['public', 'tap']);\n",
    "a schema that is called so": "BEGIN;\nCREATE EXTENSION IF NOT EXISTS pgtap;\n"
    "-- theirs\ncreate schema if not exists tap authorization current_user;\n"
    "CREATE TABLE tap.beers (id int);\nCREATE FUNCTION tap.ok() RETURNS int RETURN 1;\n"
    "SELECT plan(4);\nSELECT tables_are('tap', ARRAY['beers']);\nSELECT hasnt_table('tap', 'x');\n"
    "SELECT functions_are('tap', ARRAY['ok']);\nSELECT schemas_are(ARRAY['public', 'tap']);\n"
    "ROLLBACK;\n",
    "all schemas": "BEGIN;\nSELECT plan(3);\nCREATE SCHEMA app;\n"
    "SELECT schemas_are(ARRAY['public', 'app']);\nSELECT has_schema('app');\n"
    "SELECT schemas_are(ARRAY['public', 'app'], 'again');\nSELECT * FROM finish();\nROLLBACK;\n",
    "another role": "BEGIN;\nCREATE EXTENSION IF NOT EXISTS pgtap;\nCREATE ROLE harness_nobody;\n"
    "SELECT plan(2);\nSELECT ok(true, 'before');\nSET ROLE harness_nobody;\n"
    "SELECT is(current_user::text, 'harness_nobody', 'after');\n"
    "SELECT * FROM finish();\nROLLBACK;\n",
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_existing_files_run_unchanged(runner: Runner, tmp_path: Path, text: str) -> None:
    path = tmp_path / "test.sql"
    path.write_text(text)
    file = runner.run(path)
    assert file.passed, of_file(file, tmp_path)


def test_on_the_embedded_server_it_is_an_extension(cluster: Cluster, tmp_path: Path) -> None:
    instance = Instance(Config(), cluster, None)
    path = tmp_path / "test.sql"
    path.write_text(
        "CREATE EXTENSION pgtap;\nSELECT plan(1);\nSELECT has_extension('pgtap'::name);\n"
    )
    file = runner_of(instance).run(path)
    instance.close()
    assert file.passed, of_file(file, tmp_path)


@pytest.mark.parametrize(
    "setting",
    [
        "SET search_path = app;",
        "set session SEARCH_PATH to app, public;",
        "-- first\nSET LOCAL search_path TO \"app\", 'public' ;",
        "SET search_path = '';",
        "SET search_path TO DEFAULT;",
        "SELECT set_config('search_path', 'app, public', false);",
        "SELECT pg_catalog.set_config('search_path', '', false);",
        "SELECT set_config('search_path', concat('app', ',t'), false), true;\nCOMMIT;\nBEGIN;",
        "SELECT SET_CONFIG ( 'search_path', format('%I', 'app'), true) AS path \\gset",
        "COMMIT;\nSELECT set_config('search_path', 'app', false);\nBEGIN;",
        "DO $$ BEGIN PERFORM set_config('search_path', 'app', false); END $$;",
        "DO $$ BEGIN SET LOCAL search_path = 'app'; END $$;",
    ],
)
def test_the_library_stays_reachable_whatever_path_is_set(
    cluster: Cluster, tmp_path: Path, setting: str
) -> None:
    instance = Instance(Config(), cluster, None)
    path = tmp_path / "test.sql"
    path.write_text(f"BEGIN;\nCREATE SCHEMA app;\n{setting}\n{BODY}ROLLBACK;\n")
    file = runner_of(instance).run(path)
    instance.close()
    assert file.passed, of_file(file, tmp_path)


def test_a_path_that_is_set_for_a_transaction_ends_with_it(
    cluster: Cluster, tmp_path: Path
) -> None:
    instance = Instance(Config(), cluster, None)
    path = tmp_path / "test.sql"
    path.write_text(
        "SELECT plan(3);\nCREATE SCHEMA app;\nBEGIN;\n"
        "SELECT set_config('search_path', 'app', true);\n"
        "SELECT is(current_schemas(false), '{app,tap}');\nROLLBACK;\n"
        "SELECT is(current_schemas(false), '{public,tap}');\n"
        "SELECT set_config('search_path', 'app', false);\n"
        "SELECT is(current_schemas(false), '{app,tap}');\n"
    )
    file = runner_of(instance).run(path)
    instance.close()
    assert file.passed, of_file(file, tmp_path)


def test_a_migration_may_make_the_schema_of_the_library(project: Project) -> None:
    up = "CREATE SCHEMA tap;\nCREATE EXTENSION IF NOT EXISTS pgtap SCHEMA tap;\n"
    project.write("pyproject.toml", PYPROJECT)
    project.write("sql/migrations/0000_pgtap.up.sql", up)
    project.write("sql/migrations/0000_pgtap.down.sql", "DROP EXTENSION pgtap;\nDROP SCHEMA tap;\n")
    done = project.run("migrations")
    assert done.returncode == 0, done.stdout
    test = "SELECT tap.plan(1);\nSELECT tap.has_extension('tap', 'pgtap', 'it');\n"
    project.write("pgtap_tests/tap.sql", test)
    assert project.run("test", "pgtap_tests/tap.sql").returncode == 0
