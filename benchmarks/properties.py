"""What holding every property of a schema costs, and how much of it is decided.

    python benchmarks/properties.py [SCHEMA.sql ...]

Without arguments: the schemas of the tests, one after another, and three of them together in one
database. Times are those of the campaign, on as many connections as
there are cores, from a server that is running; the schema is applied before.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from harness.core.config_reader import load
from harness.core.results import Outcome
from harness.instance import open_instance
from harness.run.properties import PropertyRun

TOGETHER = ("rental", "shop", "saas")
"""Schemas as applications have them, 55 tables with 326 columns."""
SCHEMAS = Path(__file__).parents[1] / "tests" / "data" / "schemas"


def main() -> None:
    """Measure and print everything."""
    for path in map(Path, sys.argv[1:] or sorted(SCHEMAS.glob("*.sql"))):
        measure(path)
    if not sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            together = Path(folder, "together.sql")
            texts = ((SCHEMAS / f"{name}.sql").read_text() for name in TOGETHER)
            together.write_text("\n".join(texts))
            measure(together)


def measure(path: Path) -> None:
    """One schema: its size, what was decided, why the rest was not."""
    config = load(path.parent, schema=str(path.resolve()), jobs=os.cpu_count())
    with open_instance(config) as instance:
        property_run = PropertyRun(instance)
        columns = sum(len(table.columns) for table in property_run.schema)
        started = time.perf_counter()
        decisions = [one for table in property_run.run() for one in table]
        seconds = time.perf_counter() - started
    found = Counter(one.outcome for one in decisions)
    decided = 100 * (1 - found[Outcome.UNDECIDED] / max(len(decisions), 1))
    print(
        f"{path.name}: {len(property_run.schema)} tables, {columns} columns,"
        f" {len(decisions)} properties:"
        f" {found[Outcome.PASSED]} passed, {found[Outcome.FAILED]} failed,"
        f" {found[Outcome.UNDECIDED]} undecided ({decided:.1f} % decided) in {seconds:.1f} s"
    )
    for one in decisions:
        if one.outcome is not Outcome.PASSED or one.crash:
            word = "crashed" if one.crash else one.outcome.value
            reason = (one.crash.strip().splitlines() or [""])[-1] or one.reason
            print(f"    {word:9} {one.prop.id} [{one.prop.check}]: {reason.splitlines()[0]}")


if __name__ == "__main__":
    main()
