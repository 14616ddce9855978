"""What is left, and whether the next run is right, after something was killed or had no room.

    python benchmarks/kills.py [--rounds N] [--what client,postmaster,...] [COMMAND ...]

Everything is done for each command, and a table at the end says how often, and how often it went
wrong. In each round a command runs in a small project and, after a random time, SIGKILL goes to one
of:

    client       the process of the command
    group        every process of its group, as a closed terminal or a CI job does
    postmaster   the server
    backend      one session of the server
    supervisor   the server's parent
    both         the client and the supervisor

And in as many rounds, nobody is killed, but:

    eight        eight of the command start at the same moment on a new cache
    server full  the directory of the server's data is a file system of 8 to 60 MB
    cache full   that of the cache is one of 0.1 to 80 MB, with nothing in it

Right is: no process is left within ten seconds; a command that was not killed itself ends with 2
and without a traceback, or with its verdict where it was over by then; and the same command, run
again, has the verdict of an undisturbed run and leaves its directory for temporary files empty. The
cache is new every third round, so that its entries are killed half-way, too. Of eight at once, each
has its verdict. The small file systems need root and Linux; elsewhere they are left out.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HARNESS = Path(sys.executable).with_name("harness")
KILLED = ("client", "group", "postmaster", "backend", "supervisor", "both")
EIGHT = "eight"
FULL = {"server full": ("server", 8.0, 60.0), "cache full": ("cache", 0.1, 80.0)}
"""What has no room -> the place that is small, and how many MB it has at least and at most."""
TARGETS = (*KILLED, EIGHT, *FULL)
AT_ONCE = 8
COMMANDS = {
    "lint": ["lint"],
    "apply": ["apply"],
    "test": ["test"],
    "checks": ["test", "--tests", "pgtap_tests/test_notes.py"],
    "properties": ["properties"],
    "migrations": ["migrations"],
    "access": ["access"],
    "gate": ["gate"],
    "mutate": ["mutate", "notes", "--kind", "check"],
    "diff": ["diff", "sql/migrations", "sql/migrations"],
    "snapshot": ["snapshot", "sql/migrations"],
    "scaffold": ["scaffold", "tests", "--dry-run"],
    "init": ["init", "--dry-run"],
    "baseline": ["baseline", "--update"],
}
FILES = {
    "pyproject.toml": '[tool.harness]\nschema = "sql/migrations"\n[tool.sqlfluff.core]\n'
    'dialect = "postgres"\nrules = "CP01"\n',
    "sql/migrations/0001_people.up.sql": "CREATE ROLE reader;\nCREATE TABLE people (\n"
    "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
    "    name text NOT NULL UNIQUE CHECK (name <> '')\n);\nGRANT SELECT ON people TO reader;\n",
    "sql/migrations/0001_people.down.sql": "DROP TABLE people;\nDROP ROLE reader;\n",
    "sql/migrations/0002_notes.up.sql": "CREATE TABLE notes (\n"
    "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
    "    person_id bigint NOT NULL REFERENCES people (id) ON DELETE CASCADE,\n"
    "    body text NOT NULL CHECK (length(body) < 200)\n);\n"
    "CREATE INDEX notes_person_id_idx ON notes (person_id);\n",
    "sql/migrations/0002_notes.down.sql": "DROP TABLE notes;\n",
    "pgtap_tests/notes.sql": "BEGIN;\nSELECT plan(2);\nSELECT has_table('notes');\n"
    "SELECT is((SELECT count(*) FROM notes), 0::bigint, 'no notes');\n"
    "SELECT * FROM finish();\nROLLBACK;\n",
    "pgtap_tests/writes.sql": "SELECT plan(1);\nINSERT INTO people (name) VALUES ('a');\n"
    "SELECT is((SELECT id FROM people), 1::bigint, 'the first');\nSELECT * FROM finish();\n",
    "pgtap_tests/test_notes.py": "def test_empty(database):\n"
    '    assert database.execute("SELECT count(*) FROM notes").fetchone() == (0,)\n',
}
FAULTS = ("Traceback", "an error of the harness", "internal error")
PATIENCE = 120.0
ENDED_WITHIN = 10.0


@dataclass
class Project:
    """A project with its own cache, and places for what runs make."""

    root: Path

    def __post_init__(self) -> None:
        """Write its files."""
        for name in ("project", "cache", "server", "files"):
            (self.root / name).mkdir()
        for name, text in FILES.items():
            path = self.root / "project" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def start(self, arguments: list[str]) -> subprocess.Popen[str]:
        """The command, in a group of its own."""
        places = {"HARNESS_TEMP_DIR": "server", "TMPDIR": "files", "HARNESS_CACHE_DIR": "cache"}
        environment = {name: str(self.root / place) for name, place in places.items()}
        return subprocess.Popen(
            [str(HARNESS), *arguments],
            cwd=self.root / "project",
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, arguments: list[str]) -> tuple[int, str]:
        """Exit code and output of an undisturbed run."""
        done = self.start(arguments)
        said, _ = done.communicate(timeout=PATIENCE)
        return done.returncode, said

    def forget(self) -> None:
        """A new cache."""
        shutil.rmtree(self.root / "cache")
        (self.root / "cache").mkdir()

    def processes(self) -> dict[int, str]:
        """Every process that runs in the project's places or names one of them."""
        return dict(_processes(str(self.root)))

    def left(self) -> list[str]:
        """What there is in the places for temporary files."""
        places = (self.root / "server", self.root / "files")
        return sorted(path.name for place in places for path in place.iterdir())


