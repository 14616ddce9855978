"""Databases that a run keeps: they outlive it, are found again, opened and dropped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from harness.cli.psql import _chosen, drop_kept, open_psql
from harness.core.config import Config
from harness.core.errors import ConfigError, ServerError
from harness.postgres.cluster import Cluster, open_cluster
from harness.postgres.cluster.kept import Kept, drop, dsn_text, keep, kept, login, record
from harness.postgres.server import supervisor
from harness.postgres.server.cache import Cache
from tests.project import BIN
from tests.support.asleep import is_running, wait_until
from tests.support.commands import shared_fork_server
from tests.support.places import short_directory

PYTHON = str(BIN / "python")
SECRET = "s3cr3t-p4ss"
FILE = "pgtap_tests/notes.sql"

KEEPER = """
import sys
from pathlib import Path
from harness.postgres.cluster import open_cluster
from harness.postgres.server.cache import Cache
from harness.postgres.cluster.kept import Kept, dsn_text, keep
from harness.core.config import Config

temp, cache, root = map(Path, sys.argv[1:4])
with open_cluster(Config(temp_dir=temp)) as cluster:
    with cluster.connect() as connection:
        connection.execute("CREATE DATABASE harness_1_2")
        connection.execute("CREATE DATABASE harness_1_3")
    with cluster.connect("harness_1_2") as connection:
        connection.execute("CREATE TABLE left_behind AS SELECT 42 AS answer")
    two = [
        Kept.of(cluster, "harness_1_2", "pgtap_tests/notes.sql", root),
        Kept.of(cluster, "harness_1_3", "pgtap_tests/other.sql", root),
    ]
    if "record" in sys.argv:
        keep(Cache(cache), cluster, two)
    print(dsn_text(two[0]), flush=True)
    if "wait" in sys.argv:
        sys.stdin.read()
"""
PSQL = """
import sys
from pathlib import Path
from harness.core.config import Config
from harness.cli.psql import _chosen, drop_kept, open_psql

