"""Evidence: what a check did, cut down to a script that a stranger runs in psql.

A check tries much and undoes it. What shows that a property fails is its last statement, with
what was kept before it and what was looked at afterwards; all else goes. The script is then run
as psql would, on a clone where nothing has happened: what does not give the same answers there
is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from harness.core.errors import HarnessError
from harness.postgres.psql import Script, Statement
from harness.properties.base import Role, Step, Undecided
from harness.properties.check_context import STATEMENT_TIMEOUT, Tools
from harness.properties.statement_result import Answer, send

LONGEST = 400
"""Characters of an answer that are shown; a statement is never cut."""
_IMMEDIATE = "SET CONSTRAINTS ALL IMMEDIATE"
_SO_FAR, _ACCEPTED = "accepted, so far", "accepted"
_COMMITS = "-- This script commits: run it on a database that may change, such as a clone of yours."
_SESSIONS = "-- {} sessions: take the steps in the order of their numbers, each in its own session."
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-][\d:]+)?")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of a script, and what the server has to answer."""

    sql: str
    step: Step | None = None
    """None where it is there for the sake of others: BEGIN, SAVEPOINT."""
    sqlstate: str = ""
    answer: str = ""


# --- what is essential ---------------------------------------------------------------------


def essential(steps: Sequence[Step]) -> list[Step]:
    """The last statement, what was kept for it, and what was looked at afterwards."""
    shown = [step for step in steps if step.role is not Role.ASIDE]
    if any(step.session for step in shown) or any(_ends(step) for step in shown):
        return [step for step in shown if not (step.undone and step is not shown[-1])]
    tried = [n for n, step in enumerate(shown) if step.role is Role.STATEMENT]
    looks = [n for n, step in enumerate(shown) if step.role is Role.LOOK]
    if not tried and not looks:
        return shown
    start = tried[-1] if tried else looks[0]
    decisive = shown[start:]
    block = decisive[0].block
    kept = [s for s in shown[:start] if s.role is not Role.LOOK and not s.undone]
    alive = [step for step in kept if step.block == block[: len(step.block)]]
    return [*alive, *dict.fromkeys(decisive)]


def settled(steps: Sequence[Step], undone: bool = False) -> list[Step]:
    """The same with what sequences and functions gave to rows written into their INSERTs.

    Of those that were kept, and with ``undone`` of the others, too.
    """
    return [
        replace(step, sql=step.settled) if step.settled and undone >= step.undone else step
        for step in steps
    ]


def _ends(step: Step) -> bool:
    return step.sql.strip().rstrip(";").upper() in ("BEGIN", "COMMIT")


# --- the script ----------------------------------------------------------------------------


def script(evidence: Sequence[Step]) -> str:
    """The evidence for psql, each answer as a comment; several sessions one after the other."""
    sessions = sorted({step.session for step in evidence})
    if len(sessions) < 2:
        return "\n".join(_written(list(_lines(evidence))))
    text = [_SESSIONS.format(len(sessions))]
    for session in sessions:
        text += ["", f"-- Session {session}"]
        for number, step in enumerate(evidence, 1):
            if step.session == session:
                text += [f"-- Step {number}", *_written([_line(step)])]
    return "\n".join(text)


def _written(lines: Sequence[Line]) -> Iterator[str]:
    if any(line.sql == "COMMIT" for line in lines):
        yield _COMMITS
    for line in lines:
        yield line.sql if line.sql.endswith("\\.") else line.sql + ";"
        if line.step is not None:
            flat = line.answer.replace("\n", "\n--  ")
            whole = len(flat) <= LONGEST
            yield f"--> {flat if whole else f'{flat[:LONGEST]}... ({len(flat)} characters)'}"


def _lines(evidence: Sequence[Step]) -> Iterator[Line]:
    """The statements of one session; what was undone, or refused, is in a savepoint."""
    opened = not (evidence and _ends(evidence[0]))
    if opened:
        yield Line("BEGIN")
    for number, step in enumerate(evidence, 1):
        more = number < len(evidence)
        apart = more and (step.undone or bool(step.sqlstate)) and opened
        if apart:
            yield Line(f"SAVEPOINT s{number}")
        yield from _with_late(step)
        if apart:
            yield Line(f"ROLLBACK TO s{number}")
        if _ends(step):
            opened = step.sql.strip().rstrip(";").upper() == "BEGIN"
    if opened:
        yield Line("ROLLBACK")


