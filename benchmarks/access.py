"""What ``harness access`` takes: 50 tables, 4 roles, 5 identities, at most 30 seconds.

python benchmarks/access.py
"""

from __future__ import annotations

import resource
import time

from harness.access.survey import Facts, survey
from harness.access.writing import UNDECIDED
from harness.core.config import Config
from harness.instance import preload
from harness.postgres.cluster import open_cluster
from harness.postgres.database import Database

TABLES, MOST = 50, 30.0
ROLES = ("app", "staff", "support", "auditor")
TABLE = """
CREATE TABLE t{n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner integer NOT NULL,
    parent bigint{reference},
    archived boolean NOT NULL DEFAULT false,
    body text NOT NULL DEFAULT ''
);
ALTER TABLE t{n} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON t{n} TO app, support
USING (owner = nullif(current_setting('app.user_id', true), '')::integer);
CREATE POLICY staff ON t{n} FOR SELECT TO staff USING (NOT archived);
GRANT SELECT, INSERT, UPDATE, DELETE ON t{n} TO app, support;
GRANT SELECT ON t{n} TO staff, auditor;
"""


def schema() -> str:
    """Tables in chains of five."""
    made = [f"CREATE ROLE {role};" for role in ROLES]
    for n in range(TABLES):
        reference = f" REFERENCES t{n - 1}" if n % 5 else ""
        made.append(TABLE.format(n=n, reference=reference))
    return "\n".join(made)


def measured() -> tuple[Facts, float, float]:
    """The facts, seconds and CPU seconds of this process."""
    with open_cluster(Config(), preload(Config())) as cluster:
        with cluster.connect() as maintenance:
            maintenance.execute("CREATE DATABASE harness_access_benchmark")
        database = Database(cluster, "harness_access_benchmark")
        with database.connect() as connection:
            connection.execute(schema().encode())
        began = time.monotonic()
        facts = survey(database, ["tap"])
        took = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    return facts, took, used.ru_utime + used.ru_stime


def main() -> None:
    """Print the figures; exit with 1 where it takes too long."""
    facts, took, cpu = measured()
    cells = [c for grid in facts.grids for row in grid.cells.values() for c in row.values()]
    undecided = sum(cell.answer == UNDECIDED for cell in cells)
    print(f"{len(facts.grids)} grids of {len(facts.identities)} identities, {len(cells)} cells,")
    print(f"{undecided} undecided, {facts.attempts} attempts")
    each = took / len(cells) * 1000
    print(f"{took:.1f} s, of which {cpu:.1f} s CPU are ours ({each:.2f} ms a cell)")
    raise SystemExit(took > MOST)


if __name__ == "__main__":
    main()
