"""What mutation testing costs, and how much replay alone notices.

    python benchmarks/mutation.py [SCHEMA.sql ...]
    python benchmarks/mutation.py --generated [PART ...]

Without arguments: this repository's schema with its tests, and the schemas of the tests without.
For each: seconds of recording and of the mutants, CPU of client and server for each mutant, the
score of replay over constraint mutants, what is equivalent by rule, and what became of mutants that
change nothing.

With ``--generated``: 30 tables with about 1,600 mutants; seconds, and CPU seconds of client and
server, for each mutant and by what they are spent on. The parts: ``replay`` alone; ``files``: with
40 SQL files; ``again``: with a Python check, and the command twice with nothing changed; ``since``:
a change of one table, then of one test file; ``dask``: one and two workers of dask.distributed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.core import changes
from harness.core.config import Config
from harness.core.config_reader import load
from harness.core.results import Group
from harness.instance import Instance, open_instance
from harness.mutation.judge import Fingerprints, by_rule, without_twins
from harness.mutation.mutation_campaign import MutationCampaign
from harness.mutation.sql_files import SqlFiles
from harness.mutation.transcripts import Replayer
from harness.mutation.trial import Status, Trial, score
from harness.mutation.verdict import Score
from harness.properties.property_checker import PropertyChecker
from harness.run.mutate import MutateOptions, MutateRun
from harness.sources.finding import SchemaSearch

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "tests" / "data" / "schemas"
CONSTRAINTS = ("column", "unique", "primary key", "foreign key", "check", "exclude")
NOTHING = 150
"""Runs of a mutant that changes nothing, for each schema."""


class Silent:
    """A progress that nobody sees."""

    def begin(self, step: str) -> None:
        """Nothing."""

    def expect(self, step: str, total: int, noun: str) -> None:
        """Nothing."""

    def advance(self, step: str, done: int = 1, doing: str = "") -> None:
        """Nothing."""

    def take(self, group: Group) -> None:
        """Say what cannot be judged."""
        if not group.passed:
            print(f"    {group.path}: {group.failures[0].title}")

    def end(self, step: str, seconds: float) -> None:
        """Nothing."""


def main() -> None:
    """Measure and print everything."""
    if sys.argv[1:2] == ["--generated"]:
        generated(sys.argv[2:] or PARTS)
        return
    pooled: list[Trial] = []
    with tempfile.TemporaryDirectory() as cache:  # so that nothing is remembered
        if not sys.argv[1:]:
            pooled += measure(load(ROOT, cache_dir=cache))
        for path in map(Path, sys.argv[1:] or sorted(SCHEMAS.glob("*.sql"))):
            flags = {"schema": str(path.resolve()), "jobs": os.cpu_count(), "cache_dir": cache}
            pooled += measure(replace(load(path.parent, **flags), tests=()))
    constraints = [trial for trial in pooled if trial.mutant.kind in CONSTRAINTS]
    equivalent = sum(trial.status is Status.EQUIVALENT for trial in constraints)
    counted = sum(trial.status.counts for trial in constraints)
    print(
        f"pooled: {score(constraints) or 0:.1f} % of {counted} constraint mutants noticed by"
        f" replay, {100 * equivalent / max(1, counted + equivalent):.1f} % equivalent by rule"
    )


def measure(config: Config) -> list[Trial]:
    """One schema, and its tests where it has any; the trials of its mutants."""
    with open_instance(config) as instance:
        run = MutateRun(instance)
        declared = run.declared()
        wanted = run.mutants(declared)
        started = time.perf_counter()
        with run.campaign(declared, wanted, Silent()) as campaign:
            recorded, used = time.perf_counter() - started, _cpu()
            started = time.perf_counter()
            verdicts = list(campaign.run(wanted))
            seconds, used = time.perf_counter() - started, _cpu() - used
            false_kills = _nothing(campaign, [one.trial for one in verdicts])
    trials = without_twins(one.trial for one in verdicts)
    tried = [one for one in trials if by_rule(one.mutant) is None]
    statuses = Counter(one.status.value for one in trials)
    print(
        f"{config.schema}: {len(declared.schema)} tables, {len(wanted)} mutants; recorded in"
        f" {recorded:.1f} s, tried in {seconds:.1f} s ({1000 * seconds / max(1, len(tried)):.1f} ms"
        f" each, {1000 * used / max(1, len(tried)):.1f} ms of the client's CPU);"
        f" replay {score(trials) or 0:.1f} %; {dict(statuses)};"
        f" {false_kills} of {NOTHING} that change nothing noticed"
    )
    if config.tests:
        noticed = sum(bool(one.kills) for one in verdicts if one.trial.status.counts)
        print(f"    {noticed} noticed by the project's tests")
    for trial in trials:
        if trial.status is Status.SURVIVED:
            print(f"    survived: {trial.mutant.id}")
    return trials


TABLES = 30
_TABLE = """CREATE TABLE t{n} (
    id bigint PRIMARY KEY,
    {parent},
    code varchar(20) NOT NULL UNIQUE,
    amount integer NOT NULL CHECK (amount >= 0)
);
"""
_STRUCTURE = """SELECT has_table('t{n}');
SELECT col_not_null('t{n}', 'code');
SELECT col_has_check('t{n}', 'amount');
SELECT col_is_pk('t{n}', 'id');
"""
_BEHAVIOUR = """INSERT INTO t{n} (id, code, amount) VALUES (1, 'a', 0);
SELECT is((SELECT amount FROM t{n}), 0, 'nothing is an amount');
SELECT throws_ok($$INSERT INTO t{n} VALUES (2, NULL, 'a', 1)$$, '23505', NULL, 'codes differ');
SELECT throws_ok($$INSERT INTO t{n} VALUES (2, NULL, 'b', -1)$$, '23514', NULL, 'no debts');
SELECT throws_ok($$INSERT INTO t{n} VALUES (2, NULL, NULL, 1)$$, '23502', NULL, 'a code is needed');
"""
_CHECKS = """def test_rows(database):
    database.execute("INSERT INTO t0 (id, code, amount) VALUES (1, 'a', 0)")
    assert database.execute("SELECT id FROM t0").fetchall() == [(1,)]
