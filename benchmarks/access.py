"""What ``harness access`` takes: 50 tables, 4 roles, 5 identities, at most 30 seconds.

    python benchmarks/access.py
    python benchmarks/access.py /a/virtual/environment/bin/rlsautotest

Two schemas, one whose policies read a setting of the application's and one of JWT claims. Cells
decided, cells that differ from the truth written here, seconds; the same of rlsautotest, if it is
named. It is installed in an environment of its own (``pip install rlsautotest``): it is no
dependency.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from typing import NamedTuple

from harness.access.survey import Facts, survey
from harness.access.writing import UNDECIDED
from harness.core.config import Config
from harness.pgtap.library import preload
from harness.postgres.cluster import open_cluster
from harness.postgres.database import Database

TABLES, MOST = 50, 30.0
COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
USERS = {
    "setting": "nullif(current_setting('app.user_id', true), '')::integer",
    "claims": "(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid",
}
"""Who a session says it is, in each schema."""
TYPES = {"setting": "integer", "claims": "uuid"}
TABLE = """
CREATE TABLE t{n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner {type} NOT NULL,
    parent bigint{reference},
    archived boolean NOT NULL DEFAULT false,
    body text NOT NULL DEFAULT ''
);
ALTER TABLE t{n} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON t{n} TO authenticated USING (owner = {user});
CREATE POLICY staff ON t{n} FOR SELECT TO staff USING (NOT archived);
GRANT SELECT, INSERT, UPDATE, DELETE ON t{n} TO authenticated, anon;
GRANT SELECT ON t{n} TO staff, auditor;
"""
ROLES = ("authenticated", "anon", "staff", "auditor")
GRID = re.compile(r"^  (\S.*?)  +([✓·–‼✗]) +([✓·–‼✗]) +([✓·–‼✗]) +([✓·–‼✗])(?: |$)", re.MULTILINE)
"""A line of rlsautotest's: identity, and what it may do with each command."""


class Figures(NamedTuple):
    """What a tool came to."""

    cells: int
    decided: int
    wrong: int
    seconds: float


def schema(kind: str) -> str:
    """Tables in chains of five."""
    made = [f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role};" for role in ROLES]
    for n in range(TABLES):
        reference = f" REFERENCES t{n - 1}" if n % 5 else ""
        made.append(TABLE.format(n=n, reference=reference, user=USERS[kind], type=TYPES[kind]))
    return "\n".join(made)


def may(role: str, command: str, is_owner: bool) -> bool:
    """Whether a role reaches a row with a command: the truth, by hand."""
    if role == "authenticated":
        return is_owner
    return role == "staff" and command == "SELECT"


def ours(facts: Facts, seconds: float) -> Figures:
    """All cells; those of the four commands are held against the truth."""
    cells, decided, wrong = 0, 0, 0
    for grid in facts.grids:
        for name, row in grid.cells.items():
            cells += len(row)
            decided += sum(cell.answer != UNDECIDED for cell in row.values())
            for command in COMMANDS:
                reached = row[command].answer not in ("none", "policy", "privilege", UNDECIDED)
                owner = name not in ("nobody", "expired") and name != "stranger"
                if name == "stranger" and command == "INSERT":
                    owner = True  # a first row of its own
                wrong += reached is not may(grid.role, command, owner)
    return Figures(cells, decided, wrong, seconds)


def rlsautotest(program: str, url: str) -> Figures:
    """The same of its report."""
    began = time.monotonic()
    done = subprocess.run(
        [program, "--schema", "public", "--report", "--no-fail", "--db-url", url],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.monotonic() - began
    cells, decided, wrong = 0, 0, 0
    for identity, *answers in GRID.findall(done.stdout):
        found = next((role for role in ROLES if role in identity), "")
        owner = found == "authenticated" and "not authorized" not in identity
        for command, answer in zip(COMMANDS, answers, strict=True):
            cells += 1
            decided += answer in "✓·✗"
            if answer in "✓·":
                wrong += (answer == "✓") is not may(found, command, owner)
    return Figures(cells, decided, wrong, seconds)


def shown(what: str, figures: Figures) -> None:
    """One line."""
    cells, decided, wrong, seconds = figures
    each = 1000 * seconds / max(1, decided)
    print(
        f"{what}: {cells} cells, {decided} decided, {wrong} wrong,"
        f" {seconds:.1f} s ({each:.1f} ms a decided cell)",
        flush=True,
    )


def main() -> None:
    """Print the figures; exit with 1 where it takes too long."""
    slowest = 0.0
    for kind in USERS:
        with open_cluster(Config(), preload(Config())) as cluster:
            with cluster.connect() as maintenance:
                maintenance.execute("CREATE DATABASE harness_access_benchmark")
            database = Database(cluster, "harness_access_benchmark")
            with database.connect() as connection:
                connection.execute(schema(kind).encode())
                info = connection.info
                url = f"postgresql://{info.user}@/{info.dbname}?host={info.host}&port={info.port}"
            if sys.argv[1:]:
                shown(f"{kind}, rlsautotest", rlsautotest(sys.argv[1], url))
            used, began = _cpu(), time.monotonic()
            facts = survey(database, ["tap"])
            took = time.monotonic() - began
            shown(f"{kind}, harness access", ours(facts, took))
            print(f"    {facts.attempts} attempts, {_cpu() - used:.1f} s of CPU are the client's")
            slowest = max(slowest, took)
    raise SystemExit(slowest > MOST)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
