"""One statement sent, and what the server said to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import pq

from harness.core.text import count

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows, or a refusal: true where the statement was accepted."""

    rows: tuple[Row, ...] = ()
    """Column -> value as text; empty where the statement gives none."""
    count: int = 0
    """Rows that the statement gave or changed."""
    sqlstate: str = ""
    """Of a refusal."""
    message: str = ""
    constraint: str = ""
    column: str = ""
    table: str = ""
    function: str = ""
    """Of the server's source code, where it was raised: in no language, unlike the message."""
    inside: bool = False
    """It was raised by code of the schema that the statement led to, not by the statement."""
    context: str = ""
    """Where in the schema's own code, or in the server's, it was raised."""
    late: bool = False
    """Nothing was refused at once: a deferred constraint did so where COMMIT would."""

    @classmethod
    def refusal(cls, error: psycopg.Error) -> Answer:
        """The answer that an error is."""
        diag = error.diag
        return cls(
            sqlstate=error.sqlstate or "",
            message=diag.message_primary or str(error),
            constraint=diag.constraint_name or "",
            column=diag.column_name or "",
            table=diag.table_name or "",
            function=diag.source_function or "",
            inside=bool(diag.context or diag.internal_query),
            context=diag.context or "",
        )

    def __bool__(self) -> bool:
        return not self.sqlstate

    def __str__(self) -> str:
        """One line for a person."""
        if self.sqlstate:
            return f"{self.sqlstate}: {self.message}"
        if self.rows:
            first = ", ".join(f"{name} = {_shown(value)}" for name, value in self.rows[0].items())
            more = f" and {len(self.rows) - 1} more" if len(self.rows) > 1 else ""
            return f"({first}){more}"
        return count(self.count, "row")


def _shown(value: object) -> str:
    text = "NULL" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def send(connection: psycopg.Connection[Any], text: str, data: str = "") -> Answer:
    """The server's answer to a simple query, its last statement's where there are several.

    ``data`` is what a COPY FROM STDIN reads.
    """
    result = connection.pgconn.exec_(text.encode(connection.info.encoding))
    if result.status == pq.ExecStatus.COPY_IN:
        result = _copied(connection, data)
    if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
        codec = connection.info.encoding
        names = [(result.fname(i) or b"").decode(codec) for i in range(result.nfields)]
        rows = tuple(
            {name: _decoded(result.get_value(row, i), codec) for i, name in enumerate(names)}
            for row in range(result.ntuples)
        )
        return Answer(rows, result.command_tuples or len(rows))
    return Answer.refusal(psycopg.errors.error_from_result(result, connection.info.encoding))


def _copied(connection: psycopg.Connection[Any], data: str) -> pq.abc.PGresult:
    connection.pgconn.put_copy_data(data.removesuffix("\\.").encode(connection.info.encoding))
    connection.pgconn.put_copy_end()
    result = connection.pgconn.get_result()
    while connection.pgconn.get_result() is not None:
        pass  # the end of the query
    assert result is not None
    return result


def _decoded(value: bytes | None, codec: str) -> str | None:
    return None if value is None else value.decode(codec)
