"""Server: the judge. It computes, and takes a row or refuses it, within savepoints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.types.string import StrDumperUnknown

from harness.core.errors import ConfigError
from harness.postgres.schema_model import Constraint, Name, Table
from harness.rowgen.draft import (
    CHECKED,
    REDIRECTED,
    SWALLOWED,
    UNCHECKED,
    Refusal,
    Unsatisfiable,
    Values,
    insert_sql,
)

Texts = tuple[str | None, ...]
Query = sql.SQL | sql.Composed | bytes
_UNDO = b"ROLLBACK TO harness_row; RELEASE harness_row"
_KEPT = 4_096
"""Questions whose answers are kept."""
_MOST = 24
"""Failing halves asked again for one question: 24 bad candidates in a batch are found."""


class Server:
    """A connection inside a transaction of the caller's; it neither begins nor commits."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        if connection.autocommit and self._status is TransactionStatus.IDLE:
            raise ConfigError(
                "rows: the connection commits every statement; begin a transaction first, "
                "with connection.transaction() or autocommit=False"
            )
        self._ruled: set[Name] = set()
        """Tables with rules, which return no rows."""
        self._texts: dict[tuple[object, ...], bytes] = {}
        """The INSERTs so far: to write one takes longer than to send it."""
        self._judged: dict[tuple[object, ...], list[Texts | None]] = {}
        """What lasting expressions came to: the tables of a chain are ancestors of many others."""
        self._cursor = psycopg.RawCursor(connection)
        # Whatever the caller has registered: a text is of the type that it is assigned to.
        self._cursor.adapters.register_dumper(str, StrDumperUnknown)

    @property
    def _status(self) -> TransactionStatus:
        return self.connection.info.transaction_status

    def ask(self, query: Query, parameters: Sequence[Any] = ()) -> list[Texts]:
        """The rows of a query, each value the text that the server sends. Raises psycopg.Error."""
        self._cursor.execute(query, parameters)
        result, encoding = self._cursor.pgresult, self.connection.info.encoding
        if result is None:
            return []
        return _texts(result, encoding)

    def attempt(
        self, query: Query, parameters: Sequence[Any] = (), keep: bool = False
    ) -> list[Texts] | Refusal:
        """The same within a savepoint, which only ``keep`` keeps the effects of."""
        self._control(b"SAVEPOINT harness_rows")
        answer = self._answer(query, parameters)
        if keep and not isinstance(answer, Refusal):
            self._control(b"RELEASE harness_rows")
        else:
            self._control(b"ROLLBACK TO harness_rows; RELEASE harness_rows")
        return answer

    def _answer(self, query: Query, parameters: Sequence[Any]) -> list[Texts] | Refusal:
        try:
            return self.ask(query, parameters)
        except psycopg.Error as error:
            if self.connection.closed:
                raise
            return Refusal.of(error)

    def each(self, statements: Sequence[str]) -> list[list[Texts]] | Refusal:
        """The rows of each statement, all sent in one message; after a refusal, none counts."""
        text, encoding = "; ".join(statements), self.connection.info.encoding
        try:
            self._cursor.execute(text.encode(encoding), prepare=False)
        except psycopg.Error as error:
            if self.connection.closed:
                raise
            return Refusal.of(error)
        found = []
        while result := self._cursor.pgresult:
            found.append(_texts(result, encoding))
            if not self._cursor.nextset():
                break
        return found

    @property
    def superuser(self) -> bool:
        """Whether rows can be inserted without a look at what they refer to."""
        return self.connection.info.parameter_status("is_superuser") == "on"

    def insert(
        self,
        table: Table,
        values: Values,
        keep: bool,
        deferred: bool,
        unchecked: bool = False,
        before: Sequence[str] = (),
    ) -> dict[str, str | None] | Refusal:
        """The row as stored, or why not; ``deferred`` constraints are looked at too.

        ``unchecked`` switches foreign keys, and triggers with them, off for this row; ``before``
        are the statements of a `Draft` that are run with it.
        """
        if failed := self._begin(before, unchecked):
            self._control(_UNDO)
            return failed
        if table.name in self._ruled:
            result = self._by_rule(table, values)
        else:
            result = self._stored(table, values)
            if isinstance(result, Refusal) and _by_rule(result):
                self._control(_UNDO)
                result = self._begin(before, unchecked) or self._by_rule(table, values)
        if deferred and not isinstance(result, Refusal):
            result = self._now() or result
        if not keep or isinstance(result, Refusal):
            self._control(_UNDO)
        else:
            self._control((f"{CHECKED}; " * unchecked).encode() + b"RELEASE harness_row")
        return result

    def _begin(self, before: Sequence[str], unchecked: bool) -> Refusal | None:
        """A savepoint, and what is run with the row; the refusal of what is refused."""
        self._control(f"SAVEPOINT harness_row{f'; {UNCHECKED}' * unchecked}".encode())
        answers = (self.attempt(_sql(text), keep=True) for text in before)
        return next((answer for answer in answers if isinstance(answer, Refusal)), None)

    def _stored(self, table: Table, values: Values) -> dict[str, str | None] | Refusal:
        """The row as stored, or why not, after which only a ROLLBACK TO is possible."""
        answer = self._answer(self._insertion(table, values), list(values.values()))
        if isinstance(answer, Refusal):
            return answer
        names = [column.name for column in table.columns]
        if names and not answer:  # a table without columns has nothing to return
            return self._lost(table)
        return dict(zip(names, answer[0], strict=True)) if answer else {}

    def _insertion(self, table: Table, values: Values) -> bytes:
        key = table.name, *values
        if key not in self._texts:
            self._texts[key] = insert_sql(table, values).as_bytes(self.connection)
        return self._texts[key]

    def _by_rule(self, table: Table, values: Values) -> dict[str, str | None] | Refusal:
        """What a rule makes of a row, which cannot be returned: it is looked for."""
        self._ruled.add(table.name)
        before = self._size(table)
        answer = self.attempt(insert_sql(table, values, False), list(values.values()), keep=True)
        if isinstance(answer, Refusal):
            return answer
        if self._size(table) == before:
            return self._lost(table)
        names = [column.name for column in table.columns]
        found = self.rows(newest(table.identifier))
        return dict(zip(names, found[0], strict=True)) if found else self._lost(table)

    def _lost(self, table: Table) -> Refusal:
        """Where a row went that was inserted after the savepoint and not returned."""
        with_it = self._size(table)
        self._control(b"ROLLBACK TO harness_row")
        return SWALLOWED if with_it == self._size(table) else REDIRECTED

    def _size(self, table: Table) -> list[Texts]:
        return self.rows(sql.SQL("SELECT count(*) FROM {}").format(table.identifier))

    @contextmanager
    def whole(self) -> Iterator[Callable[[], None]]:
        """Keep nothing of a block that raises Unsatisfiable, or that calls what it is given."""
        undone: list[bool] = []
        self._control(b"SAVEPOINT harness_whole")
        try:
            yield lambda: undone.append(True)
        except Unsatisfiable:
            undone.append(True)
            raise
        finally:
            # An error of another kind may have ended the transaction, or the connection.
            if self._status is TransactionStatus.INTRANS:
                back = b"ROLLBACK TO harness_whole; " if undone else b""
                self._control(back + b"RELEASE harness_whole")

    def rows(self, query: sql.SQL | sql.Composed, parameters: Sequence[Any] = ()) -> list[Texts]:
        """The rows of a query, none where it is an error: a value of another type, say."""
        answer = self.attempt(query, parameters)
        return [] if isinstance(answer, Refusal) else answer

    def defer(self, key: Constraint, mode: Literal["DEFERRED", "IMMEDIATE"] = "DEFERRED") -> None:
        """A foreign key looks at its rows at the transaction's end, or when it is told to.

        One that the caller has dropped looks at none.
        """
        self.attempt(_sql(setting(key, mode)), keep=True)

    def _now(self) -> Refusal | None:
        """What a COMMIT would say; rolled back, so that the constraints stay as they are set."""
        answer = self.attempt(sql.SQL("SET CONSTRAINTS ALL IMMEDIATE"))
        return answer if isinstance(answer, Refusal) else None

    def bodies(self, names: Sequence[str]) -> list[str]:
        """The definitions of the user's functions with these names, in whatever schema."""
        query = sql.SQL(
            "SELECT pg_get_functiondef(oid) FROM pg_catalog.pg_proc"
            " WHERE proname = ANY ($1) AND prokind = 'f' AND oid >= 16384"
        )
        return [text for (text,) in self.rows(query, [list(names)]) if text]

    def texts(self, expressions: Sequence[str]) -> list[str | None]:
        """The value of each column-free expression as text; None for NULL and for errors."""
        items = [sql.SQL("({})").format(_sql(text)) for text in expressions]
        return self._halved(items, self._row, [_MOST])

    def _row(self, items: Sequence[sql.Composable]) -> list[str | None] | Refusal:
        answer = self.attempt(sql.SQL("SELECT {}").format(sql.SQL(", ").join(items)))
        return answer if isinstance(answer, Refusal) else list(answer[0])

    def judge(
        self,
        columns: Mapping[str, str],
        rows: Sequence[Values],
        expressions: Sequence[str],
        constants: Mapping[str, str] | None = None,
    ) -> list[Texts | None]:
        """Values of expressions on each candidate row; None for a row that raises an error.

        ``columns`` are names and types of what the rows have, ``constants`` names and
        expressions of what is the same in all. True is ``"t"``.
        """
        lasting = is_lasting([*expressions, *(constants or {}).values()])
        about = (*columns.items(), *expressions, *(constants or {}).items())
        key = (about, tuple(tuple(row.get(name) for name in columns) for row in rows))
        if lasting and (known := self._judged.get(key)) is not None:
            return list(known)
        found = self._judge(columns, rows, expressions, constants or {})
        if lasting and None not in found:  # an error may be a timeout
            if len(self._judged) >= _KEPT:
                self._judged.clear()
            self._judged[key] = found
        return list(found)

    def _judge(
        self,
        columns: Mapping[str, str],
        rows: Sequence[Values],
        expressions: Sequence[str],
        constants: Mapping[str, str],
    ) -> list[Texts | None]:
        names = list(columns)
        query = _judging(columns, expressions, constants)

        def answers(some: Sequence[Values]) -> list[Texts | None] | Refusal:
            arrays = [[row.get(name) for row in some] for name in names]
            found = self.attempt(query, [*arrays, list(range(len(some)))])
            return found if isinstance(found, Refusal) else list(found)

        return self._halved(list(rows), answers, [_MOST])

    def computed(
        self,
        columns: Mapping[str, str],
        row: Values,
        expressions: Sequence[str],
        constants: Mapping[str, str],
    ) -> list[str | None]:
        """Values of many expressions on one row; None for NULL and for errors."""

        def answers(some: Sequence[str]) -> list[str | None] | Refusal:
            query = _judging(columns, some, constants)
            found = self.attempt(query, [*([row.get(name)] for name in columns), [0]])
            return found if isinstance(found, Refusal) else list(found[0])

        return self._halved(list(expressions), answers, [_MOST])

    def _halved(self, items: Sequence[Any], answers: Any, budget: list[int]) -> list[Any]:
        """Ask for all at once; where one of them is an error, for the halves."""
        if not items:
            return []
        answer = answers(items)
        if not isinstance(answer, Refusal):
            return list(answer)
        budget[0] -= 1
        if len(items) == 1 or budget[0] < 0:
            return [None] * len(items)
        middle = len(items) // 2
        halves = items[:middle], items[middle:]
        return [found for half in halves for found in self._halved(half, answers, budget)]

    def _control(self, statements: bytes) -> None:
        """Statements about the transaction, in one message: they neither wait nor answer."""
        if self._status is TransactionStatus.IDLE:  # the driver begins what it does not commit
            self._cursor.execute("SELECT")
        result = self.connection.pgconn.exec_(statements)
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result, self.connection.info.encoding)


