"""What files cost: ours against pg_prove -j 2 and pytest-pgtap with the real extension.

    python benchmarks/files.py [ROUNDS]
    python benchmarks/files.py --tables NUMBER [ROUNDS]

With ``--tables``: 32 files on a schema of so many tables, each of which refers to the one before.
Every file writes to two of them and rolls back, every eighth by a function with dynamic SQL.

Needs a system PostgreSQL with pgTAP, pg_prove, and pytest-pgtap (in an environment of its
own: name its pytest with PYTEST_PGTAP=/path/to/pytest; it is left out where it is not
named). The peers run on a server that is up already; ours starts its own, from a warm
cache, in every run. Times are whole processes, medians, in milliseconds.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assertions import HARNESS, REAL, prove, system  # beside this file

from harness.postgres.cluster import Cluster, open_cluster

SHAPES = {"8 files of 1,000": (8, 1_000), "200 files of 5": (200, 5)}


def main() -> None:
    """Measure and print everything."""
    arguments = sys.argv[1:]
    tables = int(arguments.pop(1)) if arguments[:1] == ["--tables"] else 0
    rounds = int(arguments[-1]) if arguments[tables > 0 :] else 5
    if tables:
        isolated(tables, rounds)
        return
    with tempfile.TemporaryDirectory() as name, running() as cluster:
        for title, (files, count) in SHAPES.items():
            folder, single = (suite(Path(name), files, n) for n in (count, 1))
            print(title)
            for peer, command in peers(cluster).items():
                compare(peer, command, folder, single, rounds)
        memory(Path(name))


@contextmanager
def running() -> Iterator[Cluster]:
    """The system's server with a database that has the real extension."""
    with open_cluster(system()) as cluster:
        with cluster.connect() as connection:
            connection.execute(f"CREATE DATABASE {REAL} TEMPLATE template1")
        with cluster.connect(REAL) as connection:
            connection.execute("CREATE EXTENSION pgtap")
        yield cluster


def suite(parent: Path, files: int, count: int) -> Path:
    """A directory of so many files with so many assertions each."""
    folder = parent / f"{files}_{count}"
    folder.mkdir(exist_ok=True)
    body = "".join(f"SELECT is({i}, {i}, 'number {i}');\n" for i in range(count))
    text = f"BEGIN;\nSELECT plan({count});\n{body}SELECT * FROM finish();\nROLLBACK;\n"
    for number in range(files):
        (folder / f"test_{number:03}.sql").write_text(text)
    return folder


TABLE = """
CREATE TABLE t{n} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  parent_id bigint REFERENCES t{parent} (id) ON DELETE CASCADE,
  code text NOT NULL UNIQUE,
  amount numeric(10, 2) NOT NULL DEFAULT 0 CHECK (amount >= 0),
  status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'open', 'done')),
  created_at timestamptz NOT NULL DEFAULT now()
);
"""
FILL = """
CREATE FUNCTION fill(name text, number int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('INSERT INTO %I (code) SELECT i::text FROM generate_series(1, $1) AS i', name)
  USING number;
END $$;
"""
TEST = """BEGIN;
SELECT plan(5);
INSERT INTO t{n} (code) VALUES ('x'), ('y');
{write}
SELECT ok((SELECT min(id) FROM t{n}) > 0, 'numbers');
SELECT is((SELECT count(*) FROM t{n})::int, 2, 'two rows');
SELECT has_table('t{n}'::name);
SELECT col_is_pk('t{n}', 'id');
SELECT throws_ok($$INSERT INTO t{n} (code) VALUES ('x')$$, '23505');
SELECT * FROM finish();
ROLLBACK;
"""


