"""What linting a long history costs: 540 files of 60 lines, then the same again.

    python benchmarks/lint.py [NUMBER]

Every file makes a table with keys, an index, a comment and a view, a trigger function of PL/pgSQL,
an SQL function, and has a DO block. ``cold`` has an empty memory, ``unchanged`` is a second run of
``harness lint`` over the same files; both are whole processes, the server's included.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HARNESS = Path(sys.executable).with_name("harness")

FILE = """\
CREATE TABLE account_{n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id bigint REFERENCES account_{parent} (id) ON DELETE CASCADE,
    email text NOT NULL UNIQUE,
    status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'open', 'done')),
    balance numeric(12, 2) NOT NULL DEFAULT 0 CHECK (balance >= 0),
    settings jsonb NOT NULL DEFAULT '{{}}'::jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX account_{n}_parent_idx ON account_{n} (parent_id);
COMMENT ON TABLE account_{n} IS 'accounts of the department {n}';

CREATE FUNCTION account_{n}_touch() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
BEGIN
    SELECT sum(a.balance) INTO total FROM account_{n} AS a WHERE a.parent_id = NEW.parent_id;
    IF total > 1000000 THEN
        RAISE EXCEPTION 'too much: %', total;
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

CREATE TRIGGER account_{n}_touch
BEFORE UPDATE ON account_{n}
FOR EACH ROW EXECUTE FUNCTION account_{n}_touch();

CREATE FUNCTION account_{n}_total(of_parent bigint) RETURNS numeric
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(a.balance), 0)
    FROM account_{n} AS a
    WHERE a.parent_id = of_parent
$$;

CREATE VIEW account_{n}_open AS
SELECT
    a.id,
    a.email,
    a.balance,
    coalesce(p.email, 'nobody') AS parent
FROM account_{n} AS a
LEFT JOIN account_{parent} AS p ON a.parent_id = p.id
WHERE a.status = 'open';

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN
        RAISE NOTICE 'there is no reader';
    END IF;
    PERFORM count(*) FROM account_{n};
END;
$$;
ALTER TABLE account_{n} ADD CONSTRAINT account_{n}_email CHECK (email LIKE '%@%');
"""


def main() -> None:
    """Measure and print both."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 540
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)  # the server's account reads the cache in there
        migrations = Path(name, "migrations")
        migrations.mkdir()
        for n in range(number):
            text = FILE.format(n=n, parent=max(n - 1, 0))
            (migrations / f"{n:04}_account.sql").write_text(text)
        for title in ("cold", "unchanged"):
            wall, cpu = lint(Path(name))
            print(f"{number} files, {title}: {wall:.1f} s, {cpu:.1f} s of CPU")


def lint(root: Path) -> tuple[float, float]:
    """Wall-clock and CPU seconds of a whole process; findings are no failure of ours."""
    command = [str(HARNESS), "lint", "--schema", "migrations"]
    environment = {**os.environ, "HARNESS_CACHE_DIR": str(root / "cache")}
    before, started = os.times(), time.perf_counter()
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    spent, after = time.perf_counter() - started, os.times()
    if done.returncode == 2:
        raise SystemExit(f"{command} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    used = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    return spent, used


if __name__ == "__main__":
    main()