def _processes(root: str) -> Iterator[tuple[int, str]]:
    for path in Path("/proc").glob("[0-9]*"):
        try:
            said = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            place = str((path / "cwd").readlink())
        except OSError:
            continue
        if root in said or place.startswith(root):
            yield int(path.name), said or "zombie"


def victims(project: Project, client: int, what: str) -> list[int]:
    """Who is to be killed; nobody where it is not there yet, or no more."""
    found = project.processes()
    supervisors = [pid for pid, said in found.items() if "supervisor.py" in said]
    postmasters = [
        pid for pid, said in found.items() if "/postgres -D" in said and pid not in supervisors
    ]
    backends = [
        pid for pid, said in found.items() if said.startswith("postgres: ") and "[" not in said
    ]
    return {
        "client": [client],
        "group": [-client],
        "postmaster": postmasters,
        "backend": backends[:1],
        "supervisor": supervisors,
        "both": [client, *supervisors],
    }[what]


def verdict(code: int, said: str) -> tuple[int, str]:
    """What must be the same again: the exit code and the last line, without times."""
    lines = [line for line in said.splitlines() if line.strip()]
    return code, re.sub(r"\d+\.\d+ s|\d+ s|\d+ ms", "", lines[-1]).strip() if lines else ""


def one_round(project: Project, name: str, what: str, usual: tuple[int, str], length: float) -> str:
    """What was wrong; empty where nothing was. ``length``: seconds that the command takes."""
    if what == EIGHT:
        return at_once(project, name, usual)
    if what in FULL:
        return without_room(project, name, what, usual)
    begun = project.start(COMMANDS[name])
    time.sleep(random.uniform(0, length))
    for pid in victims(project, begun.pid, what):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)  # of less than 0: the group
    return ended(project, begun, usual) or afterwards(project, name, usual)


def ended(project: Project, begun: subprocess.Popen[str], usual: tuple[int, str]) -> str:
    """What was wrong with how a command ended that was disturbed, and with what it left running."""
    try:
        said, _ = begun.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        begun.kill()
        return f"it did not end within {PATIENCE:.0f} s"
    if any(fault in said for fault in FAULTS):
        return f"a fault: {said[-3000:]}"
    if begun.returncode not in (2, -signal.SIGKILL) and verdict(begun.returncode, said) != usual:
        return f"another verdict: {begun.returncode}\n{said[-3000:]}"
    if begun.returncode == 2 and not said.strip():
        return "exit code 2 without a word"
    until = time.monotonic() + ENDED_WITHIN
    while project.processes() and time.monotonic() < until:
        time.sleep(0.05)
    still = project.processes()
    for pid in still:
        os.kill(pid, signal.SIGKILL)
    return f"processes are left: {still}" if still else ""


