"""Handing over: rows that an identity gives away, and rows that it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from psycopg import sql

from harness.access.attempts import Answer, Attempt, Viewer, retried
from harness.access.classes import ANOTHERS, NONE, SHARED, Ids
from harness.access.identities import Identity
from harness.access.writing import FOR_OTHERS, FROM_OTHERS, PRIVILEGE, Cell, Writer

_RAISED = "P0001"


class Move(NamedTuple):
    """An UPDATE of a column that says whose a row is."""

    column: str
    value: str
    statement: str


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
    look, actor = writer.base.places, identity.actor(writer.role.name)
    viewers, tried = writer.viewers(identity), list(_moves(writer, identity, whose))
    looking = [viewer for _, viewer in viewers]
    answers = _answers(
        writer, [Attempt(actor, one.statement, look=look, viewers=looking) for one in tried], whose
    )
    given, taken = Cell(NONE), Cell(NONE)
    total = writer.reader.total(writer.base)
    mine = writer.visible.seen.get(identity.name, frozenset())
    for one, answer in zip(tried, answers, strict=True):
        gone = total - answer.left if not answer.state else frozenset()
        reached = (gone & writer.anothers(identity)) | (gone - changed)
        if anothers := reached - _offered(writer, identity, one.column):
            taken = Cell(ANOTHERS, reached=anothers, statement=one.statement)
        elif reached and taken.answer == NONE:
            taken = Cell(SHARED, reached=reached, statement=one.statement)
        elif taken.answer == NONE and (lost := _lost(writer, identity, one, answer, viewers)):
            taken = Cell(FROM_OTHERS, reached=lost, statement=one.statement)
        if gone & mine and viewers:
            how = _given(writer, identity, one, answer, viewers)
            if how == ANOTHERS or (how == FOR_OTHERS and given.answer == NONE):
                given = Cell(how, reached=gone & mine, statement=one.statement)
    return given, taken


def _answers(writer: Writer, tried: Sequence[Attempt], whose: Sequence[str]) -> list[Answer]:
    """What comes of them; what a trigger refuses is refused, if it is not every UPDATE."""
    answers = writer.attempts.make(tried)
    if any(answer.state == _RAISED for answer in answers):
        name = sql.Identifier(whose[0])
        same = sql.SQL("UPDATE {} SET {} = {}").format(writer.relation.name.identifier, name, name)
        itself = Attempt(tried[0].actor, same.as_string(None))
        if not writer.attempts.make([itself])[0].state:
            return answers
    return retried(writer.attempts, tried)


def _moves(writer: Writer, identity: Identity, whose: Sequence[str]) -> Iterator[Move]:
    assert writer.base is not None
    mine = writer.seeds.principal(writer.base.name, identity.principal or 0) or {}
    for name in whose:
        own = [text for text in (mine.get(name),) if text is not None]
        for value in dict.fromkeys([*writer.values_of(name), *own]):
            statement = sql.SQL("UPDATE {} SET {} = {}").format(
                writer.relation.name.identifier, sql.Identifier(name), sql.Literal(value)
            )
            yield Move(name, value, statement.as_string(None))


def _offered(writer: Writer, identity: Identity, column: str) -> Ids:
    """Rows that it sees and that name it in another column: who is to be the next owner."""
    assert writer.base is not None
    if identity.principal is None:
        return frozenset()
    mine = writer.seeds.principal(writer.base.name, identity.principal) or {}
    names = {*writer.whose} & writer.inputs.principal - {column}
    named = (writer.ids_of({name: mine[name]}) for name in names if mine.get(name))
    seen = writer.visible.seen.get(identity.name, frozenset())
    return frozenset[str]().union(*named) & seen


def _lost(
    writer: Writer,
    identity: Identity,
    move: Move,
    answer: Answer,
    viewers: Sequence[tuple[Identity, Viewer]],
) -> Ids:
    """Rows in another's name that are now in its own, and that the other does not see any more."""
    assert writer.base is not None
    if identity.principal is None or answer.state:
        return frozenset()
    mine = writer.seeds.principal(writer.base.name, identity.principal) or {}
    if mine.get(move.column) != move.value:
        return frozenset()
    total = writer.reader.total(writer.base)
    gone, new, lost = total - answer.left, answer.left - total, set[str]()
    for (other, _), seen in zip(viewers[1:], answer.others[1:], strict=True):
        row = writer.seeds.principal(writer.base.name, other.principal or 0) or {}
        if other.principal in (None, identity.principal) or not row.get(move.column):
            continue
        theirs = gone & writer.ids_of({move.column: row[move.column]})
        if len(theirs & writer.visible.seen[other.name]) > len(seen & new):
            lost |= theirs
    return frozenset(lost)


def _given(
    writer: Writer,
    identity: Identity,
    move: Move,
    answer: Answer,
    viewers: Sequence[tuple[Identity, Viewer]],
) -> str:
    """Whose rows have become: only others see them, or everybody does and they are another's."""
    assert writer.base is not None
    new = answer.left - writer.reader.total(writer.base)
    lost = new - answer.others[0]
    seen = zip(viewers[1:], answer.others[1:], strict=True)
    others = frozenset[str]().union(
        *(
            rows
            for (one, _), rows in seen
            if one.principal is None or one.principal != identity.principal
        )
    )
    if lost & others and not lost & answer.others[0]:
        return ANOTHERS
    everybody = new.intersection(*answer.others) == new
    return FOR_OTHERS if everybody and _is_of_another(writer, identity, move) else NONE


def _is_of_another(writer: Writer, identity: Identity, move: Move) -> bool:
    """Whether the value stands in rows of another principal, and in none of the identity's."""
    whose = {row.principal for row in writer.rows if row.stored.get(move.column) == move.value}
    whose.discard(None)
    return identity.principal is not None and bool(whose) and identity.principal not in whose
