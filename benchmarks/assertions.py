"""What assertions cost: ours against pg_prove with the real extension, and bare SELECTs.

    python benchmarks/assertions.py [ROUNDS]

Needs a system PostgreSQL with pgTAP, and pg_prove. Both sides run on one server, the
system's, started by the harness with its own settings. Costs are marginal: the time of
a whole process on a file with N assertions minus that on a file with one, medians.
Prints milliseconds and ratios.
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

from harness.core.config import Config
from harness.pgtap.library import install_sql
from harness.postgres.cluster import Cluster, open_cluster
from harness.postgres.server import binaries

HARNESS = Path(sys.executable).with_name("harness")
REAL = "harness_bench_real"


def main() -> None:
    """Measure and print everything."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name, open_cluster(system()) as cluster:
        folder = Path(name)
        with cluster.connect() as connection:
            connection.execute(f"CREATE DATABASE {REAL} TEMPLATE template1")
        with cluster.connect(REAL) as connection:
            connection.execute("CREATE EXTENSION pgtap")
        against_pg_prove(cluster, folder, rounds)
        linear(cluster, folder, rounds)
        against_selects(cluster, folder, rounds)
        installing(cluster, rounds)


def system() -> Config:
    """A configuration for the newest system PostgreSQL that has pgTAP."""
    found = [path for pattern in binaries.DISTRIBUTIONS for path in Path("/").glob(pattern[1:])]
    for bindir in sorted(found, key=binaries.numbers, reverse=True):
        shares = [bindir.parent / "share", Path("/usr/share/postgresql") / bindir.parent.name]
        if any((share / "extension/pgtap.control").is_file() for share in shares):
            return Config(bindir=bindir)
    raise SystemExit("no system PostgreSQL with the pgTAP extension")


def script(folder: Path, count: int, statement: str = "SELECT is({0}, {0}, 'number {0}');") -> Path:
    """A file with so many assertions, or with other statements and one assertion."""
    path = folder / f"bench_{count}_{abs(hash(statement))}.sql"
    body = "\n".join(statement.format(i) for i in range(1, count + 1))
    extra = "" if " is(" in statement else "SELECT pass('x');\n"
    path.write_text(
        f"BEGIN;\nSELECT no_plan();\n{extra}{body}\nSELECT * FROM finish();\nROLLBACK;\n"
    )
    return path


def ours(cluster: Cluster, path: Path) -> list[str]:
    """Our command for a file, on the server that runs."""
    command = [str(HARNESS), "test", "--schema", "none", "--server", cluster.dsn("postgres")]
    return [*command, "--tests", str(path)]


def prove(cluster: Cluster, path: Path) -> list[str]:
    """pg_prove's command for a file."""
    where = ["-h", str(cluster.conninfo["host"]), "-p", str(cluster.conninfo["port"])]
    return ["pg_prove", *where, "-U", "postgres", "-d", REAL, str(path)]


def median(command: list[str], rounds: int) -> float:
    """Median wall-clock seconds of a whole process, which has to succeed."""
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        spent.append(time.perf_counter() - started)
        if done.returncode:
            raise SystemExit(f"{command} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return statistics.median(spent)


def against_pg_prove(cluster: Cluster, folder: Path, rounds: int) -> None:
    """Marginal cost of is() under both."""
    if shutil.which("pg_prove") is None:
        raise SystemExit("pg_prove is not installed")
    base = {side: median(side(cluster, script(folder, 1)), rounds) for side in (ours, prove)}
    print(f"one assertion: ours {base[ours] * 1e3:.0f} ms, pg_prove {base[prove] * 1e3:.0f} ms")
    for count in (5_000, 20_000):
        path = script(folder, count)
        mine = median(ours(cluster, path), rounds) - base[ours]
        theirs = median(prove(cluster, path), rounds) - base[prove]
        print(
            f"{count:>7} is(): ours {mine * 1e3:6.0f} ms, pg_prove {theirs * 1e3:6.0f} ms,"
            f" {theirs / mine:5.1f} times cheaper"
        )


def linear(cluster: Cluster, folder: Path, rounds: int) -> None:
    """Cost of one assertion as files grow."""
    base = median(ours(cluster, script(folder, 1)), rounds)
    for count in (10_000, 100_000):
        each = (median(ours(cluster, script(folder, count)), max(rounds // 2, 1)) - base) / count
        print(f"{count:>7} is(): {each * 1e6:5.1f} us each")


def against_selects(cluster: Cluster, folder: Path, rounds: int) -> None:
    """is() against as many SELECTs without it."""
    bare = "SELECT {0}, {0}, 'number {0}';"
    times = []
    for statement in ("SELECT is({0}, {0}, 'number {0}');", bare):
        small, large = (script(folder, n, statement) for n in (1, 5_000))
        spent = median(ours(cluster, large), rounds) - median(ours(cluster, small), rounds)
        times.append(spent)
    print(f"   5000 is() / 5000 bare SELECTs: {times[0] / times[1]:.2f}")


def installing(cluster: Cluster, rounds: int) -> None:
    """The library into a fresh database."""
    spent = []
    for number in range(rounds):
        name = f"harness_bench_{number}"
        with cluster.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template1")
        with cluster.connect(name) as connection:
            started = time.perf_counter()
            connection.execute(install_sql().encode())
            spent.append(time.perf_counter() - started)
    print(f"installing the library: {statistics.median(spent) * 1e3:.0f} ms")


if __name__ == "__main__":
    for name in ("PGOPTIONS", "PYTHONDONTWRITEBYTECODE"):  # Python as it comes: with its caches
        os.environ.pop(name, None)
    main()
