"""Gaps: what replay notices and no test of the project does, as SQL and as a test to paste.

The statements are those of the tape up to the one that is answered otherwise, without what a
savepoint has undone before. The test asserts the answer of the unbroken schema.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from harness.mutation.mutant import literal
from harness.mutation.tapes import Difference, Move
from harness.mutation.tapes.tape import MOVING, Expected
from harness.mutation.trial import Trial
from harness.postgres.psql import Script
from harness.postgres.session import PG_PROVE

_RETURNING = re.compile(r" RETURNING \*$")
_SETS = re.compile(r"\s*SET (?:LOCAL )?ROLE (.*)", re.IGNORECASE)


def leading(difference: Difference) -> list[Move]:
    """The statements before the one that is answered otherwise that are still in force there."""
    moves = difference.tape.moves[: difference.move]
    block = difference.tape.moves[difference.move].block
    return [
        move
        for number, move in enumerate(moves)
        if not move.undone
        and move.block == block[: len(move.block)]
        and not _refused(difference.tape.answers[number])
    ]


def _refused(answer: Expected | None) -> bool:
    return answer is not None and bool(answer.sqlstate)


def script(difference: Difference) -> str:
    """The SQL that tells the two schemas apart, with what each of them answers."""
    moves = [*leading(difference), difference.tape.moves[difference.move]]
    lines = ["BEGIN;"]
    if difference.tape.restart and "nextval" in difference.sql:
        lines.append(f"{difference.tape.restart};")
    for move in moves:
        lines.append(move.sql if move.sql.endswith("\\.") else f"{move.sql};")
    lines.append(f"-- the schema: {_said(str(difference.wanted))}")
    lines.append(f"-- the mutant: {_said(str(difference.said))}")
    return "\n".join([*lines, "ROLLBACK;"])


def _said(text: str) -> str:
    flat = " ".join(text.replace(MOVING, "?").split())
    return flat if len(flat) <= 200 else f"{flat[:197]}..."


def test(trial: Trial) -> str:
    """A pgTAP file that passes on the schema and fails on the mutant; empty where none says it."""
    difference = trial.difference
    if difference is None or any(m.sql.startswith("COPY ") for m in leading(difference)):
        return ""
    assertion = _assertion(trial, difference)
    if not assertion:
        return ""
    before = [move.sql for move in leading(difference)]
    roles = {match[1].strip() for sql in before if (match := _SETS.match(sql))}
    made = [role for role in sorted(roles) if "harness_public_" in role]
    body = [*(f"CREATE ROLE {role}" for role in made), *before]
    if difference.tape.restart:
        body.insert(0, difference.tape.restart)
    return "\n".join(
        [
            f"-- {trial.mutant.title}: nothing else would notice.",
            "BEGIN;",
            "SELECT plan(1);",
            "",
            *(_quiet(sql) for sql in body),
            "",
            assertion,
            "",
            "SELECT * FROM finish();",
            "ROLLBACK;",
            "",
        ]
    )


def _quiet(sql: str) -> str:
    """A statement whose rows nobody takes for results of tests."""
    if sql.upper().startswith("SELECT "):
        return f"DO $quiet$ BEGIN PERFORM {sql[len('SELECT ') :]}; END $quiet$;"
    return f"{_RETURNING.sub('', sql)};"


def _assertion(trial: Trial, difference: Difference) -> str:
    wanted, sql = difference.wanted, difference.sql
    late = difference.tape.moves[difference.move].late
    title = literal(_title(trial))
    if late or sql.startswith("COPY "):
        return _late(wanted, sql, title)
    if wanted.sqlstate:
        return f"SELECT throws_ok(\n    {_dollars(sql)},\n    '{wanted.sqlstate}', NULL,\n    {title}\n);"
    if difference.said.sqlstate:
        return f"SELECT lives_ok(\n    {_dollars(sql)},\n    {title}\n);"
    return _rows(wanted, difference, title)


def _late(wanted: Expected, sql: str, title: str) -> str:
    """A statement, and what deferred constraints say of it."""
    both = f"{_RETURNING.sub('', sql)}; SET CONSTRAINTS ALL IMMEDIATE"
    if sql.upper().startswith(("SELECT", "COPY", "WITH")):
        return ""
    body = _dollars(f"DO $both$ BEGIN {both}; END $both$")
    if wanted.sqlstate:
        return f"SELECT throws_ok(\n    {body},\n    '{wanted.sqlstate}', NULL,\n    {title}\n);"
    return f"SELECT lives_ok(\n    {body},\n    {title}\n);"


def _rows(wanted: Expected, difference: Difference, title: str) -> str:
    """Both are accepted: the rows, or how many there are, have to be what they were."""
    sql, said = difference.sql, difference.said
    source = sql if sql.upper().startswith("SELECT") else f"WITH done AS ({sql}) SELECT * FROM done"
    if not sql.upper().startswith("SELECT") and " RETURNING " not in sql:
        source = f"WITH done AS ({sql} RETURNING 1) SELECT * FROM done"
    if wanted.count is not None and wanted.count != said.count:
        # A WITH that changes rows has to be at the top.
        if source.startswith("WITH"):
            counted = source.replace("SELECT * FROM done", "SELECT count(*) FROM done")
        else:
            counted = f"SELECT count(*) FROM ({source}) AS found"
        query = _dollars(counted)
        return f"SELECT results_eq(\n    {query},\n    ARRAY[{wanted.count}::bigint],\n    {title}\n);"
    if wanted.rows is None or len(wanted.rows) != 1 or len(said.rows) != 1:
        return ""
    return _cell(wanted, said.rows[0], source, title)


def _cell(wanted: Expected, row: Sequence[str | None], source: str, title: str) -> str:
    """The first value that is another one, by its place in the row."""
    assert wanted.rows is not None
    for place, (old, new) in enumerate(zip(wanted.rows[0], row, strict=False)):
        if old != new and not (old or "").startswith(MOVING):
            names = ", ".join(f"c{n}" for n in range(len(row)))
            value = "NULL" if old is None else literal(old)
            if source.startswith("WITH"):
                head = source.replace("WITH done AS", f"WITH done ({names}) AS", 1)
                query = head.replace("SELECT * FROM done", f"SELECT c{place}::text FROM done")
            else:
                query = f"SELECT c{place}::text FROM ({source}) AS found ({names})"
            return (
                f"SELECT results_eq(\n    {_dollars(query)},\n    ARRAY[{value}::text],\n"
                f"    {title}\n);"
            )
    return ""


def _dollars(sql: str) -> str:
    """A statement as a string, in quotes that are not in it."""
    tag = "$test$"
    return f"{tag}{sql}{tag}"


def _title(trial: Trial) -> str:
    return f"not {trial.mutant.title}"


def as_script(text: str) -> Script:
    """A test as psql reads it."""
    return Script.parse(text, Path("gap.sql"), PG_PROVE)


def file_name(trial: Trial) -> str:
    """What the file of a test is called: of letters that every file system has."""
    return re.sub(r"[^a-z0-9]+", "_", trial.mutant.id.lower()).strip("_")[:100] + ".sql"
