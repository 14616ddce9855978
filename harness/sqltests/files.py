"""A test file: read to its end, and what it needs to run.

In comments of its own a file may tell the harness something::

    -- harness: isolation=clone
    -- harness: tags=slow,rls
    -- harness: setup

``isolation=clone`` gives the file a database of its own, ``isolation=server`` also the server to
itself while it runs. ``tags`` are what ``--tag`` and ``--not-tag`` choose by. All other files start
from what a ``setup`` leaves. ``-- harness: allow RULE reason`` is a linter's.

psql and pg_prove run a suite in one database, in the order of its files' names, and what the first
of them commits is there for all others. Such a first file says what it is for in its name
(``000-setup-tests-hooks.sql`` is Supabase's) or, for us, in that comment.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType

from harness.core.errors import CannotRun, ScriptError
from harness.core.results import SQL
from harness.core.text import nearest
from harness.pgtap.extension import names as borrowed_names
from harness.postgres.database.restore import may_switch_off
from harness.postgres.database.shared import created_names, touches_server
from harness.postgres.psql import Script, Statement
from harness.postgres.psql.lexer import bare
from harness.postgres.session import PG_PROVE

_BEGIN = re.compile(r"(?:BEGIN|START TRANSACTION)\b")
_ROLLBACK = re.compile(r"(?:ROLLBACK|ABORT)\b(?! PREPARED)(?!.*\bTO\b)")
_COMMIT = re.compile(r"(?:^|; ?)(?:COMMIT|END|PREPARE TRANSACTION|ROLLBACK PREPARED)\b")
_SESSION_ONLY = re.compile(r"(?:SET|RESET|SHOW|LISTEN|UNLISTEN|DISCARD|PREPARE|DEALLOCATE)\b")
_EXTENSION = re.compile(r'CREATE EXTENSION IF NOT EXISTS "?PGTAP"?(?![\w"])(?!.*\bCASCADE\b)')
"""What can be there already when a script asks for it."""


class Isolation(IntEnum):
    """How far apart from others a file runs."""

    SHARED = 0
    """In a database that others use before and after it."""
    CLONE = 1
    """In a database of its own."""
    SERVER = 2
    """In a database of its own, while nothing else runs on the server."""


def needed_by(statements: Iterable[Statement]) -> Isolation:
    """What a script needs, by its statements, all of which are read."""
    remaining = iter(statements)
    found = Isolation.SHARED if _rolls_back(remaining) else Isolation.CLONE
    deque(remaining, maxlen=0)
    return found


def header_of(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """What a script that rolls back does before its first transaction, if that is for others, too.

    CREATE EXTENSION IF NOT EXISTS pgtap outside a transaction stays. It takes as long as hundreds
    of assertions, so scripts that begin with the same statements share a database that has it.
    """
    found = []
    for statement in statements:
        if _BEGIN.match(bare(statement.sql)):
            break
        found.append(statement)
    return tuple(found) if any(_EXTENSION.match(bare(s.sql)) for s in found) else ()


def texts_of(script: Script) -> list[str]:
    """What a script may send: the whole of it where it has no commands, else its statements."""
    if b"\\" in script.content:
        return [statement.sql for statement in script.statements()]
    return [script.content.decode("utf-8", "replace")]


_PLANS = re.compile(r"\b(?:no_)?plan\s*\(|\bruntests\s*\(", re.IGNORECASE)


def expected_output(script: Script) -> Path | None:
    """What pg_regress compares the output of a file with, if the file has no plan of its own."""
    path = script.path
    expected = path.parent.parent / "expected" / f"{path.stem}.out"
    if path.parent.name != "sql" or not expected.is_file():
        return None
    return None if any(map(_PLANS.search, texts_of(script))) else expected


def _rolls_back(statements: Iterator[Statement]) -> bool:
    """Whether a script leaves nothing that a rollback does not undo."""
    in_transaction = began = False
    for statement in statements:
        if in_transaction and _is_plain_select(statement.sql):
            continue
        text = bare(statement.sql)
        if _COMMIT.search(text):
            return False
        if _BEGIN.match(text):
            in_transaction = began = True
        elif _ROLLBACK.match(text):
            in_transaction = False
        elif not (in_transaction or _SESSION_ONLY.match(text)) and (
            began or not _EXTENSION.match(text)
        ):
            return False
    return began


def _is_plain_select(sql: str) -> bool:
    """Whether a statement can only be one SELECT: most are, and need no closer look."""
    return sql[:6].upper() == "SELECT" and ";" not in sql[:-1]


NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AssertionFile:
    """A script that has been read to its end, and what it needs to run."""

    script: Script
    isolation: Isolation
    tags: frozenset[str] = frozenset()
    creates: frozenset[tuple[str, str]] = frozenset()
    """Kind and name of what it creates that all databases of a server share."""
    changes_server: bool = False
    """Whether it changes such things, be it in a transaction that it rolls back."""
    sets_up: bool = False
    """Whether all other files start from what it leaves."""
    header: tuple[Statement, ...] = ()
    """What it begins with that files which share a database have in common."""
    borrowed: tuple[str, ...] = ()
    """Private functions of pgTAP that it calls."""
    uncounted: bool = False
    """Whether it may keep the server from counting what it writes."""

    @property
    def path(self) -> Path:
        """Where the script is."""
        return self.script.path

    @classmethod
    def read(cls, path: Path, variables: Mapping[str, str] = NONE) -> AssertionFile:
        """Read a file with psql's variables. Raises ScriptError where it cannot be served."""
        return cls.of(Script.open(path, {**PG_PROVE, **variables}))

    @classmethod
    def of(cls, script: Script) -> AssertionFile:
        """The same for a script at hand."""
        asked = directives_of(script.content, script.path)
        needed = needed_by(script.statements())
        texts = texts_of(script)
        changes = touches_server(texts)
        if changes and needed is Isolation.CLONE:
            needed = Isolation.SERVER
        wanted = Isolation[asked.isolation.upper()] if asked.isolation else needed
        creates = created_names(texts) if changes else frozenset()
        sets_up = asked.setup or (
            bool(needed) and not asked.isolation and named_as_setup(script.path)
        )
        shares = max(wanted, needed) is Isolation.SHARED
        header = header_of(script.statements()) if shares else ()
        lent = borrowed_names(texts)
        blind = any(map(may_switch_off, texts))
        isolation = max(wanted, needed)
        return cls(
            script, isolation, asked.tags, creates, changes, sets_up, header, lent, uncounted=blind
        )


