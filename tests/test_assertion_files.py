"""tests/assertions/*.sql: every assertion passing and failing, with its exact diagnostics.

Each file runs under our library on every version of PostgreSQL, and, where the machine has
it, under the real pgTAP, so that what the file wants is what pgTAP
does. Files about what the real one lacks (its Debian package is 1.2) run under ours only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest

from harness.core.config import Config
from harness.instance import Instance
from harness.postgres.cluster import Cluster
from harness.reports.failure_text import of_file
from harness.sqltests.runner import Runner, runner_of
from tests.support.versions import OLDER

FILES = sorted((Path(__file__).parent / "assertions").glob("*.sql"))
BOTH = [path for path in FILES if not path.stem.endswith(("_13", "_beyond"))]


def by_stem(path: Path) -> str:
    return path.stem


def runner(cluster: Cluster, pgtap: str) -> Iterator[Runner]:
    instance = Instance(Config(pgtap=pgtap, pgtap_schema="tap"), cluster, None)
    yield runner_of(instance)
    instance.close()


@pytest.fixture(scope="module")
def ours(cluster: Cluster) -> Iterator[Runner]:
    yield from runner(cluster, "builtin")


@pytest.fixture(scope="module")
def ours_on_older_servers(servers: Callable[[int], Cluster]) -> Iterator[Callable[[int], Runner]]:
    with ExitStack() as stack:
        opened = contextmanager(runner)
        yield cache(lambda major: stack.enter_context(opened(servers(major), "builtin")))


@pytest.fixture(scope="module")
def theirs(oracle: Cluster) -> Iterator[Runner]:
    instance = Instance(Config(pgtap="extension", pgtap_schema="public"), oracle, None)
    yield runner_of(instance)
    instance.close()


def passes(runner: Runner, path: Path) -> None:
    file = runner.run(path)
    assert file.passed, "\n" + of_file(file, path.parent)


@pytest.mark.parametrize("path", FILES, ids=by_stem)
def test_on_the_embedded_server(ours: Runner, path: Path) -> None:
    passes(ours, path)


@pytest.mark.parametrize("major", OLDER)
@pytest.mark.parametrize("path", FILES, ids=by_stem)
def test_on_older_servers(
    ours_on_older_servers: Callable[[int], Runner], major: int, path: Path
) -> None:
    passes(ours_on_older_servers(major), path)


@pytest.mark.parametrize("path", BOTH, ids=by_stem)
def test_under_the_real_extension(theirs: Runner, path: Path) -> None:
    passes(theirs, path)
