"""The library offers exactly pgTAP's interface, and says what each function is for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.pgtap import library

SIGNATURES = Path(__file__).parent / "data" / "pgtap_api.tsv"
SCHEMA = "signatures"

FUNCTIONS = """
    SELECT p.proname,
        pg_get_function_arguments(p.oid),
        lower(pg_get_function_result(p.oid)),
        obj_description(p.oid, 'pg_proc')
    FROM pg_proc AS p
    WHERE p.pronamespace = %s::regnamespace AND p.proname !~ '^_'
"""

Signature = tuple[str, str, str]
LATER: set[Signature] = {
    ("plan", "bigint", "text"),
    *((name, "name, name", "text") for name in ("hasnt_pk", "has_fk", "hasnt_fk")),
    *((name, "name, name", "text") for name in ("has_unique", "has_check")),
    *(
        (f"hasnt_{key}", arguments, "text")
        for key in ("unique", "check")
        for arguments in ("name", "name, text", "name, name", "name, name, text")
    ),
}
"""What pgTAP's list of changes names for 1.3.5 beside what its builds of before had."""


def wanted() -> set[Signature]:
    """Name, arguments and result of every function of pgTAP 1.3.5."""
    header, *lines = SIGNATURES.read_text(encoding="utf-8").splitlines()
    assert header == "function\targuments\treturns"
    name_arguments_result = (line.split("\t") for line in lines)
    found = {(name, arguments, result) for name, arguments, result in name_arguments_result}
    return found - {("plan", "integer", "text")} | LATER


@pytest.fixture(scope="module")
def functions(server_dsn: str) -> Iterator[dict[Signature, str | None]]:
    """Every public function of the installed library with its comment."""
    with psycopg.connect(server_dsn) as connection, connection.transaction(force_rollback=True):
        connection.execute(f"SET LOCAL check_function_bodies = off; CREATE SCHEMA {SCHEMA}")
        connection.execute(library.objects_sql(SCHEMA).encode())
        rows = connection.execute(FUNCTIONS, [SCHEMA]).fetchall()
        yield {(name, arguments, result): comment for name, arguments, result, comment in rows}


def test_the_specification_is_whole() -> None:
    assert len(wanted()) == 897
    assert len({name for name, _, _ in wanted()}) == 230


def test_every_signature_of_pgtap_is_provided(functions: dict[Signature, str | None]) -> None:
    assert sorted(wanted() - functions.keys()) == []


def test_no_name_of_pgtap_has_another_signature(functions: dict[Signature, str | None]) -> None:
    """An overload too many makes calls ambiguous that pgTAP accepts."""
    names = {name for name, _, _ in wanted()}
    assert sorted(f for f in functions.keys() - wanted() if f[0] in names) == []


def test_every_public_function_is_commented(functions: dict[Signature, str | None]) -> None:
    assert sorted(signature for signature, comment in functions.items() if not comment) == []
