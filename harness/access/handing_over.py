"""Handing over: rows that an identity gives away, and rows that it takes."""

from __future__ import annotations

from psycopg import sql

from harness.access.attempts import Attempt, retried
from harness.access.classes import NONE, Ids
from harness.access.identities import Identity
from harness.access.writing import PRIVILEGE, Cell, Writer


def moves(writer: Writer, identity: Identity, changed: Ids) -> tuple[Cell, Cell]:
    """Rows given away, and rows taken, by UPDATE of what says whose they are.

    ``changed`` are the rows that it may change otherwise: what it can change only by saying
    whose it is, is taken.
    """
    columns = writer.may("UPDATE")
    whose = [name for name in writer.whose if columns and name in columns]
    if columns is None or not whose:
        return Cell(PRIVILEGE), Cell(PRIVILEGE)
    assert writer.base is not None
    viewers = writer.viewers(identity)
    tried = []
    for name in whose:
        for value in writer.values_of(name):
            statement = sql.SQL("UPDATE {} SET {} = {}").format(
                writer.relation.name.identifier, sql.Identifier(name), sql.Literal(value)
            )
            tried.append(
                Attempt(
                    identity.actor(writer.role.name),
                    statement.as_string(None),
                    look=writer.base.places,
                    viewers=[viewer for _, viewer in viewers],
                )
            )
    answers = retried(writer.attempts, tried)
    given, taken = Cell(NONE), Cell(NONE)
    total, mine = (
        writer.reader.total(writer.base),
        writer.sight.seen.get(identity.name, frozenset()),
    )
    for one, answer in zip(tried, answers, strict=True):
        gone = total - answer.left if not answer.state else frozenset()
        new = answer.left - total
        if not gone:
            continue
        if anothers := (gone & writer.anothers(identity)) | (gone - changed):
            taken = Cell("another's", reached=anothers, statement=one.command)
        if gone & mine and viewers:
            lost = new - answer.others[0]
            others = frozenset[str]().union(
                *(
                    rows
                    for (one, _), rows in zip(viewers[1:], answer.others[1:], strict=True)
                    if one.principal is None or one.principal != identity.principal
                )
            )
            if lost & others and not lost & answer.others[0]:
                given = Cell("another's", reached=gone & mine, statement=one.command)
    return given, taken