_CALLS = re.compile(r"[\w\"]\s*\(|\b(?:current_|local|session_|user\b|select\b)", re.IGNORECASE)
_NO_CALLS = re.compile(
    r"\b(?:any|all|in|and|or|not|array|case|when|then|else|is|like|between|numeric|bit"
    r"|character varying|varchar|character|bpchar|timestamp|time|interval)\s*(?=\()",
    re.IGNORECASE,
)
"""Words that may stand before a parenthesis without calling a function."""


def is_lasting(expressions: Sequence[str]) -> bool:
    """Whether expressions come to the same on the same values each time.

    They call nothing, as ``amount >= 0 AND status = ANY (ARRAY['new', 'done'])`` does: a function
    may read tables, or the clock. A string with a parenthesis is taken for a call.
    """
    return not any(_CALLS.search(_NO_CALLS.sub(" ", text)) for text in expressions)


def setting(key: Constraint, mode: str) -> str:
    """The statement after which a key is looked at when the transaction ends, or at once."""
    name = sql.Identifier(key.table.schema, key.name).as_string(None)
    return f"SET CONSTRAINTS {name} {mode}"


def newest(table: sql.Composable) -> sql.Composed:
    """The row that the transaction has written last: no other has a younger xmin."""
    text = "SELECT * FROM {} ORDER BY xmin::text::bigint DESC, cmin::text::bigint DESC LIMIT 1"
    return sql.SQL(text).format(table)


