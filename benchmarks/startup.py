"""``harness test`` against the same tests over pytest-postgresql as it comes.

    python benchmarks/startup.py [ROUNDS]

Both run the todo schema's SQL files and Python checks as whole processes, from no server
running, with the same PostgreSQL binaries and a warm harness cache. The peer is a pytest
run with pytest-postgresql's unmodified ``postgresql_proc``: it starts its server, loads
the migrations and the assertion library into its template, and gives every test a
database cloned from it. Prints medians, the ratio, and where the harness' time goes.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HARNESS = Path(sys.executable).with_name("harness")

PEER_CONFTEST = """
import os
from pathlib import Path

import psycopg
import pytest
from pytest_postgresql import factories

ROOT = Path(os.environ["BENCH_ROOT"])


def load(**connection):
    from harness.pgtap.library import install_sql

    with psycopg.connect(**connection | {"autocommit": True}) as link:
        link.execute(install_sql().encode())
        source().apply(link)


def source():
    from harness.core.config import Config
    from harness.sources import open_source

    return open_source(Config(schema=ROOT / "sql/migrations"))


postgresql_peer = factories.postgresql_proc(
    executable=os.environ["BENCH_PG_CTL"], load=[load], unixsocketdir=os.environ["BENCH_SOCKETS"]
)
postgresql = factories.postgresql("postgresql_peer")


@pytest.fixture
def database(postgresql):
    postgresql.autocommit = True
    return postgresql


@pytest.fixture
def connect(postgresql):
    links = []

    def another(**parameters):
        links.append(psycopg.connect(postgresql.info.dsn, autocommit=True, **parameters))
        return links[-1]

    yield another
    for link in links:
        link.close()


@pytest.fixture
def empty_database(postgresql_peer):
    base = dict(
        host=postgresql_peer.host, port=postgresql_peer.port, user=postgresql_peer.user
    )
    with psycopg.connect(**base, dbname="postgres", autocommit=True) as link:
        link.execute("CREATE DATABASE bench_empty")
        with psycopg.connect(**base, dbname="bench_empty", autocommit=True) as empty:
            yield empty
        link.execute("DROP DATABASE bench_empty")


@pytest.fixture
def schema_source():
    return source()


@pytest.fixture
def snapshot():
    from harness.postgres.snapshot import Catalog

    return lambda connection: Catalog.of(connection, ("tap",))


"""

PEER_TESTS = """
import os
from pathlib import Path

import pytest

FILES = sorted(Path(os.environ["BENCH_ROOT"], "pgtap_tests").glob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_sql_file(postgresql, path):
    import subprocess

    info = postgresql.info
    done = subprocess.run(
        ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", str(path), "-d",
         f"host={info.host} port={info.port} user={info.user} dbname={info.dbname}"],
        capture_output=True, text=True, cwd=path.parent,
        env=os.environ | {"PGOPTIONS": '-c search_path="$user",public,tap'},
    )
    assert done.returncode == 0, done.stderr
    assert "not ok" not in done.stdout, done.stdout
"""


def seconds(command: list[str], **options: object) -> tuple[float, str]:
    """Wall-clock time of a whole process, and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    spent = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return spent, done.stdout


def peer(folder: Path, bindir: Path) -> tuple[list[str], dict[str, object]]:
    """The peer's command and environment."""
    (folder / "conftest.py").write_text(PEER_CONFTEST)
    (folder / "test_files.py").write_text(PEER_TESTS)
    shutil.copytree(ROOT / "sql", folder / "sql")
    (folder / "pgtap_tests").mkdir()
    for path in (ROOT / "pgtap_tests").glob("test_*.py"):
        shutil.copy(path, folder / "pgtap_tests")
    environment = os.environ | {
        "BENCH_ROOT": str(ROOT),
        "BENCH_PG_CTL": str(bindir / "pg_ctl"),
        "BENCH_SOCKETS": str(folder),
        "PATH": f"{bindir}:{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=short"]
    command += ["-p", "no:harness", "-p", "no:cacheprovider"]
    options: dict[str, object] = {"env": environment, "cwd": folder}
    return [*command, f"--basetemp={folder}/tmp", str(folder)], options


def binaries() -> Path:
    """The programs that both sides use: the harness' own."""
    from harness.postgres.server.binaries import find, server_account
    from harness.postgres.server.cache import Cache

    return find(None, server_account(), Cache()).bindir


def main() -> None:
    """Run both sides, a round each in turn, and print the ratio."""
    if os.geteuid() == 0:
        raise SystemExit("run it as an ordinary user: the peer cannot start a server as root")
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    mine_too = [str(HARNESS), "test", "pgtap_tests"]  # without properties, which the peer has not
    seconds(mine_too, cwd=ROOT)  # warms the cache
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        command, options = peer(folder, binaries())
        ours, theirs = [], []
        for _ in range(rounds):
            spent, printed = seconds(mine_too, cwd=ROOT)
            ours.append(spent)
            spent, peer_printed = seconds(command, **options)
            theirs.append(spent)
    print("harness:", printed.strip().splitlines()[-1])
    print("peer:   ", peer_printed.strip().splitlines()[-1])
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(f"harness test       {mine:6.2f} s   (median of {rounds})")
    print(f"postgresql_proc    {other:6.2f} s")
    print(f"ratio              {mine / other:6.2f}")
    where_the_time_goes()


def where_the_time_goes() -> None:
    """Time of each part of a run, in one process."""
    parts = {}
    started = time.perf_counter()
    from harness.core.config_reader import load
    from harness.instance import open_instance
    from harness.sources.finding import SchemaSearch
    from harness.sqltests.runner import runner_of

    parts["import"] = time.perf_counter() - started
    started = time.perf_counter()
    with open_instance(load(ROOT, SchemaSearch)) as instance:
        parts["server"] = time.perf_counter() - started
        started = time.perf_counter()
        runner = runner_of(instance)
        parts["template"] = time.perf_counter() - started
        for path in sorted((ROOT / "pgtap_tests").glob("*.sql")):
            parts[path.name] = runner.run(path).seconds
    for part, spent in parts.items():
        print(f"  {part:<30}{spent * 1000:8.0f} ms")


if __name__ == "__main__":
    main()
