"""The guarantee: every file sees exactly the template, whatever ran before it or beside it.

Each file here would break another one, or itself on a second run, if anything of it were
left. They run in any order, several at once, and twice: the same verdicts and the same TAP.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from harness.core.config import Config
from harness.core.results import Group, Run
from harness.instance import Instance, open_instance
from harness.postgres.cluster import Cluster
from harness.sqltests import Selection, Suite
from harness.sqltests.files import AssertionFile
from harness.sqltests.runner import runner_of
from tests.support.versions import EVERY, bindir, on

SCHEMA = """
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL);
CREATE SEQUENCE numbers;
CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notes (body) VALUES ('one'); COMMIT; INSERT INTO notes (body) VALUES ('two');
END $$;
"""

FRESH = """
SELECT is((SELECT count(*) FROM notes), 0::bigint, 'no rows');
SELECT is(nextval('numbers'), 1::bigint, 'the sequence is new');
SELECT hasnt_table('leftover');
SELECT hasnt_role('passer_by');
SELECT is(current_setting('work_mem'), '4MB', 'no setting is left');
SELECT is(current_setting('app.tenant', true), NULL, 'no variable is left');
SELECT is((SELECT count(*) FROM pg_prepared_statements), 0::bigint, 'nothing is prepared');
SELECT is((SELECT count(*) FROM pg_listening_channels()), 0::bigint, 'nobody listens');
SELECT is(pg_try_advisory_lock(4711), true, 'the lock is free');
SELECT is_empty(
    'SELECT FROM pg_locks JOIN pg_database AS d ON d.oid = database
    WHERE locktype = ''advisory'' AND objid = 4712 AND datname = current_database()'
);
"""
ASSERTIONS = FRESH.count("SELECT ") - FRESH.count("(SELECT ") - FRESH.count("'SELECT ")


def rolled_back(mess: str) -> str:
    """A file that looks, makes a mess, and rolls it back."""
    begin = f"BEGIN;\nSELECT plan({ASSERTIONS});\n{FRESH}"
    return f"{begin}{mess}\nSELECT * FROM finish();\nROLLBACK;\n"


def committed(mess: str) -> str:
    """A file that looks, and makes a mess that stays."""
    return f"SELECT plan({ASSERTIONS});\n{FRESH}{mess}\nSELECT * FROM finish();\n"


FILES = {
    "burns_numbers": rolled_back(
        "SELECT nextval('numbers'), setval('numbers', 500);\n"
        "INSERT INTO notes (body) SELECT 'x' FROM generate_series(1, 3000);"
    ),
    "resets_the_counters": rolled_back(
        "INSERT INTO notes (body) VALUES ('x');\nSELECT nextval('numbers');\n"
        "SELECT pg_stat_reset();"
    ),
    "counts_nothing": rolled_back(
        "SET LOCAL track_counts = off;\nSELECT nextval('numbers');\n"
        "INSERT INTO notes (body) VALUES ('x');"
    ),
    "commits_rows": committed("INSERT INTO notes (body) VALUES ('left');"),
    "commits_definitions": committed("CREATE TABLE leftover (x int); DROP TABLE notes;"),
    "calls_a_procedure": committed("CALL fill();"),
    "prepares": rolled_back("PREPARE one AS SELECT 1;\nCREATE TEMPORARY TABLE leftover (x int);"),
    "sets": rolled_back("SET work_mem = '8MB';\nSET app.tenant = 'somebody';"),
    "sets_outside": "SET work_mem = '4MB';\n" + rolled_back("LISTEN news;"),
    "listens": committed("LISTEN news;\nSET app.tenant = 'somebody';"),
    "locks": rolled_back("SELECT pg_advisory_lock(4712);"),
    "creates_a_role": committed("CREATE ROLE passer_by; CREATE TABLE leftover (x int);"),
    "creates_the_same_role": committed("CREATE ROLE passer_by LOGIN;"),
    "rolls_a_role_back": rolled_back("CREATE ROLE passer_by;"),
    "creates_a_role_out_of_sight": committed(
        "DO $$ BEGIN EXECUTE 'CREATE' || ' ROLE ' || 'passer' || '_by'; END $$;"
    ),
    "creates_a_database": committed("CREATE DATABASE scratch;"),
    "creates_it_as_well": committed("CREATE DATABASE scratch;"),
    "builds_concurrently": committed("CREATE INDEX CONCURRENTLY ON notes (body);\nVACUUM notes;"),
    "fails_half_way": f"BEGIN;\nSELECT plan(1);\n{FRESH}SELECT nextval('numbers');\nSELECT 1/0;",
    "kills_itself": committed("SELECT pg_terminate_backend(pg_backend_pid());"),
    "asks_for_a_clone": "-- harness: isolation=clone\n" + rolled_back(""),
    "asks_for_the_server": "-- harness: isolation=server\n" + rolled_back(""),
    **{f"looks_{number}": rolled_back("") for number in range(6)},
}
FAILING = {"fails_half_way", "kills_itself"}
NOTES = {
    "creates_a_role": "removed role passer_by",
    "creates_the_same_role": "removed role passer_by",
    "creates_a_role_out_of_sight": "removed role passer_by",
    "creates_a_database": "removed database scratch",
    "creates_it_as_well": "removed database scratch",
}

SERVERS = [*EVERY, "named"]
WHOLE = [EVERY[0], EVERY[-1], "named"]
"""Where everything is tried; on the versions between them only the order that says most."""
ORDERS = [
    *(on(server, jobs, seed) for server in WHOLE for jobs in (1, 4) for seed in (1, 2)),
    *(on(server, 4, 1) for server in EVERY[1:-1]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("isolation")
    (made / "schema.sql").write_text(SCHEMA)
    for name, text in FILES.items():
        (made / f"{name}.sql").write_text(text)
    return made


@pytest.fixture(scope="module", params=SERVERS)
def instance(request: pytest.FixtureRequest, folder: Path, cluster: Cluster) -> Iterator[Instance]:
    if request.param == "named":
        config = Config(schema=folder / "schema.sql", server=cluster.dsn("postgres"))
    else:
        config = Config(schema=folder / "schema.sql", bindir=bindir(request.param))
    with open_instance(config) as opened:
        yield opened


def names_for(instance: Instance, jobs: int) -> list[str]:
    """All files, but for the one that hides from the reader of scripts what it creates.

    It runs where nothing runs beside it, and the server is ours: on another, nothing is
    removed that no script has named.
    """
    hides = jobs > 1 or not instance.cluster.ephemeral
    return [name for name in FILES if not (hides and name.endswith("out_of_sight"))]


def run(instance: Instance, folder: Path, names: list[str], jobs: int) -> dict[str, Group]:
    files = [AssertionFile.read(folder / f"{name}.sql") for name in names]
    suite = Suite.of(files, Selection())
    return {found.path.stem: found for found in suite.run(runner_of(instance), jobs)}


def as_tap(found: dict[str, Group]) -> str:
    """Everything that was said, but for times and process numbers."""
    stream = io.StringIO()
    import_module("harness.reports.tap").write(
        Run(tuple(found[name] for name in sorted(found))), stream
    )
    return re.sub(r"\d+(\.\d+)? ?m?s\b|seconds: .*", "", stream.getvalue())


Ran = Callable[[int, int], dict[str, Group]]


@pytest.fixture(scope="module")
def kept() -> dict[object, dict[str, Group]]:
    """What was found, by server, jobs and seed."""
    return {}


@pytest.fixture
def ran(instance: Instance, folder: Path, kept: dict[object, dict[str, Group]]) -> Ran:
    """``ran(jobs, seed)``: all files in an order of that seed; once for all tests.

    With the first seed all files run twice: what a file leaves would break its own second run.
    """

    def shuffled(jobs: int, seed: int) -> dict[str, Group]:
        key = (instance.cluster.version, instance.cluster.ephemeral, jobs, seed)
        if key not in kept:
            names = names_for(instance, jobs) * (2 if seed == 1 else 1)
            random.Random(seed).shuffle(names)
            kept[key] = run(instance, folder, names, jobs)
        return kept[key]

    return shuffled


@pytest.mark.parametrize(("instance", "jobs", "seed"), ORDERS, indirect=["instance"])
def test_files_that_would_break_each_other_do_not(ran: Ran, jobs: int, seed: int):
    found = ran(jobs, seed)
    failed = {name: file.failures for name, file in found.items() if not file.passed}
    assert failed.keys() == FAILING, {n: failed[n] for n in failed.keys() - FAILING}


@pytest.mark.parametrize("instance", WHOLE, indirect=True)
def test_the_same_verdicts_and_the_same_tap_in_any_order(instance: Instance, ran: Ran):
    names = names_for(instance, 4)
    orders = [ran(jobs, seed) for jobs, seed in ((1, 1), (1, 2), (4, 1), (4, 2))]
    assert len({as_tap({name: found[name] for name in names}) for found in orders}) == 1


def test_a_file_is_told_what_was_removed_after_it(instance: Instance, folder: Path, ran: Ran):
    names = names_for(instance, 1)
    whole = instance.cluster.version // 10000 in {one.values[0] for one in (EVERY[0], EVERY[-1])}
    noted = [name for name in names if name in NOTES]
    found = ran(1, 1) if whole else run(instance, folder, noted, 1)
    for name in noted:
        assert NOTES[name] in found[name].notes, (name, found[name].notes)
    with instance.cluster.connect() as connection:
        query = "SELECT FROM pg_roles WHERE rolname = 'passer_by'"
        assert connection.execute(query).fetchone() is None


@pytest.mark.parametrize(
    ("name", "isolation"),
    [
        ("looks_1", "SHARED"),
        ("burns_numbers", "SHARED"),
        ("sets_outside", "SHARED"),
        ("commits_rows", "CLONE"),
        ("calls_a_procedure", "CLONE"),
        ("builds_concurrently", "CLONE"),
        ("asks_for_a_clone", "CLONE"),
        ("creates_a_role", "SERVER"),
        ("asks_for_the_server", "SERVER"),
        ("rolls_a_role_back", "SHARED"),
    ],
)
def test_a_script_says_how_far_apart_it_has_to_run(folder: Path, name: str, isolation: str):
    assert AssertionFile.read(folder / f"{name}.sql").isolation.name == isolation
