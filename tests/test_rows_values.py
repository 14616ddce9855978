from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.postgres.cluster import Cluster
from harness.postgres.schema_model import Column, Schema
from harness.rowgen.values import alphabet, inner_domains, sample, values
from harness.rowgen.values.choose import array, composite
from tests.test_relations import SCHEMAS, database

# Infinities are of later versions.
MAY_BE_REFUSED = {"interval"}


def refused(connection: psycopg.Connection[Any], column: Column, texts: list[str]) -> list[str]:
    """The texts that the server does not read, or does not store, in a column of the kind."""
    connection.execute(
        sql.SQL("CREATE TEMP TABLE one (v {})").format(sql.SQL(column.type_sql))  # type: ignore[arg-type]
    )
    bad = []
    with psycopg.RawCursor(connection) as cursor:
        for text in texts:
            try:
                with connection.transaction():
                    cursor.execute("INSERT INTO one VALUES ($1)", [text], prepare=False)
            except (psycopg.DataError, psycopg.NotSupportedError):
                bad.append(text)
    connection.execute("DROP TABLE one")
    return bad


def test_the_server_reads_every_value(cluster: Cluster) -> None:
    with database(cluster, (SCHEMAS / "every_type.sql").read_text()) as connection:
        for table in Schema.read(connection):
            for column in table.columns:
                texts = sample(values(column.type, column.modifier), 30)
                # What the CHECKs of domains say is for the conditions to know.
                checked = column.domain or inner_domains(column.type)
                bad = [] if checked else refused(connection, column, texts)
                few = column.type.root.category in ("range", "multirange", "array", "composite")
                allowed = len(texts) // 2 if few or column.type.name in MAY_BE_REFUSED else 0
                allowed = len(texts) if column.type.name == "xml" else allowed
                assert len(bad) <= allowed, (column.type_sql, bad)


@pytest.mark.parametrize(
    ("elements", "text"),
    [
        (["a", None, ""], '{a,NULL,""}'),
        (["null", 'q"\\', "x,y", "{"], '{"null","q\\"\\\\","x,y","{"}'),
    ],
)
def test_arrays_are_quoted(cluster: Cluster, elements: list[str | None], text: str) -> None:
    assert array(elements) == text
    with cluster.connect() as connection:
        found = connection.execute("SELECT %s::text[]", [text]).fetchone()
    assert found == (elements,)


def test_composites_are_quoted(cluster: Cluster) -> None:
    text = composite(["a b", None, "", '"\\,)'])
    with database(cluster, "CREATE TYPE four AS (a text, b text, c text, d text)") as connection:
        found = connection.execute("SELECT (%s::four).*", [text]).fetchone()
    assert found == ("a b", None, "", '"\\,)')


@pytest.mark.parametrize(
    "encoding", ["UTF8", "LATIN1", "WIN1252", "KOI8R", "SQL_ASCII", "MULE_INTERNAL"]
)
def test_characters_of_an_encoding(encoding: str) -> None:
    found = sample(alphabet(encoding), 60)
    assert "\0" not in found
    assert not any("\ud800" <= character <= "\udfff" for character in found)
    if encoding in ("SQL_ASCII", "MULE_INTERNAL"):
        assert all(character.isascii() for character in found)
    if encoding == "UTF8":
        assert max(found) > "\uffff"
    if encoding == "LATIN1":
        assert "".join(found).encode("latin1")