"""


def _project(root: Path) -> None:
    """30 tables that refer to each other, 40 files of 12 assertions on 3 tables each."""
    tables = []
    for n in range(TABLES):
        parent = f"parent_id bigint REFERENCES t{(n - 1) // 2} (id) ON DELETE CASCADE"
        tables.append(_TABLE.format(n=n, parent=parent if n else "parent_id bigint"))
    (root / "schema.sql").write_text("".join(tables))
    tests = root / "pgtap_tests"
    tests.mkdir()
    for n in range(40):
        form = _BEHAVIOUR if n % 2 else _STRUCTURE
        body = "".join(form.format(n=(n * 3 + i) % TABLES) for i in range(3))
        text = f"BEGIN;\nSELECT plan(12);\n{body}SELECT * FROM finish();\nROLLBACK;\n"
        (tests / f"file{n}.sql").write_text(text)
    (root / "pyproject.toml").write_text('[tool.harness]\nschema = "schema.sql"\n')
    _git(root, "init", "-q")
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "all")


def _git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True)


PARTS = ("replay", "files", "again", "since", "dask")


def generated(parts: Sequence[str]) -> None:
    """What the whole costs on a schema that is made here."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _project(root)
        cold: dict[str, object] = {"jobs": os.cpu_count(), "cache_dir": str(root / ".cache")}
        if "replay" in parts:
            _once("replay", root, {**cold, "tests": []})
        if "files" in parts:
            _once("with 40 SQL files", root, cold)
        if "again" in parts:
            (root / "pgtap_tests" / "test_rows.py").write_text(_CHECKS)
            _once("with a Python check", root, cold)
            _command(root, cold)
            _command(root, cold)
        if "since" in parts:
            _changed(root, cold)
        if "dask" in parts:
            _workers(root, {**cold, "tests": []})


def _changed(root: Path, flags: dict[str, object]) -> None:
    """A change of one table, then of one test file that speaks of three."""
    schema, test = root / "schema.sql", root / "pgtap_tests" / "file1.sql"
    before = schema.read_text()
    schema.write_text(before.replace("varchar(20)", "varchar(30)", 1))
    _once("since, one table", root, {**flags, "since": "HEAD"})
    schema.write_text(before)
    changes._changes.cache_clear()  # what has changed is asked once in a process
    test.write_text(test.read_text().replace("'no debts'", "'nobody owes'"))
    _once("since, one test file", root, {**flags, "since": "HEAD"})


_SPENT_ON = (
    (PropertyChecker, "decide", "properties and probes, recorded"),
    (Replayer, "steady", "transcripts replayed without a mutant"),
    (Replayer, "_refused", "the mutants' DDL"),
    (Fingerprints, "_asked", "what the catalog says before and after"),
    (Replayer, "difference", "transcripts replayed"),
    (Replayer, "repeats", "the same on the schema once more"),
    (SqlFiles, "baseline", "SQL files without a mutant"),
    (SqlFiles, "kills", "SQL files"),
    (MutationCampaign, "_made_test", "tests for gaps, tried"),
)
"""Methods, and what they are called here; where one calls another, the outer one counts."""


