"""What can be wrong with one file; each check is a function from its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from harness.lint.statements import Part, parts
from harness.postgres.psql.lexer import bare
from harness.postgres.psql.variables import BOOLEANS

ERRORS_PASSED_OVER, NO_PLAN, PLANNED_TWICE, WRONG_NUMBER = "HL03", "HL04", "HL05", "HL06"
Told = tuple[int, str, str]
"""Line, code, message."""
_ON_ERROR_STOP = re.compile(r"\\(?:set[ \t]+ON_ERROR_STOP(?:[ \t]+(?P<value>\S+))?|unset[ \t]+"
                            r"ON_ERROR_STOP)[ \t\r]*$")  # fmt: skip
_ADDS = re.compile(r"\\(?:ir?|include(?:_relative)?|gexec|gset|g|if|q|copy|watch)\b")
_CALL = r"(?:\b\w+\s*\.\s*)?\b{}\s*\("
_PLAN = re.compile(r"\bSELECT\b.*?" + _CALL.format("(?:NO_)?PLAN"), re.DOTALL)
_FINISH = re.compile(_CALL.format("FINISH"))
_SCHEMA = r"(?:\w+\s*\.\s*)?"
_ASSERTION = re.compile(
    rf"SELECT {_SCHEMA}(?:OK|IS|ISNT|PASS|FAIL|LIVES_OK|THROWS_(?:OK|LIKE|MATCHING|ILIKE)"
    r"|RESULTS_(?:EQ|NE)|SET_(?:EQ|NE|HAS|HASNT)|BAG_(?:EQ|NE|HAS|HASNT)|CMP_OK|IS_EMPTY"
    r"|ISNT_EMPTY|MATCHES|DOESNT_MATCH|ALIKE|UNALIKE|PERFORMS_(?:OK|WITHIN)|ISA_OK|ROW_EQ"
    r"|HAS_(?:TABLE|COLUMN|PK|FK|INDEX|FUNCTION|SCHEMA|VIEW|TYPE|ENUM|TRIGGER|ROLE|EXTENSION)"
    r"|COL_(?:IS_PK|IS_FK|IS_UNIQUE|NOT_NULL|IS_NULL|TYPE_IS|HAS_DEFAULT|DEFAULT_IS)) ?(?=\()"
)
_SILENT = re.compile(
    r"(?:BEGIN|START|ROLLBACK|SAVEPOINT|RELEASE|SET|RESET|CREATE|ALTER|DROP|PREPARE"  # noqa: S608
    r"|DEALLOCATE"
    r"|DECLARE|DO|GRANT|REVOKE|COMMENT|TRUNCATE|COPY|ANALYZE|LOCK|INSERT|UPDATE|DELETE)\b"
    rf"(?!.*\bRETURNING\b)|SELECT (?:\* FROM )?{_SCHEMA}FINISH ?\("
)
_NUMBER = re.compile(rf"SELECT {_SCHEMA}PLAN ?\( ?(\d+) ?\) ?;?$")


def errors_passed_over(script: str) -> Iterator[Told]:
    """A migration that tells psql to go on after an error: half of it may be missing."""
    for number, line in _commands(script):
        match = _ON_ERROR_STOP.match(line)
        if match and (
            "unset" in match[0] or BOOLEANS.get((match["value"] or "on").lower()) is False
        ):
            message = "errors are ignored from here on: half of the migration may be missing"
            yield number, ERRORS_PASSED_OVER, message


def no_plan(script: str) -> Iterator[Told]:
    """Assertions without a plan, or no_plan: one that is not reached goes unnoticed."""
    statements = _statements(script)
    planned = any(_PLAN.search(sql) for _, sql in statements) or "runtests" in script.lower()
    first = next((part for part, sql in statements if _ASSERTION.match(sql)), None)
    if first and not planned and not _includes(script):
        message = "assertions without a plan: one that is not reached goes unnoticed"
        yield first.first, NO_PLAN, message


def planned_twice(script: str) -> Iterator[Told]:
    """plan() a second time, with no finish() before it: pgTAP refuses it."""
    planned = 0
    for part, sql in _statements(script):
        if _FINISH.search(sql) or sql.startswith("ROLLBACK"):
            planned = 0
        elif _PLAN.match(sql):
            if planned:
                yield part.first, PLANNED_TWICE, f"the plan is in line {planned} already"
            planned = planned or part.first


def wrong_number(script: str) -> Iterator[Told]:
    """A planned number that cannot be met: more assertions are sure, or no more are possible."""
    statements = _statements(script)
    plans = [(part, n) for part, sql in statements if (n := _NUMBER.match(sql))]
    if len(plans) != 1 or _unknown_commands(script):
        return
    part, planned = plans[0][0], int(plans[0][1][1])
    rest = [sql for one, sql in statements if one != part and not _SILENT.match(sql)]
    sure = sum(map(_is_one_assertion, rest))
    if planned < sure or (planned > sure and sure == len(rest)):
        message = f"{planned} planned, but {_count(sure, len(rest))} in the file"
        yield part.first, WRONG_NUMBER, message


def _count(sure: int, all_of_them: int) -> str:
    return f"{sure} assertions are" if sure == all_of_them else f"at least {sure} assertions are"


def _is_one_assertion(sql: str) -> bool:
    """Whether a statement is one call of an assertion and nothing else: it gives one line."""
    match = _ASSERTION.match(sql)
    if match is None:
        return False
    depth = 0
    for index in range(match.end(), len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[index], 0)
        if not depth:
            return sql[index + 1 :].strip() in ("", ";")
    return False


def _unknown_commands(script: str) -> bool:
    """Whether psql's commands, or a function that asserts by itself, add to what is counted."""
    return any(_ADDS.match(line) for _, line in _commands(script))


def _statements(script: str) -> list[tuple[Part, str]]:
    """The statements outside of branches, upper case and without strings."""
    found = [(part, bare(part.sql)) for part in parts(script) if part.kind == "sql"]
    return [] if re.search(r"^\\if\b", script, re.MULTILINE) else found


def _commands(script: str) -> Iterator[tuple[int, str]]:
    lines = script.split("\n")
    for part in parts(script):
        if part.kind == "psql":
            yield part.first, lines[part.first - 1][part.start :]


def _includes(script: str) -> bool:
    """Whether another file may have what this one lacks."""
    return any(
        re.match(r"\\(?:ir?|include(?:_relative)?)\b", line) for _, line in _commands(script)
    )


MIGRATION_CHECKS: tuple[Callable[[str], Iterator[Told]], ...] = (errors_passed_over,)
ASSERTION_CHECKS: tuple[Callable[[str], Iterator[Told]], ...] = (
    no_plan,
    planned_twice,
    wrong_number,
)
