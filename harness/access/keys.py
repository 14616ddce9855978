"""Keys: what an upsert changes, and what constraints tell of rows that one does not see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psycopg import sql

from harness.access.attempts import Attempt, retried
from harness.access.classes import NONE
from harness.access.identities import Identity
from harness.access.reading import CHECKED, removal
from harness.access.values import Row
from harness.access.writing import PRIVILEGE, Cell, Writer, fresh

_TAKEN = ("23505", "23P01")


def upsert(writer: Writer, identity: Identity) -> Cell:
    """Rows that INSERT ... ON CONFLICT (primary key) DO UPDATE changes, own values given."""
    inserts, updates = writer.may("INSERT"), writer.may("UPDATE")
    table = writer.table
    key = table.primary_key if table else None
    if inserts is None or updates is None:
        return Cell(PRIVILEGE)
    column = writer.harmless(updates)
    if key is None or column is None or not set(key.columns) <= set(inserts):
        return Cell(PRIVILEGE)
    assert writer.base is not None
    mine = _own_row(writer, identity)
    if mine is None:
        return Cell(NONE)
    tried, rows = [], writer.rows
    for row in rows:
        values = dict(mine) | {name: row.stored[name] for name in key.columns}
        literals = {
            c.name: sql.Literal(values[c.name])
            for c in writer.base.columns
            if c.name in inserts and c.name in values and not c.generated
        }
        suffix = sql.SQL(" ON CONFLICT ({}) DO UPDATE SET {} = {}").format(
            sql.SQL(", ").join(map(sql.Identifier, key.columns)),
            sql.Identifier(column.name),
            writer.constant(column),
        )
        text = writer.into(literals) + suffix.as_string(None)
        actor = identity.actor(writer.role.name)
        tried.append(Attempt(actor, text, look=writer.base.places))
    answers = retried(writer.attempts, tried)
    total, gone = writer.reader.total(writer.base), set[str]()
    for answer in answers:
        if not answer.state:
            gone |= total - answer.left
    if not gone:
        return Cell("policy" if any(a.refused for a in answers) else NONE)
    reached = frozenset(gone)
    return Cell(
        writer.visible.classes(identity, reached), reached=reached, statement=tried[0].command
    )


def _own_row(writer: Writer, identity: Identity) -> Row | None:
    if identity.principal is None or writer.base is None:
        return None
    found = (r.stored for r in writer.rows if r.principal == identity.principal)
    return next(found, None)


def reveals(writer: Writer, identity: Identity) -> list[str]:
    """Unique keys by which an INSERT of its own row tells that another's is there."""
    columns, mine = writer.may("INSERT"), _own_row(writer, identity)
    if columns is None or mine is None or writer.table is None or writer.base is None:
        return []
    theirs = next(_rows_of_others(writer, identity), None)
    if theirs is None:
        return []
    tried, names = [], []
    seen = writer.visible.seen.get(identity.name, frozenset())
    for index in writer.table.indexes:
        keys = [name for name in index.columns if name is not None]
        if not (index.unique or index.exclusion) or index.predicate:
            continue
        if not set(keys) <= set(columns):
            continue
        if index.exclusion:  # what says whose the row is stays its own
            keys = [name for name in keys if name not in writer.inputs.principal]
        values = dict[str, sql.Composable]()
        for column in writer.base.columns:
            if column.generated or column.name not in columns or column.name not in mine:
                continue
            if column.name in keys:
                values[column.name] = sql.Literal(theirs[column.name])
            elif column.in_key and column.name not in writer.telling and not column.in_check:
                if not column.has_default:
                    values[column.name] = fresh(column, mine[column.name])
            elif column.identity != "a":
                values[column.name] = sql.Literal(mine[column.name])
        # Its own row may be in the way of an exclusion as well.
        own = index.exclusion and bool(seen)
        before = f"{removal(writer.base, seen)}; {CHECKED}" if own else None
        actor = identity.actor(writer.role.name)
        tried.append(Attempt(actor, writer.into(values), before=before))
        names.append(index.name)
    answers = writer.attempts.make(tried)
    pairs = zip(names, answers, strict=True)
    keys = [n for n, a in pairs if a.state in _TAKEN and a.constraint == n]
    return keys + list(_references(writer, identity, mine, columns))


def _references(
    writer: Writer, identity: Identity, mine: Row, columns: Sequence[str]
) -> Iterator[str]:
    """Foreign keys by which its own row refers to another's, which tells that it is there."""
    for key in writer.table.foreign_keys if writer.table else ():
        target = writer.catalog.by_name.get(key.target) if key.target else None
        if target is None or target is writer.base or not target.protected:
            continue
        hidden = writer.reader.visible(target, writer.role).anothers(identity)
        rows = writer.seeds.rows.get(target.name, ())
        theirs = next(
            (r.stored for r in rows if r.principal not in (None, identity.principal)), None
        )
        if not hidden or theirs is None:
            continue
        pairs = zip(key.columns, key.target_columns, strict=True)
        values = {**mine, **{here: theirs[there] for here, there in pairs}}
        statement = writer.insertion(values, columns)
        if not writer.attempts.make([Attempt(identity.actor(writer.role.name), statement)])[
            0
        ].state:
            yield key.name


def _rows_of_others(writer: Writer, identity: Identity) -> Iterator[Row]:
    anothers = writer.visible.anothers(identity)
    for row in writer.rows:
        not_own = row.principal is not None and row.principal != identity.principal
        if not_own and writer.ids_like(row.stored) & anothers:
            yield row.stored
