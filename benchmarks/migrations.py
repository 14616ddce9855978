"""What trying a hundred migrations costs: up, down and up, catalogs compared, with rows.

    python benchmarks/migrations.py [NUMBER]

Each migration has ten statements and makes a table with a foreign key to the one before, so that
each finds a table without rows. ``catalogs`` is the first pass alone (up, down, up, the catalog
compared after each, one by one against at once), ``all`` is ``harness migrations`` without the
server's start.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from pathlib import Path

from harness.core.config_reader import load
from harness.instance import open_instance
from harness.migrations import Campaign, Limits
from harness.migrations.allowed import Allowed
from harness.migrations.schema_pass import SchemaPass
from harness.migrations.scratch_database import ScratchDatabase
from harness.migrations.step import steps_of

UP = """CREATE TABLE t{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
ALTER TABLE t{n} ADD COLUMN parent bigint{reference};
ALTER TABLE t{n} ADD COLUMN email text UNIQUE;
CREATE INDEX t{n}_name_idx ON t{n} (name);
ALTER TABLE t{n} ADD CONSTRAINT t{n}_name CHECK (name <> '');
CREATE FUNCTION f{n}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER g{n} BEFORE INSERT ON t{n} FOR EACH ROW EXECUTE FUNCTION f{n}();
CREATE VIEW v{n} AS SELECT id, name FROM t{n};
CREATE TYPE e{n} AS ENUM ('a', 'b');
COMMENT ON TABLE t{n} IS 'table {n}';
"""
DOWN = "DROP VIEW v{n};\nDROP TABLE t{n};\nDROP FUNCTION f{n}();\nDROP TYPE e{n};\n"


def main() -> None:
    """Measure and print everything."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    gc.set_threshold(50_000)  # as the command does
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), number)
        measure(Path(folder))


def write(folder: Path, number: int) -> None:
    """The migrations, as pairs of files."""
    for n in range(1, number + 1):
        reference = f" REFERENCES t{n - 1}" if n > 1 else ""
        (folder / f"{n:04}_t.up.sql").write_text(UP.format(n=n, reference=reference))
        (folder / f"{n:04}_t.down.sql").write_text(DOWN.format(n=n))


def measure(folder: Path) -> None:
    """Both figures, on a server that is running."""
    config = load(folder, schema=str(folder))
    with open_instance(config) as instance:
        assert instance.source is not None
        source, _ = instance.source, instance.empty
        started = time.perf_counter()
        parts = list(SchemaPass(ScratchDatabase(instance, source), steps_of(source)).run())
        print(f"catalogs: {len(parts)} migrations in {time.perf_counter() - started:.1f} s")
        started = time.perf_counter()
        revisions = list(Campaign(instance, source, Limits(), Allowed({})).run())
        passed = sum(revision.passed for revision in revisions)
        print(f"all: {passed} of {len(revisions)} passed in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
