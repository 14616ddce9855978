"""Every line that the real pgTAP prints for a corpus of calls, ours prints too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.postgres.cluster import Cluster
from tests.differential import CORPUS, differences, install


@pytest.fixture(scope="module")
def pair(oracle: Cluster) -> Iterator[tuple[str, str]]:
    """DSNs of a database with the real extension and of one with ours, both in public."""
    names = ("harness_real", "harness_ours")
    with oracle.connect() as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template1")
    with oracle.connect(names[0]) as connection:
        connection.execute("CREATE EXTENSION pgtap SCHEMA public")
    install(oracle.dsn(names[1]))
    yield oracle.dsn(names[0]), oracle.dsn(names[1])
    with oracle.connect() as connection:
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.sql")), ids=lambda path: path.stem)
def test_ours_prints_what_pgtap_prints(pair: tuple[str, str], path: Path) -> None:
    assert "\n".join(differences(*pair, path)) == ""


def test_a_difference_is_seen(pair: tuple[str, str], tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.sql"
    corpus.write_text(
        "SELECT no_plan();\nSELECT diag(version_of_this());\nSELECT pgtap_version();\n"
    )
    assert len(differences(*pair, corpus)) == 1


def test_the_real_extension_is_the_oracle(pair: tuple[str, str]) -> None:
    query = "SELECT count(*) FROM pg_extension WHERE extname = 'pgtap'"
    found = []
    for dsn in pair:
        with psycopg.connect(dsn) as connection:
            found.append(connection.execute(query).fetchone())
    assert found == [(1,), (0,)]
