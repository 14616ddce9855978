"""Gaps: what replay notices and no test of the project does, as SQL and as a test to paste.

The statements are those of the transcript up to the one that is answered otherwise, without what a
savepoint has undone before. The test asserts the answer of the unbroken schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from psycopg import sql

from harness.mutation.mutant import literal, plain
from harness.mutation.transcripts import Difference, RecordedStatement
from harness.mutation.transcripts.transcript import MOVING, Expected
from harness.mutation.trial import Trial
from harness.postgres.psql import Script
from harness.postgres.session import PG_PROVE

_RETURNING = re.compile(r" RETURNING \*$")
_LEAVES = re.compile(r"\b(?:set_config|setval|nextval)\b", re.IGNORECASE)
_HELD = re.compile(
    r"SELECT has_(?P<kind>\w+)_privilege"
    r"\('(?P<role>[^']+)', '(?P<name>.+)', '(?P<privilege>[A-Z]+)'\) AS held$"
)
_SETS = re.compile(r"\s*SET (?:LOCAL )?ROLE (.*)", re.IGNORECASE)


def leading(difference: Difference) -> list[RecordedStatement]:
    """The statements before the one that is answered otherwise that are still in force there."""
    statements = difference.transcript.statements[: difference.position]
    block = difference.transcript.statements[difference.position].block
    return [
        statement
        for number, statement in enumerate(statements)
        if not statement.undone
        and statement.block == block[: len(statement.block)]
        and not _refused(difference.transcript.answers[number])
    ]


def _refused(answer: Expected | None) -> bool:
    return answer is not None and bool(answer.sqlstate)


def script(difference: Difference) -> str:
    """The SQL that tells the two schemas apart, with what each of them answers."""
    statements = [*leading(difference), difference.transcript.statements[difference.position]]
    lines = ["BEGIN;"]
    if difference.transcript.restart and "nextval" in difference.sql:
        lines.append(f"{difference.transcript.restart};")
    for statement in statements:
        lines.append(statement.sql if statement.sql.endswith("\\.") else f"{statement.sql};")
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
    assertion = _assertion(difference)
    if not assertion:
        return ""
    before = [statement.sql for statement in leading(difference) if not _only_looks(statement.sql)]
    roles = {match[1].strip() for text in before if (match := _SETS.match(text))}
    asked = _HELD.match(difference.sql)
    roles |= {asked["role"]} if asked else set()
    made = [role for role in sorted(roles) if "harness_public_" in role]
    body = [*(f"CREATE ROLE {role}" for role in made), *before]
    if difference.transcript.restart:
        body.insert(0, difference.transcript.restart)
    return "\n".join(
        [
            *(f"-- {line}".rstrip() for line in [trial.mutant.title, *_changed(trial)]),
            "BEGIN;",
            "SELECT plan(1);",
            "",
            *(_quiet(text) for text in body),
            "",
            assertion,
            "",
            "SELECT * FROM finish();",
            "ROLLBACK;",
            "",
        ]
    )


def _changed(trial: Trial) -> list[str]:
    """The change that the test is there for."""
    return [f"    {line}" for line in trial.mutant.diff.splitlines()]


def together(texts: Iterable[str]) -> list[str]:
    """The tests; those that do the same are one, which says of each change that it notices it."""
    heads: dict[str, list[str]] = {}
    for text in texts:
        lines = text.splitlines(keepends=True)
        body = next(n for n, line in enumerate(lines) if not line.startswith("--"))
        heads.setdefault("".join(lines[body:]), []).append("".join(lines[:body]))
    return ["".join([*head, body]) for body, head in heads.items()]


def _only_looks(text: str) -> bool:
    """Whether a statement leaves nothing behind that a later one could depend on."""
    return text.upper().startswith("SELECT ") and _LEAVES.search(text) is None


def _quiet(text: str) -> str:
    """A statement whose rows nobody takes for results of tests."""
    if text.upper().startswith("SELECT "):
        return f"DO $quiet$ BEGIN PERFORM {text[len('SELECT ') :]}; END $quiet$;"
    return f"{_RETURNING.sub('', text)};"


def _assertion(difference: Difference) -> str:
    wanted, text = difference.wanted, difference.sql
    title = literal(_title(difference))
    if text.startswith("COPY "):
        return ""
    if difference.transcript.statements[difference.position].late:
        return _late(wanted, text, title)
    if not any(_SETS.match(move.sql) for move in leading(difference)):
        # As another role it stays: it needs a privilege of its own.
        refused = wanted.sqlstate or difference.said.sqlstate
        text = _RETURNING.sub("", text) if refused else text
    if wanted.sqlstate:
        return _throws(_dollars(text), wanted.sqlstate, title)
    if difference.said.sqlstate:
        return _lives(_dollars(text), title)
    return _rows(wanted, difference, title)


def _title(difference: Difference) -> str:
    """What the statement shows, for a person: ``tasks, tasks_pkey: refused with 23505``."""
    transcript, wanted = difference.transcript, difference.wanted
    if asked := _HELD.match(difference.sql):
        return "{role}: {privilege} on {kind} {name}".format(**asked.groupdict())
    about = plain(transcript.table)
    if transcript.object not in ("rows", "commands"):
        about += f", {transcript.object}"
    if wanted.sqlstate:
        return f"{about}: refused with {wanted.sqlstate}"
    return f"{about}: {'accepted' if difference.said.sqlstate else 'the same rows'}"


def _late(wanted: Expected, text: str, title: str) -> str:
    """A statement, and what deferred constraints say of it."""
    if text.upper().startswith(("SELECT", "WITH")):
        return ""
    both = f"{_RETURNING.sub('', text)}; SET CONSTRAINTS ALL IMMEDIATE"
    body = _dollars(f"DO $both$ BEGIN {both}; END $both$")
    if wanted.sqlstate:
        return _throws(body, wanted.sqlstate, title)
    return _lives(body, title)


def _rows(wanted: Expected, difference: Difference, title: str) -> str:
    """Both are accepted: the rows, or how many there are, have to be what they were."""
    text, said = difference.sql, difference.said
    reads = text.upper().startswith("SELECT")
    if not reads and " RETURNING " not in text:
        text += " RETURNING 1"
    if wanted.count is not None and wanted.count != said.number:
        query = _over(text, reads, "", sql.SQL("count(*)"))
        return _equal(query, f"{wanted.count}::bigint", title)
    if wanted.rows is None or len(wanted.rows) != 1 or len(said.rows) != 1:
        return ""
    for place, (old, new) in enumerate(zip(wanted.rows[0], said.rows[0], strict=False)):
        if old != new and not (old or "").startswith(MOVING):
            names = ", ".join(f"c{n}" for n in range(len(said.rows[0])))
            # A cast says "true" where the protocol says "t".
            kind = "text::boolean" if {old, new} <= {"t", "f"} else "text"
            query = _over(text, reads, f" ({names})", sql.SQL(f"c{place}::{kind}"))
            value = "NULL" if old is None else literal(old)
            return _equal(query, f"{value}::{kind.rpartition('::')[2]}", title)
    return ""


def _over(text: str, reads: bool, names: str, what: sql.Composable) -> str:
    """A query over what a statement gives; one that changes rows has to be in a WITH."""
    form = (
        sql.SQL("SELECT {what} FROM ({text}) AS found{names}")
        if reads
        else sql.SQL("WITH found{names} AS ({text}) SELECT {what} FROM found")
    )
    return form.format(what=what, text=sql.SQL(text), names=sql.SQL(names)).as_string()


def _equal(query: str, value: str, title: str) -> str:
    return f"SELECT results_eq(\n    {_dollars(query)},\n    ARRAY[{value}],\n    {title}\n);"


def _throws(statement: str, state: str, title: str) -> str:
    return f"SELECT throws_ok(\n    {statement},\n    '{state}', NULL,\n    {title}\n);"


def _lives(statement: str, title: str) -> str:
    return f"SELECT lives_ok(\n    {statement},\n    {title}\n);"


def _dollars(text: str) -> str:
    """A statement as a string, in quotes that are not in it."""
    tag = "$test$"
    return f"{tag}{text}{tag}"


def as_script(text: str) -> Script:
    """A test as psql reads it."""
    return Script.parse(text, Path("gap.sql"), PG_PROVE)


def file_name(text: str) -> str:
    """What the file of a test is called: the first change that it notices, in safe letters."""
    first = text.partition("\n")[0].removeprefix("-- ")
    return re.sub(r"[^a-z0-9]+", "_", first.lower()).strip("_")[:100] + ".sql"