def afterwards(project: Project, name: str, usual: tuple[int, str]) -> str:
    """What was wrong with the run after one that was disturbed."""
    again = project.run(COMMANDS[name])
    if verdict(*again) != usual:
        return f"the next run has another verdict: {again[0]}\n{again[1][-3000:]}"
    if left := project.left():
        for place in ("server", "files"):
            shutil.rmtree(project.root / place)
            (project.root / place).mkdir()
        return f"directories are left: {left}"
    return ""


def at_once(project: Project, name: str, usual: tuple[int, str]) -> str:
    """What was wrong with one of eight that started at the same moment on a new cache."""
    project.forget()
    begun = [project.start(COMMANDS[name]) for _ in range(AT_ONCE)]
    said = [one.communicate(timeout=5 * PATIENCE)[0] for one in begun]
    found = [verdict(one.returncode, text) for one, text in zip(begun, said, strict=True)]
    wrong = [text for one, text in zip(found, said, strict=True) if one != usual]
    if wrong:
        return f"{len(wrong)} of {AT_ONCE} have another verdict: {wrong[0][-3000:]}"
    left = project.left()
    return f"directories are left: {left}" if left else ""


def without_room(project: Project, name: str, what: str, usual: tuple[int, str]) -> str:
    """What was wrong where one of the command's places is a small file system."""
    place, least, most = FULL[what]
    with small(project.root / place, random.uniform(least, most)):
        wrong = ended(project, project.start(COMMANDS[name]), usual)
    return wrong or afterwards(project, name, usual)


@contextmanager
def small(folder: Path, megabytes: float) -> Iterator[None]:
    """A directory as a file system of its own, which the server's account may write to, too."""
    size = f"size={round(megabytes * 1024)}k,mode={folder.stat().st_mode & 0o7777:o}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def campaign(
    project: Project, names: list[str], targets: list[str], rounds: int
) -> dict[tuple[str, str], tuple[int, int]]:
    """Every command with every target: rounds, and how many of them were wrong."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for name in names:
        project.run(COMMANDS[name])
        started = time.monotonic()
        usual = verdict(*project.run(COMMANDS[name]))
        length = 1.1 * (time.monotonic() - started)
        print(f"{name}: {usual}, {length:.1f} s", flush=True)
        for what in targets:
            wrong = 0
            for number in range(rounds):
                if number % 3 == 2:
                    project.forget()
                if said := one_round(project, name, what, usual, length):
                    wrong += 1
                    print(f"--- {name}, {what}, round {number}: {said}", flush=True)
            found[name, what] = rounds, wrong
            print(f"{name:12} {what:12} {rounds} rounds, {wrong} wrong", flush=True)
    return found


def table(found: dict[tuple[str, str], tuple[int, int]], targets: list[str]) -> str:
    """Wrong rounds of all, a line for each command and a column for each target."""
    names = list(dict.fromkeys(name for name, _ in found))
    lines = [["", *targets]]
    for name in names:
        cells = (found.get((name, what)) for what in targets)
        lines.append([name, *(f"{cell[1]} of {cell[0]}" if cell else "" for cell in cells)])
    sums = ([cell for (_, one), cell in found.items() if one == what] for what in targets)
    totals = (f"{sum(w for _, w in each)} of {sum(n for n, _ in each)}" for each in sums)
    lines.append(["all", *totals])
    return "\n".join("".join(f"{cell:<13}" for cell in line).rstrip() for line in lines)


def main() -> int:
    """Do it; 0 where all was right."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("commands", nargs="*", choices=[[], *COMMANDS])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--what", default=",".join(TARGETS))
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10_000)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what it has made goes with it
    random.seed(given.seed)
    print(f"seed {given.seed}")
    targets = [one.strip() for one in given.what.split(",")]
    if os.geteuid() != 0 or sys.platform != "linux":
        print("left out, for they need root and Linux:", *(one for one in targets if one in FULL))
        targets = [one for one in targets if one not in FULL]
    parent = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(
        prefix="kills-", dir=parent, ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        project = Project(Path(folder))
        found = campaign(project, given.commands or list(COMMANDS), targets, given.rounds)
    print(table(found, targets))
    return 1 if any(wrong for _, wrong in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
