"""Gaps: what replay notices and no test of the project does, as SQL and as a test to paste.

The statements are those of the transcript up to the one that is answered otherwise, without what a
savepoint has undone before. The test asserts the answer of the unbroken schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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
_RESTARTS = re.compile(r"setval\('(?P<name>(?:[^']|'')+)', (?P<at>-?\d+), (?P<given>true|false)\)")
_CALL = re.compile(r"SELECT (.+\)) AS answer", re.DOTALL)
_MAKES_ROWS = re.compile(r"\s*(?:INSERT|COPY|CALL|SELECT|WITH)\b", re.IGNORECASE)
_OURS = re.compile(r"harness_public_\d+_\d+")
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
    texts = [statement.sql for statement in statements]
    lines = ["BEGIN;", *(f"CREATE ROLE {role};" for role in _made_roles(texts))]
    if difference.transcript.restart and "nextval" in difference.sql:
        lines.append(f"{difference.transcript.restart};")
    for statement in statements:
        lines.append(statement.sql if statement.sql.endswith("\\.") else f"{statement.sql};")
    lines.append(f"-- the schema: {_said(str(difference.wanted))}")
    lines.append(f"-- the mutant: {_said(str(difference.said))}")
    return _OURS.sub("harness_public", "\n".join([*lines, "ROLLBACK;"]))


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
    made = _made_roles([*before, difference.sql])
    body = [*_restarts(difference, before), *(f"CREATE ROLE {role}" for role in made), *before]
    return "\n".join(
        [
            *(f"-- {line}".rstrip() for line in [trial.mutant.title, *_changed(trial)]),
            "BEGIN;",
            "SELECT plan(1);",
            "",
            *(_quiet(text) for text in body),
            *([""] if body else []),
            assertion,
            "",
            "SELECT * FROM finish();",
            "ROLLBACK;",
            "",
        ]
    )


def _made_roles(texts: Iterable[str]) -> list[str]:
    """The roles that statements name and that only a run of ours has."""
    roles = {match[1].strip() for text in texts if (match := _SETS.match(text))}
    roles |= {asked["role"] for text in texts if (asked := _HELD.match(text))}
    return [role for role in sorted(roles) if "harness_public_" in role]


def _restarts(difference: Difference, before: Sequence[str]) -> list[str]:
    """What has sequences begin where they do in a new database; nothing where no row is made."""
    if difference.transcript.object == "commands":  # WHERE false
        return []
    if not any(map(_MAKES_ROWS.match, [*before, difference.sql])):
        return []
    return [
        f"SELECT {match[0]}" if match["given"] == "true" else _restarted(match["name"], match["at"])
        for match in _RESTARTS.finditer(difference.transcript.restart)
    ]


def _restarted(name: str, at: str) -> str:
    quoted = name.replace("''", "'")
    return f"ALTER SEQUENCE {quoted} RESTART WITH {at}"


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
    if transcript.check == "calls":
        return f"{transcript.object}: {_of_call(difference)}"
    about = plain(transcript.table)
    if transcript.object not in ("rows", "commands"):
        about += f", {transcript.object}"
    if wanted.sqlstate:
        return f"{about}: refused with {wanted.sqlstate}"
    return f"{about}: {'accepted' if difference.said.sqlstate else 'the same rows'}"


def _of_call(difference: Difference) -> str:
    """What a call of a function shows."""
    if state := difference.wanted.sqlstate:
        return f"refused with {state}"
    return "accepted" if difference.said.sqlstate else "the same answer"


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
            if call := _CALL.fullmatch(text):
                return _is(f"{call[1]}::{kind}", "NULL" if old is None else literal(old), title)
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


def _is(answer: str, value: str, title: str) -> str:
    return f"SELECT is(\n    {answer},\n    {value},\n    {title}\n);"


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