def isolated(tables: int, rounds: int) -> None:
    """32 files on many tables: ours starts a server and has the schema made, theirs is ready.

    From the third run on the schema is stored, if it is big.
    """
    with tempfile.TemporaryDirectory() as name, running() as cluster:
        schema, folder = big(Path(name), tables)
        with cluster.connect(REAL) as connection:
            connection.execute(schema.read_bytes())
        mine = [str(HARNESS), "test", "--schema", str(schema), "--tests", str(folder)]
        lines = {
            "ours, isolated": mine,
            "ours, --one-database": [*mine, "--one-database"],
            "pg_prove -j 2": pg_prove(cluster, folder),
        }
        for title in ("first run", "second run, which stores the schema"):
            print(f"{tables} tables, 32 files, {title}: {seconds(mine) * 1e3:.0f} ms")
        times: dict[str, list[float]] = {}
        for _ in range(rounds):
            for title, line in lines.items():
                times.setdefault(title, []).append(seconds(line))
        for title, spent in times.items():
            print(f"{tables} tables, 32 files, {title}: {statistics.median(spent) * 1e3:.0f} ms")


def big(parent: Path, tables: int) -> tuple[Path, Path]:
    """A schema of so many tables and a directory of 32 files that write to them."""
    folder, schema = parent / "tests", parent / "schema.sql"
    folder.mkdir()
    texts = [TABLE.format(n=n, parent=max(n - 1, 0)) for n in range(tables)]
    schema.write_text("".join([*texts, FILL]))
    for number in range(32):
        n = number * (tables - 2) // 32
        parent = f"(SELECT min(id) FROM t{n})"
        rows = f"SELECT {parent}, i FROM generate_series(1, 10) AS i"
        write = f"INSERT INTO t{n + 1} (parent_id, code) {rows};"
        if number % 8 == 3:
            write = f"SELECT fill('t{n + 1}', 1000);"
        (folder / f"test_{number:02}.sql").write_text(TEST.format(n=n, write=write))
    return schema, folder


def ours(folder: Path) -> list[str]:
    """Our command, with a server of its own."""
    return [str(HARNESS), "test", "--schema", "none", "--tests", str(folder)]


def peers(cluster: Cluster) -> dict[str, object]:
    """Name -> function of a folder that gives the peer's command."""
    found: dict[str, object] = {"pg_prove -j 2": lambda folder: pg_prove(cluster, folder)}
    if program := os.environ.get("PYTEST_PGTAP"):
        uri = f"postgresql://postgres@/{REAL}?host={cluster.conninfo['host']}"
        found["pytest-pgtap"] = lambda folder: [program, "-q", f"--pgtap-uri={uri}", str(folder)]
    return found


def pg_prove(cluster: Cluster, folder: Path) -> list[str]:
    """pg_prove's command for a folder."""
    return [
        *prove(cluster, folder)[:-1],
        "-j",
        "2",
        *map(str, sorted(folder.glob("*.sql"))),
    ]


def compare(peer: str, command, folder: Path, single: Path, rounds: int) -> None:  # type: ignore[no-untyped-def]
    """Both sides in turns, so that what else the machine does meets both."""
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for key, line in (
            ("mine", ours(folder)),
            ("theirs", command(folder)),
            ("mine, one", ours(single)),
            ("theirs, one", command(single)),
        ):
            times.setdefault(key, []).append(seconds(line))
    mine, theirs, mine_one, theirs_one = (statistics.median(t) * 1e3 for t in times.values())
    print(f"  ours {mine:5.0f} ms, {peer} {theirs:5.0f} ms: {theirs / mine:.1f} times faster")
    if mine - mine_one > mine / 10:  # else the difference is noise
        added, theirs_added = mine - mine_one, theirs - theirs_one
        print(
            f"  above one assertion a file: {added:.0f} and {theirs_added:.0f} ms,"
            f" {theirs_added / added:.1f} times cheaper"
        )


def seconds(command: Sequence[str]) -> float:
    """Wall-clock seconds of a whole process, which has to succeed."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - started


def memory(parent: Path) -> None:
    """Memory that a file of 100,000 assertions adds to one of one."""
    peaks = []
    for count in (1, 100_000):
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            command = ours(suite(parent, 1, count))
            os.execv(command[0], command)
        _, status, used = os.wait4(child, 0)
        if status:
            raise SystemExit("a run for the memory it takes failed")
        peaks.append(used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2))
    print(f"a file of 100,000 assertions adds {peaks[1] - peaks[0]:.0f} MB to {peaks[0]:.0f} MB")


if __name__ == "__main__":
    for name in ("PGOPTIONS", "PYTHONDONTWRITEBYTECODE"):  # Python as it comes: with its caches
        os.environ.pop(name, None)
    main()