def _by_rule(refusal: Refusal) -> bool:
    """Whether a rule stands for the INSERT, and does not return the row."""
    return refusal.sqlstate == "0A000" and refusal.function == "RewriteQuery"


def _texts(result: PGresult, encoding: str) -> list[Texts]:
    columns = range(result.nfields)
    return [
        tuple(_decoded(result.get_value(row, column), encoding) for column in columns)
        for row in range(result.ntuples)
    ]


def _decoded(value: bytes | None, encoding: str) -> str | None:
    return None if value is None else bytes(value).decode(encoding, "surrogateescape")


def _judging(
    columns: Mapping[str, str], expressions: Sequence[str], constants: Mapping[str, str]
) -> sql.Composed:
    """Candidates as columns of arrays, cast one by one, then the expressions over them."""
    marks = [sql.Identifier(f"c{number}") for number, _ in enumerate(columns)]
    kinds = ["text"] * len(columns) + ["integer"]
    arrays = [_sql(f"${number}::{kind}[]") for number, kind in enumerate(kinds, 1)]
    cast = [
        sql.SQL(", {}::{} AS {}").format(mark, _sql(kind), sql.Identifier(name))
        for mark, (name, kind) in zip(marks, columns.items(), strict=True)
    ]
    return sql.SQL(
        "SELECT {} FROM (SELECT n_{}{} FROM unnest({}) AS u ({})) AS r ORDER BY n_"
    ).format(
        sql.SQL(", ").join(sql.SQL("({})").format(_sql(text)) for text in expressions),
        sql.Composed(cast),
        _named(constants),
        sql.SQL(", ").join(arrays),
        sql.SQL(", ").join([*marks, sql.Identifier("n_")]),
    )


def _named(expressions: Mapping[str, str]) -> sql.Composed:
    return sql.Composed(
        [
            sql.SQL(", ({}) AS {}").format(_sql(text), sql.Identifier(name))
            for name, text in expressions.items()
        ]
    )


def _sql(text: str) -> sql.SQL:
    """What the server has printed of its own catalog."""
    return sql.SQL(text)