root, cache, temp, schema, server, which = (text or None for text in sys.argv[1:7])
config = Config(
    root=Path(root), cache_dir=Path(cache), temp_dir=Path(temp), server=server,
    schema=Path(schema) if schema else None,
)
sys.exit(drop_kept(config) if which == "--drop" else open_psql(config, which))
"""


@pytest.fixture
def tmp() -> Iterator[Path]:
    """A directory with a short path for servers; none is left running in it."""
    with short_directory() as folder:
        yield folder
        for marker in folder.glob(f"*/{supervisor.MARKER}"):
            marker.unlink()
        wait_until(lambda: not list(folder.iterdir()))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """A cache for records alone: data directories come from the one of all tests."""
    return Cache(tmp_path / "cache")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "project"


@pytest.fixture(scope="module")
def whole_cache() -> Iterator[Path]:
    """A cache for records and servers."""
    with short_directory() as folder:
        yield folder / "cache"


@pytest.fixture
def config(tmp: Path, whole_cache: Path, root: Path) -> Config:
    return Config(root=root, cache_dir=whole_cache, temp_dir=tmp)


@pytest.fixture
def strict(tmp: Path) -> Iterator[str]:
    """The URL of a server that asks for a password, with it."""
    with open_cluster(Config(temp_dir=tmp)) as cluster, cluster.connect() as connection:
        connection.execute(f"CREATE ROLE owner SUPERUSER LOGIN PASSWORD '{SECRET}'")
        folder = cluster.conninfo["host"]
        rules = "local all postgres trust\nlocal all all scram-sha-256\n"
        Path(folder, "data/pg_hba.conf").write_text(rules)
        connection.execute("SELECT pg_reload_conf()")
        url = f"postgresql://owner:{SECRET}@{folder.replace('/', '%2F')}:5432/postgres"
        wait_until(lambda: not connects(url.replace(SECRET, "wrong")))
        yield url


def connects(dsn: str) -> bool:
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError:
        return False
    return True


def run_keeper(tmp: Path, cache: Path, root: Path, *how: str) -> str:
    """Have another process keep a server and end; the DSN that it printed."""
    command = [PYTHON, "-c", KEEPER, str(tmp), str(cache), str(root), "record", *how]
    done = shared_fork_server().run(command, Path.cwd(), os.environ, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def run_psql(config: Config, which: str = "", stdin: str = "", path: str | None = None):
    """``harness psql`` in a process of its own."""
    places = [config.root, config.cache_dir, config.temp_dir, config.schema or ""]
    arguments = [*map(str, places), config.server or "", which]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return shared_fork_server().run(
        [PYTHON, "-c", PSQL, *arguments],
        Path.cwd(),
        environment if path is None else environment | {"PATH": path},
        timeout=60,
        stdin=f"\\set QUIET 1\n\\pset format unaligned\n\\pset tuples_only on\n{stdin}\n",
    )


def postmaster(folder: Path) -> int:
    return int((folder / "data/postmaster.pid").read_text().split()[0])


def only_folder(tmp: Path) -> Path:
    (folder,) = tmp.iterdir()
    return folder


def names(cluster: Cluster) -> set[str]:
    with cluster.connect() as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    return {name for (name,) in rows}


@contextmanager
def created(cluster: Cluster, name: str) -> Iterator[None]:
    with cluster.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def named(cluster: Cluster, root: Path, database: str = "harness_1_kept") -> Kept:
    conninfo = {"host": cluster.conninfo["host"], "port": 5432, "user": "postgres"}
    return Kept(FILE, database, conninfo, None, root)


# --- the server outlives us ----------------------------------------------------------------


def test_a_kept_server_outlives_its_process_and_ends_with_its_marker(
    tmp: Path, cache: Cache, root: Path
):
    dsn = run_keeper(tmp, cache.root, root)
    folder = only_folder(tmp)
    time.sleep(1)  # longer than the marker is looked at
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT answer FROM left_behind").fetchone() == (42,)
    pid = postmaster(folder)
    (folder / supervisor.MARKER).unlink()
    wait_until(lambda: not folder.exists())
    wait_until(lambda: not is_running(pid))


@pytest.mark.parametrize("how", [(), ("record",)], ids=["not kept", "kept"])
def test_only_what_was_kept_outlives_a_process_that_is_killed(
    tmp: Path, cache: Cache, root: Path, how: tuple[str, ...]
):
    command = [sys.executable, "-c", KEEPER, str(tmp), str(cache.root), str(root), "wait", *how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        dsn = holder.stdout.readline().decode().strip()
        pid = postmaster(only_folder(tmp))
        holder.kill()
    if how:
        time.sleep(1)
        assert connects(dsn)
    else:
        wait_until(lambda: not list(tmp.iterdir()))
        wait_until(lambda: not is_running(pid))


def test_a_marker_alone_keeps_nothing(tmp: Path):
    with open_cluster(Config(temp_dir=tmp)) as cluster:
        cluster.connect().close()
        Path(cluster.conninfo["host"], supervisor.MARKER).touch()
    assert list(tmp.iterdir()) == []


def test_whoever_reads_our_output_comes_to_its_end(tmp: Path, cache: Cache, root: Path):
    command = [sys.executable, "-c", KEEPER, str(tmp), str(cache.root), str(root), "record"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as keeper:
        output, _ = keeper.communicate(timeout=20)  # returns when everybody has closed the pipe
    assert b"harness_1_2" in output
    assert (only_folder(tmp) / supervisor.MARKER).exists()


def supervisor_of(folder: Path) -> int:
    status = Path(f"/proc/{postmaster(folder)}/status").read_text()
    return int(status.split("PPid:")[1].split()[0])


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to find the supervisor")
def test_sigterm_ends_a_kept_server_and_a_second_one_does_not_disturb(
    tmp: Path, cache: Cache, root: Path
):
    run_keeper(tmp, cache.root, root)
    folder = only_folder(tmp)
    pid, parent = postmaster(folder), supervisor_of(folder)
    deadline = time.monotonic() + 15
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.kill(parent, signal.SIGTERM)
    assert not folder.exists()
    wait_until(lambda: not is_running(pid))


def test_a_kept_server_that_ends_by_itself_leaves_no_directory(tmp: Path, cache: Cache, root: Path):
    run_keeper(tmp, cache.root, root)
    os.kill(postmaster(only_folder(tmp)), signal.SIGINT)
    wait_until(lambda: not list(tmp.iterdir()))


def test_a_kept_server_ends_after_its_time(tmp: Path, monkeypatch: pytest.MonkeyPatch):
    program = (tmp / "supervisor.py").resolve()
    text = Path(supervisor.__file__).read_text("utf-8")
    program.write_text(text.replace("KEPT_FOR = 86_400.0", "KEPT_FOR = 1.5"))
    monkeypatch.setattr(supervisor, "__file__", str(program))
    with open_cluster(Config(temp_dir=tmp)) as cluster:
        dsn = cluster.dsn()
        cluster.server.keep()  # type: ignore[union-attr]
    program.unlink()
    time.sleep(0.5)
    assert connects(dsn)
    wait_until(lambda: not list(tmp.iterdir()))


def test_a_keeper_that_lives_on_leaves_no_zombie(tmp: Path, cache: Cache, root: Path):
    with open_cluster(Config(temp_dir=tmp)) as cluster:
        cluster.connect().close()
        assert cluster.server is not None
        pid = cluster.server.supervisor.pid
        keep(cache, cluster, [Kept.of(cluster, "harness_1", FILE, root)])
    assert is_running(pid)
    (only_folder(tmp) / supervisor.MARKER).unlink()
    wait_until(lambda: not is_running(pid))


@pytest.mark.skipif(os.geteuid() != 0, reason="root's server runs under another account")
def test_a_link_of_the_servers_account_does_not_lead_root_elsewhere(tmp: Path, tmp_path: Path):
    target = tmp_path / "target"
    with open_cluster(Config(temp_dir=tmp)) as cluster:
        cluster.connect().close()
        Path(cluster.conninfo["host"], supervisor.MARKER).symlink_to(target)
        with pytest.raises(ServerError, match="cannot keep the server"):
            cluster.server.keep()  # type: ignore[union-attr]
    assert not target.exists()
    assert list(tmp.iterdir()) == []


# --- the record ----------------------------------------------------------------------------


def test_another_process_finds_what_was_kept_and_dropping_leaves_nothing(
    tmp: Path, cache: Cache, root: Path
):
    run_keeper(tmp, cache.root, root)
    run_keeper(tmp, cache.root, root)
    found = kept(cache, root)
    assert [one.database for one in found] == ["harness_1_2", "harness_1_3"] * 2
    assert {one.folder for one in found} == set(tmp.iterdir())
    assert kept(cache, root / "other") == []
    pids = [postmaster(folder) for folder in tmp.iterdir()]
    assert drop(cache, root, lambda _: pytest.fail("there is no named server")) == 4
    assert list(tmp.iterdir()) == []
    assert not any(map(is_running, pids))
    assert list(cache.root.iterdir()) == []
    assert drop(cache, root, lambda _: pytest.fail("nothing is left")) == 0


def test_a_server_that_is_gone_is_forgotten(tmp: Path, cache: Cache, root: Path):
    run_keeper(tmp, cache.root, root)
    (only_folder(tmp) / supervisor.MARKER).unlink()
    wait_until(lambda: not list(tmp.iterdir()))
    assert kept(cache, root) == []
    assert list(cache.root.iterdir()) == []


def test_a_database_that_is_gone_is_forgotten(cluster: Cluster, cache: Cache, root: Path):
    with created(cluster, "harness_1_kept"):
        record(cache, [named(cluster, root), named(cluster, root, "harness_1_gone")])
        assert [one.database for one in kept(cache, root)] == ["harness_1_kept"]
        assert "harness_1_gone" not in next(cache.root.iterdir()).read_text()


def test_a_named_server_that_is_down_is_left_out_and_not_forgotten(cache: Cache, root: Path):
    one = Kept(FILE, "harness_1", {"host": "127.0.0.1", "port": "1", "user": "me"}, None, root)
    record(cache, [one])
    assert kept(cache, root) == []

    def refused(_: Kept) -> None:
        raise ServerError("no answer")

    with pytest.raises(ServerError, match="no answer"):
        drop(cache, root, refused)
    asked: list[Kept] = []
    assert drop(cache, root, asked.append) == 1
    assert asked == [one]
    assert list(cache.root.iterdir()) == []


def test_nothing_without_the_prefix_is_ever_dropped(cluster: Cluster, cache: Cache, root: Path):
    record(cache, [named(cluster, root, "postgres")])
    with pytest.raises(ServerError, match="refusing to drop 'postgres'"):
        drop(cache, root, lambda _: pytest.fail("it was about to be dropped"))


def test_two_records_at_once_both_stay(cluster: Cluster, cache: Cache, root: Path):
    many = [named(cluster, root, f"harness_{number}") for number in range(40)]
    threads = [threading.Thread(target=record, args=(cache, [one])) for one in many]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    (path,) = cache.root.iterdir()
    assert {one["database"] for one in json.loads(path.read_text())} == {o.database for o in many}


def test_the_record_is_ours_alone_and_never_has_a_password(cache: Cache, root: Path):
    secrets = {"password": SECRET, "sslpassword": SECRET, "host": "db", "user": "me"}
    one = Kept(FILE, "harness_1", secrets, None, root)
    record(cache, [one])
    (path,) = cache.root.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert '"db"' in path.read_text()
    for text in (path.read_text(), repr(one), dsn_text(one)):
        assert SECRET not in text


@pytest.mark.parametrize("text", ["", "[", "7", '[{"other": 1}]', '[["x"]]'])
def test_a_record_that_cannot_be_read_is_none(cache: Cache, root: Path, text: str):
    record(cache, [Kept(FILE, "harness_1", {"host": "x"}, None, root)])
    next(cache.root.iterdir()).write_text(text)
    assert kept(cache, root) == []


# --- connection strings --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conninfo", "text"),
    [
        (
            {"host": "/dev/shm/x", "port": 5432, "user": "postgres", "hostaddr": ""},
            "postgresql://postgres@%2Fdev%2Fshm%2Fx:5432/harness_1",
        ),
        (
            {"host": "db", "port": 1, "user": "a@b", "dbname": "x", "sslmode": "require"},
            "postgresql://a%40b@db:1/harness_1?sslmode=require",
        ),
        ({"host": "::1", "options": "-c a=b"}, "postgresql://%3A%3A1/harness_1?options=-c%20a%3Db"),
        ({"service": "mine", "port": 5432}, "service=mine port=5432 dbname=harness_1"),
        ({"host": "a,b", "port": "1,2"}, "host=a,b port=1,2 dbname=harness_1"),
    ],
)
def test_the_dsn_for_people_says_the_same(root: Path, conninfo: dict[str, str], text: str):
    printed = dsn_text(Kept(FILE, "harness_1", conninfo, None, root))
    assert printed == text
    meant = {k: str(v) for k, v in conninfo.items() if v} | {"dbname": "harness_1"}
    assert conninfo_to_dict(printed) == meant


@pytest.mark.parametrize(
    ("server", "password"),
    [
        (f"postgresql://me:{SECRET}@db/postgres", SECRET),
        (f"host=db port=5432 user=me password={SECRET}", SECRET),
        (f"postgresql://me:{SECRET}@db:5433/postgres", None),
        (f"postgresql://me:{SECRET}@other/postgres", None),
        (f"postgresql://you:{SECRET}@db/postgres", None),
        (None, None),
    ],
)
def test_a_password_goes_to_the_server_that_it_is_for(
    root: Path, server: str | None, password: str | None
):
    one = Kept(FILE, "harness_1", {"host": "db", "port": "5432", "user": "me"}, None, root)
    assert login(one, server).get("password") == password


def test_a_server_that_is_no_url_is_refused_without_its_password(root: Path):
    one = Kept(FILE, "harness_1", {"host": "db"}, None, root)
    with pytest.raises(ConfigError, match="server") as error:
        login(one, f"postgresql://me:{SECRET}@[db/x")
    assert SECRET not in str(error.value)


# --- psql ----------------------------------------------------------------------------------


def test_psql_opens_what_was_kept_last_or_what_is_asked_for(config: Config):
    assert config.temp_dir is not None
    assert config.cache_dir is not None
    run_keeper(config.temp_dir, config.cache_dir, config.root)
    query = "SELECT current_database();"
    for which, database in {"": "1_3", "notes": "1_2", "other.sql": "1_3", "s_1_2": "1_2"}.items():
        done = run_psql(config, which, query)
        assert (done.returncode, done.stdout) == (0, f"harness_{database}\n"), done.stderr
    assert run_psql(config, "notes", "SELECT answer FROM left_behind;").stdout == "42\n"
    done = run_psql(config, "nothing_of_the_kind")
    assert done.returncode != 0
    for part in ("ConfigError", "nothing_of_the_kind", FILE, "other.sql", "harness_1_2"):
        assert part in done.stderr
    done = run_psql(config, "--drop")
    assert (done.returncode, done.stdout) == (0, "dropped 2 kept databases\n"), done.stderr
    assert list(config.temp_dir.iterdir()) == []


def test_the_exit_code_is_that_of_psql(config: Config):
    assert config.temp_dir is not None
    assert config.cache_dir is not None
    run_keeper(config.temp_dir, config.cache_dir, config.root)
    assert run_psql(config, "", "\\set ON_ERROR_STOP 1\nSELECT nonsense;").returncode == 3
    assert run_psql(config, "", "\\! kill -TERM $PPID\n").returncode == 128 + signal.SIGTERM


def test_with_nothing_kept_psql_opens_a_fresh_clone_and_leaves_nothing(
    config: Config, tmp_path: Path
):
    assert config.temp_dir is not None
    schema = tmp_path / "schema"
    schema.mkdir()
    (schema / "0001_notes.up.sql").write_text("CREATE TABLE notes (id int);\n")
    fresh = Config(**{**vars_of(config), "schema": schema})
    done = run_psql(fresh, "", "SELECT count(*) FROM notes; SELECT plan(1);")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "0\n1..1\n"
    assert "nothing kept: a fresh clone of the schema" in done.stderr
    assert list(config.temp_dir.iterdir()) == []


def vars_of(config: Config) -> dict[str, object]:
    return {name: getattr(config, name) for name in config.__slots__}


@pytest.mark.parametrize(
    ("which", "database"),
    [(None, "b"), ("notes", "a"), ("t/notes.sql", "a"), ("note", "b"), ("notes2", "b")],
)
def test_a_whole_name_goes_before_a_part_of_one(root: Path, which: str | None, database: str):
    files = {"a": "t/notes.sql", "b": "t/notes2.sql"}
    found = [Kept(file, f"harness_{one}", {}, None, root) for one, file in files.items()]
    assert _chosen(found, which).database == f"harness_{database}"


def test_a_name_where_nothing_is_kept_is_refused(config: Config):
    with pytest.raises(ConfigError, match="--keep-failed"):
        open_psql(config, "notes")


def test_without_psql_there_is_one_clear_message(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError, match="psql was found neither"):
        open_psql(Config(**{**vars_of(config), "bindir": tmp_path}))


def test_a_named_server_is_asked_with_the_password_of_server_and_nobody_sees_it(
    config: Config, strict: str
):
    assert config.temp_dir is not None
    server = Config(**{**vars_of(config), "server": strict})
    with open_cluster(server) as cluster:
        with cluster.connect() as connection:
            connection.execute("CREATE DATABASE harness_1_kept")
        cache = Cache(config.cache_dir)
        keep(cache, cluster, [Kept.of(cluster, "harness_1_kept", FILE, config.root)])
        assert SECRET not in "".join(p.read_text() for p in cache.root.glob("kept-*"))
        done = run_psql(server, "", "\\getenv pass PGPASSWORD\n\\echo :pass\nSELECT 1;")
        assert done.stdout == f"{SECRET}\n1\n", done.stderr
        assert SECRET not in done.stderr
        done = run_psql(server, "", "\\! tr '\\0' ' ' < /proc/$PPID/cmdline")
        assert "harness_1_kept" in done.stdout, done.stderr
        assert SECRET not in done.stdout
        refused = run_psql(config, "--drop")
        assert refused.returncode != 0
        assert "--server" in refused.stderr
        assert "harness_1_kept" in names(cluster)
        dropped = run_psql(server, "--drop")
        assert dropped.stdout == "dropped 1 kept database\n", dropped.stderr
        assert "harness_1_kept" not in names(cluster)
        assert SECRET not in refused.stderr + dropped.stderr


def test_dropping_on_a_named_server_leaves_the_rest_of_it(config: Config, cluster: Cluster):
    before = names(cluster)
    server = Config(**{**vars_of(config), "server": cluster.dsn()})
    with created(cluster, "harness_1_kept"), created(cluster, "harness_1_other"):
        record(Cache(config.cache_dir), [named(cluster, config.root)])
        assert drop_kept(server) == 0
        assert names(cluster) == before | {"harness_1_other"}


@contextmanager
def opened(config: Config) -> Iterator[subprocess.Popen[str]]:
    """``harness psql`` that has opened a database and waits for more."""
    places = [config.root, config.cache_dir, config.temp_dir, "", config.server or "", ""]
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", PSQL, *map(str, places)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write("\\echo here\n")
        running.stdin.flush()
        assert running.stdout.readline() == "here\n"
        yield running


def test_ctrl_c_is_psqls_own_while_it_runs(config: Config):
    assert config.temp_dir is not None
    assert config.cache_dir is not None
    run_keeper(config.temp_dir, config.cache_dir, config.root)
    with opened(config) as running:
        running.send_signal(signal.SIGINT)
        output, errors = running.communicate("\\echo still here\n", timeout=20)
    assert (running.returncode, output) == (0, "still here\n"), errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_us_ends_psql_and_a_fresh_clone_is_dropped(
    config: Config, cluster: Cluster, number: signal.Signals
):
    before = names(cluster)
    with opened(Config(**{**vars_of(config), "server": cluster.dsn()})) as running:
        assert names(cluster) > before
        running.send_signal(number)
        running.wait(20)  # with its input open: at its end psql would go by itself
        assert running.stderr is not None
        assert running.returncode == 128 + number, running.stderr.read()
    assert names(cluster) == before
