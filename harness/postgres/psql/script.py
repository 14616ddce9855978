"""Script: the entry to one psql script."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.core.errors import ScriptError
from harness.postgres.psql import variables as known
from harness.postgres.psql.items import Item, Statement
from harness.postgres.psql.reader import Reader, Session
from harness.postgres.psql.source import Source

KEPT = 1 << 20
"""Bytes of a script whose items are kept for the pass that runs it, where that is possible."""


class Script:
    r"""A psql script: iterate over it for what psql would do, in psql's order.

    The iteration is lazy: what a runner writes into ``variables`` (``\gset``) before it
    asks for the next item is seen by everything after. Iterating raises ScriptError
    where the script cannot be served; ``check`` raises it before anything has run.
    """

    def __init__(self, path: Path, content: bytes | str, variables: Mapping[str, str]) -> None:
        self.path = path
        self.variables = {**known.DEFAULTS, **variables}
        self.content = content if isinstance(content, bytes) else content.encode()
        self._source = content
        self._checked: set[Path] = set()
        self._asked: set[str] = set()
        self._items: list[Item] | None = None

    @classmethod
    def open(cls, path: Path, variables: Mapping[str, str] | None = None) -> Script:
        """Read the file at ``path``; ScriptError when that fails."""
        try:
            return cls(path, path.read_bytes(), variables or {})
        except OSError as error:
            raise ScriptError(path, 1, f"cannot be read: {error.strerror}") from None

    @classmethod
    def parse(cls, text: str, path: Path, variables: Mapping[str, str] | None = None) -> Script:
        """Take ``text`` for the content of ``path``, which need not exist."""
        return cls(path, text, variables or {})

    def __iter__(self) -> Iterator[Item]:
        """Hand out statements, echoes and reconnections as psql would come to them."""
        kept, self._items = self._items, None
        return iter(kept) if kept else self._read(Session(self.variables, checked=self._checked))

    def is_on(self, name: str) -> bool:
        """Whether a variable is set to what psql takes for true."""
        return bool(known.boolean(self.variables.get(name, "off")))

    @property
    def asks_of_results(self) -> bool:
        """Whether it has variables that tell of the last statement, if it has been checked."""
        return bool(self._asked & known.RESULTS)

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

    def _static(self) -> Iterator[Item]:
        session = Session(
            dict(self.variables), static=True, checked=self._checked, asked=self._asked
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
