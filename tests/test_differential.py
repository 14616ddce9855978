"""Every line that the real pgTAP prints for a corpus of calls, ours prints too.

The real one is what the machine has, 1.2.0 mostly; where 1.3.5 is known to print something else,
that is what ours is held against.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.postgres.cluster import Cluster
from tests import pgtap_1_3
from tests.differential import CORPUS, differences, install, outcome, same
from tests.pgtap_1_3 import unnumbered


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


@pytest.fixture(scope="module")
def database(oracle: Cluster) -> Iterator[psycopg.Connection]:
    """Our library, with the objects that the observed calls of 1.3.5 are about.

    In a database of its own: the transaction stays open, and a corpus would wait for its names.
    """
    with oracle.connect() as maintenance:
        maintenance.execute("CREATE DATABASE harness_observed TEMPLATE template1")
    install(dsn := oracle.dsn("harness_observed"))
    with psycopg.connect(dsn) as connection, connection.transaction(force_rollback=True):
        connection.execute(pgtap_1_3.SETUP.read_bytes())
        connection.execute("SELECT no_plan()")
        yield connection
    with oracle.connect() as maintenance:
        maintenance.execute("DROP DATABASE harness_observed WITH (FORCE)")


@pytest.mark.parametrize("call", pgtap_1_3.calls(), ids=lambda call: call.statement)
def test_ours_prints_what_pgtap_1_3_prints(
    database: psycopg.Connection, call: pgtap_1_3.Observed
) -> None:
    ours = unnumbered(outcome(database, call.statement))
    if call.newer.startswith("ERROR 42601"):  # its own: ours fails the test and goes on
        assert ours.startswith("not ok")
    else:
        assert same(call.newer, ours), ours


def test_the_older_version_is_not_what_ours_is_held_against() -> None:
    answers = [("SELECT col_type_is('plain', 'id', 'int4')", "ok 1")]
    assert pgtap_1_3.newer("tables_types.sql", answers) == answers  # it is not what 1.2.0 prints
    observed = pgtap_1_3.corpus("tables_types.sql")
    answers = [(o.statement, o.older.replace("N", "7")) for o in observed]
    assert [text for _, text in pgtap_1_3.newer("tables_types.sql", answers)] == [
        o.newer for o in observed
    ]


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
