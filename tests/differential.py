"""Run one corpus of assertions under two libraries and compare every line.

Ours is held against pgTAP 1.3.5: where its answers are known to differ from those of the version
that is installed, they count (tests/pgtap_1_3.py).

A corpus is a file of SQL statements, each ended by a semicolon at the end of a
line. Every statement runs on its own savepoint; its rows, or its SQLSTATE and
message, are its outcome. A line ``-- commit`` ends the transaction and starts the
next one.

    python -m tests.differential [--approve] ORACLE_DSN OURS_DSN tests/corpus/FILE.sql ...
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import psycopg
from psycopg import sql

from harness.postgres.server.cache import Cache, key
from tests.pgtap_1_3 import SPELLINGS, approved, newer, spelling, spelt, unnumbered

DESCRIBED = re.compile(r"(?:not )?ok (?:\d+|N) - ")
CORPUS = Path(__file__).parent / "corpus"
TIMED = ("queries_performance",)
"""What measures time: asked again, up to ATTEMPTS times, as a busy machine takes its own."""
ATTEMPTS = 5
_VERSIONS = """
    SELECT version(), extversion, (SELECT md5(string_agg(prosrc, '' ORDER BY oid)) FROM pg_proc)
    FROM pg_extension WHERE extname = 'pgtap'
"""


def statements(text: str) -> list[str]:
    text = re.sub(r"^--.*\n", "", text, flags=re.MULTILINE)
    return [
        part.strip() for part in re.split(r";[ \t]*$", text, flags=re.MULTILINE) if part.strip()
    ]


def outcomes(connection: psycopg.Connection, corpus: str) -> Iterator[tuple[str, str]]:
    """Each statement of the corpus with what it gave, in one transaction that is rolled back."""
    with connection.transaction(force_rollback=True):
        for statement in statements(corpus):
            yield statement, outcome(connection, statement)


def outcome(connection: psycopg.Connection, statement: str) -> str:
    try:
        with connection.transaction():
            cursor = connection.execute(statement.encode(), prepare=False)
            rows = cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        if error.sqlstate is None:  # the server is gone: that is no answer, and is not remembered
            raise
        return f"ERROR {error.sqlstate}: {error.diag.message_primary}"
    return "\n".join("|".join("" if v is None else str(v) for v in row) for row in rows)


def differences(oracle_dsn: str, ours_dsn: str, path: Path) -> list[str]:
    """A readable difference for each statement whose outcomes differ.

    One after the other: the two may share a server, and a corpus may create roles.
    """
    corpus = path.read_text(encoding="utf-8")
    if path.stem not in TIMED:
        expected = newer(path.name, remembered(oracle_dsn, corpus))
        return compared(expected, list(_all(ours_dsn, corpus)))
    found: list[str] = []
    for _ in range(ATTEMPTS):
        found = compared(list(_all(oracle_dsn, corpus)), list(_all(ours_dsn, corpus)))
        if not found:
            break
    return found


def remembered(oracle_dsn: str, corpus: str) -> list[tuple[str, str]]:
    """What the real pgTAP gives, asked once for each corpus, version and way of asking.

    Most of a comparison is spent in it: it updates a temporary table with every call. Its answers
    are kept in the harness' cache.
    """

    def ask(staging: Path) -> None:
        answers = list(_all(oracle_dsn, corpus))
        (staging / "answers.json").write_text(json.dumps(answers), encoding="utf-8")

    with psycopg.connect(oracle_dsn) as connection:
        versions = connection.execute(_VERSIONS).fetchone()
    name = f"oracle-{key(corpus, versions, Path(__file__).read_text(encoding='utf-8'))}"
    kept = Cache().entry(name, ask) / "answers.json"
    return [(statement, outcome) for statement, outcome in json.loads(kept.read_text("utf-8"))]


OWN_TYPE = re.compile(r"\n#? +_time_trial_type(?=\n|$)|(?<=\n)#? +_time_trial_type\n")


def compared(expected: list[tuple[str, str]], found: list[tuple[str, str]]) -> list[str]:
    """A readable difference for each statement whose outcomes differ."""
    return [
        f"{statement}\n  pgTAP:\n{theirs}\n  ours:\n{ours}\n"
        for (statement, theirs), (_, ours) in zip(expected, found, strict=True)
        if not same(theirs, ours)
        and not same(theirs, unnumbered(ours))
        and not spelt(statement, ours)
    ]


def same(theirs: str, ours: str) -> bool:
    r"""Whether two outcomes are the same but for the ``\#`` that we print in descriptions.

    And for pgTAP's own type, which it lists: of ours nothing is listed.
    """
    if theirs == ours:
        return True
    theirs = OWN_TYPE.sub("", theirs)
    pairs = list(zip_longest(*(re.split(r"(?<=\n)|(?<=\|)", text) for text in (theirs, ours))))
    return all(a == b or (b and DESCRIBED.match(b) and unescaped(b) == a) for a, b in pairs)


def unescaped(text: str) -> str:
    return re.sub(r"(\\*)\1\\#", r"\1#", text)


def _all(dsn: str, corpus: str) -> Iterator[tuple[str, str]]:
    with psycopg.connect(dsn) as connection:
        connection.adapters.register_loader("timestamptz", psycopg.types.string.TextLoader)
        yield from outcomes(connection, corpus)


def install(dsn: str, schema: str = "public") -> None:
    """Put this checkout's library into a fresh schema of a database."""
    from harness.pgtap import library

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET check_function_bodies = off")
        if schema == "public":
            connection.execute("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public")
            connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        else:
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        connection.execute(library.objects_sql(schema).encode())


def approve(oracle_dsn: str, ours_dsn: str, path: Path) -> None:
    """Keep what ours prints where it differs, once somebody has read it: see SPELLINGS."""
    corpus = path.read_text(encoding="utf-8")
    expected = newer(path.name, remembered(oracle_dsn, corpus))
    known, here = dict(approved()), dict[str, set[str]]()
    for theirs, ours in zip(expected, _all(ours_dsn, corpus), strict=True):
        if compared([theirs], [ours]):
            key, digest = spelling(ours[0], unnumbered(ours[1]))
            here.setdefault(key, set()).add(digest)
    for key, digests in here.items():  # a corpus may have a statement several times
        known[key] = " ".join(sorted({*known.get(key, "").split(), *digests}))
    SPELLINGS.write_text(json.dumps(known, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    approved.cache_clear()


if __name__ == "__main__":
    options = [word for word in sys.argv[1:] if word.startswith("--")]
    oracle_dsn, ours_dsn, *paths = (word for word in sys.argv[1:] if word not in options)
    install(ours_dsn)
    for path in map(Path, paths):
        found = differences(oracle_dsn, ours_dsn, path)
        total = len(statements(path.read_text(encoding="utf-8")))
        print("\n".join(found))
        print(f"{path.name}: {total - len(found)} of {total} statements agree")
        if "--approve" in options:
            approve(oracle_dsn, ours_dsn, path)