def _with_late(step: Step) -> Iterator[Line]:
    """A statement, and what deferred constraints say of it where they were asked."""
    if not step.late:
        yield _line(step)
        return
    refused = bool(step.sqlstate)
    yield Line(step.sql.rstrip(";"), step, "", _SO_FAR if refused else step.answer)
    yield Line(_IMMEDIATE, step, step.sqlstate, step.answer if refused else _ACCEPTED)


def _line(step: Step) -> Line:
    return Line(step.sql.rstrip(";"), step, step.sqlstate, step.answer)


# --- the replay ----------------------------------------------------------------------------


def replayed(evidence: Sequence[Step], tools: Tools) -> str:
    """Why a script does not give the same answers on a fresh clone; empty where it does."""
    sessions = sorted({step.session for step in evidence})
    if len(sessions) < 2:
        sent = [(0, line) for line in _lines(evidence)]
    else:
        sent = [(step.session, _line(step)) for step in evidence]
    try:
        parsed = _parsed(script(evidence))
    except HarnessError as error:
        return f"psql would not read it: {error}"
    in_order = sorted(sent, key=lambda pair: pair[0]) if len(sessions) > 1 else sent
    if len(parsed) != len(sent):
        return f"psql would read {len(parsed)} statements, and not {len(sent)}"
    texts = dict(zip(map(_identity, in_order), parsed, strict=True))
    with tools.clone() as database, ExitStack() as stack:
        connections = {
            session: stack.enter_context(closing(database.connect()))
            for session in dict.fromkeys(session for session, _ in sent)
        }
        for connection in connections.values():
            send(connection, f"SET statement_timeout = '{STATEMENT_TIMEOUT}s'")
        for session, line in sent:
            statement = texts[_identity((session, line))]
            answer = _sent(connections[session], statement)
            if differs := _difference(line, answer):
                return differs
    return ""


def _identity(pair: tuple[int, Line]) -> int:
    return id(pair[1])


def _parsed(text: str) -> list[Statement]:
    """The statements that psql would send."""
    return list(Script.parse(text, Path("evidence.sql")).statements())


def _sent(connection: psycopg.Connection[Any], statement: Statement) -> Answer:
    data = statement.data or ""
    return send(connection, statement.sql, data if isinstance(data, str) else data.decode())


def _difference(line: Line, answer: Answer) -> str:
    """What a statement is answered now, if not what it was."""
    step = line.step
    if step is None or line.answer in (_ACCEPTED, _SO_FAR):
        same = answer.sqlstate == line.sqlstate
    elif step.role is Role.LOOK and len(answer.rows) == 1 and len(answer.rows[0]) == 1:
        same = _steady(str(answer)) == _steady(line.answer)
    else:
        same = answer.sqlstate == line.sqlstate and (
            bool(line.sqlstate) or step.count in (None, answer.count)
        )
    return "" if same else f"{line.sql.split()[0]} gave {line.answer or 'no error'}, now {answer}"


def _steady(text: str) -> str:
    """An answer without what is another each time."""
    return _UUID.sub("uuid", _MOMENT.sub("moment", text))


def confirmed(steps: Sequence[Step], tools: Tools, shortest: bool = True) -> tuple[list[Step], str]:
    """Evidence that gives the same answers again, the shortest there is; why there is none."""
    few = essential(steps)
    why = ""
    try:
        ways = (settled(few), few, settled(few, undone=True))
        for evidence in ways if few else ():
            if not (why := replayed(evidence, tools)):
                return (_without_idle(evidence, tools) if shortest else evidence), ""
    except Undecided:  # there are no clones to be had
        why = ""
    return few, why


def _without_idle(evidence: list[Step], tools: Tools) -> list[Step]:
    """Without rows and settings that were prepared and that nothing needs."""
    for step in [one for one in evidence[:-1] if one.role is Role.SETUP]:
        fewer = [one for one in evidence if one is not step]
        if not replayed(fewer, tools):
            evidence = fewer
    return evidence
