r"""``\if`` … ``\endif``: which branch is live, and what happens to the text of the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from harness.postgres.psql.buffer import Buffer
from harness.postgres.psql.lexer import Lexer


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
