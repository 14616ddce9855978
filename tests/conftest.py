"""Fixtures of the harness' own tests: real servers, no mocks."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.core.config import Config
from harness.instance import preload
from harness.postgres.cluster import Cluster, open_cluster
from tests.project import Project, notes
from tests.support import alembic_forks, bytecode, postgresql
from tests.support.commands import close_shared
from tests.support.lender import shared_lender
from tests.support.places import short_directory, use_memory
from tests.support.versions import EVERY, MISSING, OLDER, bindir, not_run_on

bytecode.write_bytecode()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The embedded PostgreSQL with the library in its base database; it never skips."""
    with open_cluster(Config(), preload(Config())) as cluster:
        yield cluster


@pytest.fixture(scope="session", autouse=True)
def alembic_in_forks() -> Iterator[None]:
    """Alembic's processes are forked; commands, and a test that wants it, start real ones."""
    with alembic_forks.forked():
        yield


@pytest.fixture(scope="session")
def server_dsn(cluster: Cluster) -> str:
    """A superuser's DSN of the embedded server."""
    return cluster.dsn("postgres")


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[int], Cluster]]:
    """``servers(16)``: a server of a version, started when first asked for; skips without one."""
    opened: dict[int, Cluster] = {}
    with ExitStack() as stack:

        def server(major: int) -> Cluster:
            if major not in opened:
                config = Config(bindir=bindir(major))
                opened[major] = stack.enter_context(open_cluster(config, preload(config)))
            return opened[major]

        yield server


@pytest.fixture(params=OLDER)
def older_cluster(request: pytest.FixtureRequest, servers: Callable[[int], Cluster]) -> Cluster:
    """A server of each version but the embedded one."""
    return servers(request.param)


@pytest.fixture(params=EVERY)
def each_cluster(
    request: pytest.FixtureRequest, cluster: Cluster, servers: Callable[[int], Cluster]
) -> Cluster:
    """A server of each version."""
    return cluster if request.param == postgresql.EMBEDDED else servers(request.param)


@pytest.fixture(scope="session")
def oracle() -> Iterator[Cluster]:
    """A system's PostgreSQL with the real pgTAP and nothing of ours; skips where there is none."""
    yield from with_extension("pgtap")


@pytest.fixture(scope="session")
def plpgsql_check() -> Iterator[Cluster]:
    """A system's PostgreSQL with the extension plpgsql_check; skips where there is none."""
    yield from with_extension("plpgsql_check")


def with_extension(name: str) -> Iterator[Cluster]:
    for path in postgresql.system():
        with open_cluster(Config(bindir=path)) as cluster:
            if has_extension(cluster, name):
                yield cluster
                return
    pytest.skip(f"{MISSING} with the extension {name}: see CONTRIBUTING.md")


def has_extension(cluster: Cluster, name: str) -> bool:
    query = "SELECT FROM pg_available_extensions WHERE name = %s"
    with cluster.connect() as connection:
        return connection.execute(query, [name]).fetchone() is not None


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return notes(tmp_path)


@pytest.fixture
def tmp() -> Iterator[Path]:
    """A temporary directory with a short path that a server's account can enter."""
    with short_directory() as folder:
        yield folder


def pytest_configure(config: pytest.Config) -> None:
    use_memory()
    config.addinivalue_line("markers", "versions: depends on PostgreSQL's version, runs on each")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    bytecode.begin_workers()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """With workers, keep the tests of a file together, and take from who has more at the end.

    What a file's tests share is then made once.
    """
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "worksteal"


def pytest_collection_finish() -> None:
    """What is there by now stays: nothing for the collector to look through with every test."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    close_shared()
    shared_lender().close()


@pytest.fixture(scope="session", autouse=True)
def signals() -> None:
    """Take signals that a run under nohup or in the background ignores, or what it starts does."""
    usual = {signal.SIGHUP: signal.SIG_DFL, signal.SIGTERM: signal.SIG_DFL}
    for number, handler in {**usual, signal.SIGINT: signal.default_int_handler}.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which servers the tests did not run on."""
    skipped = terminalreporter.stats.get("skipped", [])
    for line in not_run_on(report.longrepr for report in skipped):
        terminalreporter.write_line(line, yellow=True)