def read(paths: Sequence[Path], variables: Mapping[str, str]) -> list[AssertionFile]:
    """All files, read to their ends. Raises CannotRun with a line for each that cannot be."""
    files, complaints = [], []
    for path in paths:
        try:
            files.append(AssertionFile.read(path, variables))
        except ScriptError as error:
            complaints.append(str(error))
    if complaints:
        raise CannotRun("\n".join(complaints))
    return files


ISOLATIONS = ["clone", "server"]
_LINE = re.compile(rb"^[ \t]*--[ \t]*harness:(.*)$", re.MULTILINE)
_TAG = re.compile(r"[\w.-]+")


@dataclass(frozen=True, slots=True)
class Directives:
    """What the comments of one file ask for."""

    isolation: str = ""
    tags: frozenset[str] = frozenset()
    setup: bool = False


def directives_of(content: bytes, path: Path) -> Directives:
    """The directives of a file. Raises ScriptError for what is none."""
    isolation, tags, setup = "", set[str](), False
    for match in _LINE.finditer(content) if b"harness:" in content else ():
        line = content.count(b"\n", 0, match.start()) + 1
        words = match[1].decode("utf-8", "replace").split()
        for word in [] if words[:1] == ["allow"] else words:  # what follows is for linters
            key, _, value = word.partition("=")
            if key == "isolation" and value in ISOLATIONS:
                isolation = value
            elif key == "tags" and all(map(_TAG.fullmatch, value.split(","))):
                tags.update(value.split(","))
            elif word == "setup":
                setup = True
            else:
                raise ScriptError(path, line, _complaint(key, value))
    return Directives(isolation, frozenset(tags), setup)


def says_it_sets_up(content: bytes) -> bool:
    """Whether a file says that it is a setup; what else it says is not looked at."""
    return any(b"setup" in match[1].split() for match in _LINE.finditer(content))


def _complaint(key: str, value: str) -> str:
    if key == "isolation":
        return f"isolation={value}: {nearest(value, ISOLATIONS).removeprefix('; ')}"
    if key == "tags":
        return f"tags={value}: words with commas between them are expected, as in tags=slow,rls"
    return f"unknown directive {key!r}{nearest(key, ['isolation', 'setup', 'tags'])}"


NOTE = "a setup: all other files start from what it leaves"
_WORDS = {"bootstrap", "dbdev", "init", "install", "setup"}
_WORDS |= {f"{word}{s}" for word in ("extension", "fixture", "helper", "hook") for s in ("", "s")}
_FIRST = re.compile(r"0*[01][-_. ]?(?=[a-z])")


def named_as_setup(path: Path) -> bool:
    """Whether a file has the name of one, and no test of its directory comes before it."""
    if not _says_so(path):
        return False
    files = (other for other in path.parent.iterdir() if other.suffix in SQL)
    return all(_says_so(other) for other in files if other.name < path.name)


def _says_so(path: Path) -> bool:
    """Whether the name is 0 or 1, which makes the file one of the first, and a purpose."""
    name = path.name.lower().replace("set-up", "setup").replace("set_up", "setup")
    return bool(_FIRST.match(name) and _WORDS & set(re.split(r"[^a-z]+", name)))