class Spent:
    """CPU seconds of the client's threads and of their sessions, by what they do."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self._inside = threading.local()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what runs in the block."""
        before = [(cls, name, getattr(cls, name)) for cls, name, _ in _SPENT_ON]
        for (cls, name, called), (_, _, method) in zip(_SPENT_ON, before, strict=True):
            setattr(cls, name, self._counted(method, called))
        try:
            yield
        finally:
            for cls, name, method in before:
                setattr(cls, name, method)

    def _counted(self, method: Callable[..., Any], called: str) -> Callable[..., Any]:
        def counted(own: Any, *arguments: Any, **more: Any) -> Any:
            if getattr(self._inside, "part", ""):
                return method(own, *arguments, **more)
            self._inside.part = called
            sessions = {pid: _nanoseconds(pid) for pid in _sessions(own)}
            client = time.thread_time()
            try:
                return method(own, *arguments, **more)
            finally:
                self._inside.part = ""
                spent = self.seconds.setdefault(called, [0, 0.0, 0.0])
                spent[0] += 1
                spent[1] += time.thread_time() - client
                now = {pid: _nanoseconds(pid) for pid in _sessions(own)}
                spent[2] += sum(ns - sessions.get(pid, 0) for pid, ns in now.items()) / 1e9

        return counted

    def show(self, client: float, server: float) -> None:
        """Print it; what is not in any part is the rest."""
        for called, (times, own, theirs) in self.seconds.items():
            print(f"    {called}: {times} times, {own:.1f} s client, {theirs:.1f} s server")
            client, server = client - own, server - theirs
        print(f"    start, reading and the rest: {client:.1f} s client, {server:.1f} s server")


def _sessions(own: Any) -> list[int]:
    """The server's processes that an object of the harness has sessions with, on this thread."""
    if isinstance(own, MutationCampaign):
        own = own._sql_files()
    connection = getattr(own, "connection", None) or getattr(own, "_connection", None)
    return [] if connection is None or connection.closed else [connection.info.backend_pid]


def _nanoseconds(pid: int) -> int:
    """CPU time of a process; none of one that is gone."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    except OSError:
        return 0


def _once(what: str, root: Path, flags: dict[str, object], **options: str) -> float:
    config = load(root, SchemaSearch, **flags)
    started, used, spent = time.perf_counter(), _cpu(), Spent()
    with open_instance(config) as instance, spent.counting():
        run = MutateRun(instance, MutateOptions(**options))
        for _ in run.run(Silent()):
            pass
        seconds = time.perf_counter() - started
        server = _server_cpu(instance)
    cpu = _cpu() - used
    score = Score.of(run.verdicts)
    print(
        f"{what}: {run.total} mutants, {score.tests} noticed by tests, {score.replay} by replay of"
        f" {score.counted}; {seconds:.1f} s, CPU {cpu:.1f} s client, {server:.1f} s server",
        flush=True,
    )
    each = 1000 / max(1, run.total)
    print(f"    for each mutant: {cpu * each:.1f} ms client, {server * each:.1f} ms server")
    spent.show(cpu, server)
    return seconds


def _command(root: Path, flags: dict[str, object]) -> None:
    """The command as a user runs it: the second time, it has nothing to try."""
    command = [sys.executable, "-m", "harness.cli", "mutate", "--quiet"]
    environment = {**os.environ, "HARNESS_CACHE_DIR": str(flags["cache_dir"])}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"harness mutate: {time.perf_counter() - started:.1f} s, CPU {cpu:.1f} s", flush=True)


def _workers(root: Path, flags: dict[str, object]) -> None:
    """The same on one worker and on two; how much faster two are."""
    from distributed import LocalCluster

    took = []
    for n in (1, 2):
        options = {"n_workers": n, "threads_per_worker": 1, "dashboard_address": None}
        with LocalCluster(**options) as cluster:
            cache = {**flags, "cache_dir": str(root / f".cache{n}")}
            took.append(_once(f"{n} workers", root, cache, scheduler=cluster.scheduler_address))
    print(f"two workers: {took[0] / took[1]:.2f} x one")


def _server_cpu(instance: Instance) -> float:
    """CPU seconds of the server, its ended backends included."""
    with instance.cluster.connect() as connection:
        backend = connection.info.backend_pid
        main = _stat(backend)[1]
        living = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
        own = [stat for pid in living if (stat := _stat(pid))[1] == main]
    ticks = sum(sum(stat[11:13]) for stat in own) + sum(_stat(main)[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[int]:
    """The numbers of /proc/PID/stat behind the state; zeros for a process that is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return [0] * 20
    return [0, *(int(word) for word in text.rpartition(")")[2].split()[1:20])]


def _nothing(campaign: MutationCampaign, trials: list[Trial]) -> int:
    """How many mutants are noticed that change nothing."""
    made = [t.mutant for t in trials if t.mutant.tables]
    same = [
        replace(made[n % len(made)], ddl=("SELECT 1",), kind="function", swap=None, control=())
        for n in range(0, NOTHING * 7, 7)
    ]
    noticed = [trial for trial in campaign.replay.run(same) if trial.status.noticed]
    for trial in noticed:
        difference = trial.difference
        if difference is not None:
            print(
                f"    noticed, though nothing changed: {difference.transcript.id}: {difference.sql}"
            )
            print(f"        {difference.wanted}, then {difference.said}")
    return len(noticed)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
