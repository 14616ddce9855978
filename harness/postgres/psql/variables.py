"""psql's variables: their names, how their values are quoted, what counts as true."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from types import MappingProxyType

from harness.postgres.psql.lexer import Lexer
from harness.postgres.psql.reader import Buffer

NAME = re.compile(r"(?:[A-Za-z0-9_]|[^\x00-\x7f])+")

# What psql says of the last statement.
RESULTS = frozenset({"ERROR", "LAST_ERROR_MESSAGE", "LAST_ERROR_SQLSTATE", "ROW_COUNT", "SQLSTATE"})
# Every psql session has these from the start.
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "LAST_ERROR_MESSAGE": "",
        "LAST_ERROR_SQLSTATE": "00000",
        "AUTOCOMMIT": "on",
        "ECHO": "none",
        "ECHO_HIDDEN": "off",
        "ENCODING": "UTF8",
        "FETCH_COUNT": "0",
        "ON_ERROR_ROLLBACK": "off",
        "ON_ERROR_STOP": "off",
        "QUIET": "off",
        "SINGLELINE": "off",
        "SINGLESTEP": "off",
        "VERBOSITY": "default",
    }
)
# What \\unset leaves behind where psql cannot go without a value.
UNSET = MappingProxyType(
    {name: value for name, value in DEFAULTS.items() if name not in {"ENCODING", *RESULTS}}
    | {"AUTOCOMMIT": "off"}
)
SWITCHES = frozenset({"AUTOCOMMIT", "ON_ERROR_STOP", "QUIET", "SINGLELINE", "SINGLESTEP"})
# Either would change how the rest of the script is read or whether it runs.
UNSERVED = frozenset({"SINGLELINE", "SINGLESTEP"})

_WORDS = {"true": True, "false": False, "yes": True, "no": False}
_EXACT = {"on": True, "off": False, "of": False, "1": True, "0": False}


@cache
def boolean(text: str) -> bool | None:
    """Truth of ``text`` as psql sees it, None where it sees no Boolean.

    ``true false yes no`` may be cut short, ``on off`` down to two letters.
    """
    word = text.lower()
    if word in _EXACT:
        return _EXACT[word]
    found = (value for name, value in _WORDS.items() if word and name.startswith(word))
    return next(found, None)


def assigned(name: str, value: str) -> str:
    """Value that a variable takes when it is set to ``value``; ValueError says why not."""
    if not NAME.fullmatch(name):
        raise ValueError(f'invalid variable name: "{name}"')
    if name not in SWITCHES and name != "ON_ERROR_ROLLBACK":
        return value
    value = value or "on"
    truth = boolean(value)
    if truth is None and not (name == "ON_ERROR_ROLLBACK" and value.lower() == "interactive"):
        raise ValueError(f'unrecognized value "{value}" for "{name}": Boolean expected')
    if truth and name in UNSERVED:
        raise ValueError(f"{name} is not served")
    return value


def literal(value: str) -> str:
    """``value`` as an SQL string, the way libpq's PQescapeLiteral writes it."""
    quoted = value.replace("'", "''")
    if "\\" not in quoted:
        return f"'{quoted}'"
    # The space keeps the E apart from an identifier right before it.
    return " E'" + quoted.replace("\\", "\\\\") + "'"


def identifier(value: str) -> str:
    """``value`` as a quoted SQL name, the way libpq's PQescapeIdentifier writes it."""
    return '"' + value.replace('"', '""') + '"'


class State(Enum):
    r"""Where an ``\if`` stands: its branch is taken, none was yet, or one was before."""

    TAKEN = auto()
    WAITING = auto()
    DONE = auto()


@dataclass(slots=True)
class Block:
    r"""One open ``\if``; ``saved`` is the statement as it was before the dead branch."""

    line: int
    state: State
    saved: Buffer
    last: bool = False


class Conditions:
    r"""The open ``\if`` blocks of one file, outermost first.

    In a static pass every branch counts as live, each starting from the statement
    collected before its ``\if``.
    """

    def __init__(self, lexer: Lexer, *, static: bool) -> None:
        self.blocks: list[Block] = []
        self._lexer = lexer
        self._static = static

    @property
    def active(self) -> bool:
        """Whether statements and commands here are to be carried out."""
        if self._static or not self.blocks:
            return True
        return all(block.state is State.TAKEN for block in self.blocks)

    def enter(self, line: int) -> bool:
        r"""Open an ``\if``; true when its condition decides, false in a dead branch."""
        active = self.active
        state = State.TAKEN if active else State.DONE
        self.blocks.append(Block(line, state, self._lexer.buffer.copy()))
        return active

    def next(self, *, last: bool) -> bool:
        r"""Go to the next branch (``last``: ``\else``); true when its condition decides.

        Raises ValueError when there is no ``\if`` or its ``\else`` came before.
        """
        block = self._innermost()
        if block.last:
            raise ValueError("cannot occur after \\else")
        self._settle(block)
        waiting = block.state is State.WAITING
        if not self._static:
            block.state = State.TAKEN if waiting else State.DONE
        block.last = last
        return waiting

    def leave(self) -> None:
        r"""Close the innermost ``\if``; ValueError when there is none."""
        block = self._innermost()
        if not self._static:
            self._settle(block)
        self.blocks.pop()

    def refuse(self) -> None:
        """Note that the condition just read is false."""
        if not self._static:
            self.blocks[-1].state = State.WAITING

    def discard(self) -> None:
        """Drop what a dead branch has collected."""
        self._lexer.restore(self.blocks[-1].saved)

    def _innermost(self) -> Block:
        if not self.blocks:
            raise ValueError("no matching \\if")
        return self.blocks[-1]

    def _settle(self, block: Block) -> None:
        """Keep the text of the branch that was live, drop that of one that was not."""
        if block.state is State.TAKEN and not self._static:
            block.saved = self._lexer.buffer.copy()
        else:
            self._lexer.restore(block.saved)
