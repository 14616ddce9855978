"""A script, read: psql's main loop as an iterator, one pass over one file.

``Script`` is what others use: it may be read several times, and checked before it is run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from harness.core.errors import ScriptError
from harness.postgres.psql import variables
from harness.postgres.psql.items import After, Discard, Echo, Item, Reconnect, Statement
from harness.postgres.psql.lexer import Buffer, End, Lexer, whole_select
from harness.postgres.psql.source import SET_ENCODING, SET_STRINGS, Source, codec
from harness.postgres.psql.variables import DEFAULTS, RESULTS

if TYPE_CHECKING:
    from harness.postgres.psql.commands import Copy


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


@dataclass(slots=True)
class Session:
    r"""What the files of one pass share.

    ``static``: nothing is decided, all branches are read, and ``variables`` are only
    those known without a server. ``checked`` are the files that a static pass has read.
    ``plain``: no command and no variable came up, so that every pass reads the same.
    ``asked`` are the variables that a static pass came across.
    """

    variables: dict[str, str]
    static: bool = False
    checked: set[Path] = field(default_factory=set)
    plain: bool = True
    asked: set[str] = field(default_factory=set)
    connects: bool = False
    r"""Whether ``\c`` may name a database and a user."""
    output: Discard | None = None
    r"""Where ``\o`` sends results; None for where all output goes."""


class Reader:
    """Turns one file into items; an include is another Reader on the same session.

    Everything happens when psql would do it: a command is carried out once the items
    before it have been handed out, and sees what their results left in the variables.
    """

    def __init__(self, source: Source, session: Session, parents: tuple[Path, ...] = ()) -> None:
        self.source = source
        self.session = session
        self.lexer = Lexer(self._lookup)
        self.conditions = Conditions(self.lexer, static=session.static)
        self._files = (*parents, source.path.resolve())
        self._previous: Buffer | Statement = Buffer()
        self._ended = False
        session.checked.update(self._files[-1:] if session.static else ())

    @property
    def place(self) -> tuple[Path, int]:
        """File and line of the line being read."""
        return self.source.path, self.source.number

    def error(self, message: str) -> ScriptError:
        """Make the error for the line being read."""
        return ScriptError(*self.place, message)

    def warn(self, message: str) -> Iterator[Item]:
        """Say what psql says on stderr."""
        yield Echo(message + "\n", *self.place, "stderr")

    def items(self) -> Iterator[Item]:
        """Read the file to its end; raises ScriptError where it cannot be served."""
        for line in self.source:
            # Empty lines count inside quotes only: psql drops the others.
            if (found := self._whole(line)) is not None:
                yield found
            elif line or self.lexer.opened:
                yield from self._line(line)
            if self._ended:
                break
        yield from self._finish()

    def _whole(self, line: str) -> Statement | None:
        """The statement that a line is by itself, without the steps of the lexer."""
        lexer = self.lexer
        if lexer.buffer.parts or lexer.opened or not self.conditions.active:
            return None
        text = whole_select(line)
        if text is None:
            return None
        number = self.source.number
        output = self.session.output
        self._previous = Statement(text, self.source.path, number, output, None, ((0, number),))
        return self._previous

    def _line(self, line: str) -> Iterator[Item]:
        self.lexer.feed(line, self.source.number)
        while not self._ended and (end := self.lexer.scan()) is not End.LINE:
            if self.lexer.recursion:
                yield from self._recursion()
            if end is End.BACKSLASH:
                self.session.plain = False
                self.lexer.drop_newline()
                from harness.postgres.psql import commands  # late: most files have none

                yield from commands.run(self)
            elif self.conditions.active:
                yield from self.send()
            else:
                self._skip()

    def _recursion(self) -> Iterator[Item]:
        for name in self.lexer.recursion:
            yield from self.warn(f'skipping recursive expansion of variable "{name}"')
        self.lexer.recursion.clear()

    def _finish(self) -> Iterator[Item]:
        """Do what psql does at the end of a file, or complain where it could only fail."""
        if opened := self.lexer.opened:
            raise ScriptError(self.source.path, opened.line, f"unterminated {opened.name}")
        if self.lexer.buffer.parts and self.conditions.active:
            yield from self.send()
        if self.conditions.blocks and not self._ended:
            line = self.conditions.blocks[-1].line
            raise ScriptError(self.source.path, line, "\\if without \\endif")

    def send(self, after: After | None = None) -> Iterator[Item]:
        """Hand out the statement collected so far, or the previous one if there is none."""
        after = after or self.session.output
        taken = self.lexer.reset()
        if taken.parts:
            self._previous = taken
        if isinstance(self._previous, Statement):
            yield self._previous._replace(after=after)
        elif self._previous.parts:
            yield self._statement(self._previous, after)

    def copy(self, copy: Copy) -> Iterator[Item]:
        r"""Hand out what ``\copy`` sends; inline data is passed over in a dead branch too."""
        data: str | bytes | None = self.source.copy_data() if copy.inline else None
        if not self.conditions.active:
            return
        if copy.file is not None:
            data = self._input(copy.file)
        yield Statement(copy.sql, *self.place, data=data)

    def encoding(self, name: str) -> Iterator[Item]:
        """Read on in another encoding and tell the server, as psql does."""
        self._recode(name)
        self.session.variables["ENCODING"] = name
        yield Statement(f"set client_encoding to {variables.literal(name)}", *self.place)

    def include(self, name: str, *, beside: bool, sure: bool) -> Iterator[Item]:
        """Hand out the items of another file; ``sure``: its name has no unknown part.

        A file whose name was not known to the static pass gets one of its own first.
        """
        path = self._find(name, beside=beside, sure=sure)
        if path is None:
            return
        files = {str(file): file for file in self._files}
        if path.resolve() in self._files:
            raise self.error(f"{name} includes itself: {' -> '.join(files)}")
        if not self.session.static and path.resolve() not in self.session.checked:
            known = replace(self.session, variables=dict(self.session.variables), static=True)
            list(self._child(path, known))
        yield from self._child(path, self.session)

    def assign(self, name: str, value: str, *, sure: bool) -> None:
        """Set a variable; a static pass forgets what it cannot be sure of."""
        if self.session.static and not (sure and not self.conditions.blocks):
            self.session.variables.pop(name, None)
            return
        try:
            self.session.variables[name] = variables.assigned(name, value)
        except ValueError as error:
            raise self.error(f"\\set: {error}") from None

    def unset(self, name: str) -> None:
        """Remove a variable, or put back the value that psql never goes without."""
        self.session.variables.pop(name, None)
        if name in variables.UNSET:
            self.session.variables[name] = variables.UNSET[name]

    def forget(self, prefix: str) -> None:
        r"""After ``\gset``, a static pass no longer knows the variables it may have set."""
        known = self.session.variables
        if self.session.static:
            for name in [n for n in known if n.startswith(prefix) and n not in variables.DEFAULTS]:
                del known[name]

    def quit(self) -> None:
        """End this file, not those that include it; a static pass reads on in a branch."""
        self._ended = not (self.session.static and self.conditions.blocks)

    def _lookup(self, name: str) -> str | None:
        self.session.plain = False
        self.session.asked.add(name)
        return self.session.variables.get(name) if self.conditions.active else None

    def _statement(self, buffer: Buffer, after: After | None) -> Statement:
        sql = "".join(buffer.parts)
        if "set" in buffer.keywords:
            self._settings(sql)
        data = self._inline(buffer)
        first = buffer.first or buffer.breaks[0][1]
        return Statement(sql, self.source.path, first, after, data, tuple(buffer.breaks))

    def _inline(self, buffer: Buffer) -> str | None:
        """Take the data of a COPY FROM STDIN from the lines after it."""
        if buffer.inputs > 1:
            raise self.error("more than one COPY FROM STDIN in one message is not supported")
        return self.source.copy_data() if buffer.inputs else None

    def _settings(self, sql: str) -> None:
        if found := SET_ENCODING.search(sql):
            self._recode(found["value"].strip("'\""))
        strings = SET_STRINGS.search(sql)
        if strings and not variables.BOOLEANS.get(strings["value"].strip("'\"").lower()):
            raise self.error("standard_conforming_strings off is not supported")

    def _recode(self, name: str) -> None:
        python = codec(name)
        if python is None:
            raise self.error(f'unknown encoding: "{name}"')
        self.source.recode(python)

    def _skip(self) -> None:
        """Pass over a statement in a dead branch, and over the data inlined after it."""
        self._inline(self.lexer.buffer)
        self.conditions.discard()

    def _find(self, name: str, *, beside: bool = False, sure: bool = True) -> Path | None:
        """Find a file as psql does, then beside the script; None if only a run can tell."""
        wanted = Path(name).expanduser() if name.startswith("~/") else Path(name)
        folder = self.source.path.parent
        places = [folder] if beside else [Path(), folder]
        for candidate in (place / wanted for place in places):
            if candidate.is_file():
                return candidate
        if self.session.static and (self.conditions.blocks or not sure):
            return None
        raise self.error(f"no such file: {name} (looked in {' and '.join(map(str, places))})")

    def _child(self, path: Path, session: Session) -> Iterator[Item]:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise self.error(f"{path} cannot be read: {error.strerror}") from None
        return Reader(Source(path, content), session, self._files).items()

    def _input(self, name: str) -> bytes | None:
        path = self._find(name)
        try:
            return path.read_bytes() if path and not self.session.static else None
        except OSError as error:
            raise self.error(f"{path} cannot be read: {error.strerror}") from None


KEPT = 1 << 20
"""Bytes of a script whose items are kept for the pass that runs it, where that is possible."""


class Script:
    r"""A psql script: iterate over it for what psql would do, in psql's order.

    The iteration is lazy: what a runner writes into ``variables`` (``\gset``) before it
    asks for the next item is seen by everything after. Iterating raises ScriptError
    where the script cannot be served; ``check`` raises it before anything has run.
    """

    def __init__(
        self,
        path: Path,
        content: bytes | str,
        variables: Mapping[str, str],
        connects: bool = False,
    ) -> None:
        self.path = path
        self.connects = connects
        self.variables = {**DEFAULTS, **variables}
        self.content = content if isinstance(content, bytes) else content.encode()
        self._source = content
        self._checked: set[Path] = set()
        self._asked: set[str] = set()
        self._items: list[Item] | None = None

    @classmethod
    def open(
        cls, path: Path, variables: Mapping[str, str] | None = None, connects: bool = False
    ) -> Script:
        r"""Read the file at ``path``; ScriptError when that fails.

        ``connects``: ``\c`` may name a database and a user, which the runner makes sense of.
        """
        try:
            return cls(path, path.read_bytes(), variables or {}, connects)
        except OSError as error:
            raise ScriptError(path, 1, f"cannot be read: {error.strerror}") from None

    @classmethod
    def parse(cls, text: str, path: Path, variables: Mapping[str, str] | None = None) -> Script:
        """Take ``text`` for the content of ``path``, which need not exist."""
        return cls(path, text, variables or {})

    def __iter__(self) -> Iterator[Item]:
        """Hand out statements, echoes and reconnections as psql would come to them."""
        kept, self._items = self._items, None
        if kept:
            return iter(kept)
        session = Session(self.variables, checked=self._checked, connects=self.connects)
        return self._read(session)

    def is_on(self, name: str) -> bool:
        """Whether a variable is set to what psql takes for true."""
        return variables.BOOLEANS.get(self.variables.get(name, "off").lower(), False)

    @property
    def asks_of_results(self) -> bool:
        """Whether it has variables that tell of the last statement, if it has been checked."""
        return bool(self._asked & RESULTS)

    def check(self) -> None:
        r"""Raise ScriptError if anything in the script is not served, in any branch.

        Sees through includes whose names do not depend on a result; the others are
        checked when the iteration comes to them, before anything in them runs.
        """
        deque(self._static(), maxlen=0)

    def statements(self) -> Iterator[Statement]:
        r"""Hand out the statements of all branches and of all includes known by name.

        Variables that depend on a result or on a branch are left as they are written.
        """
        return (item for item in self._static() if isinstance(item, Statement))

    def connections(self) -> Iterator[Reconnect]:
        r"""Hand out each ``\c`` of all branches and of all includes known by name."""
        return (item for item in self._static() if isinstance(item, Reconnect))

    def _static(self) -> Iterator[Item]:
        session = Session(
            dict(self.variables),
            static=True,
            checked=self._checked,
            asked=self._asked,
            connects=self.connects,
        )
        if len(self.content) > KEPT:
            yield from self._read(session)
            return
        items = []
        for item in self._read(session):
            items.append(item)
            yield item
        self._items = items if session.plain else None

    def _read(self, session: Session) -> Iterator[Item]:
        return Reader(Source(self.path, self._source), session).items()
