"""Writing: which rows an identity changes, removes, adds, gives away and takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from psycopg import sql

from harness.access.attempts import Answer, Attempt, Viewer, retried
from harness.access.belonging import Belonging
from harness.access.catalog import WRITES, Column
from harness.access.classes import (
    ALL,
    ANOTHERS,
    OWN,
    SHARED,
    SOME,
    UNSEEN,
    Ids,
)
from harness.access.identities import STRANGE, Identity
from harness.access.values import STRANGER, Row, value_of_type

PRIVILEGE, UNDECIDED = "privilege", "undecided"
FOR_OTHERS = "for others"
"""Of INSERT, and of an UPDATE that gives rows away: rows of others, which everybody sees."""
FROM_OTHERS = "from others"
"""Of an UPDATE that takes rows that it may change: their owner does not see them any more."""
_VIEWERS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """What one identity can do with one command."""

    answer: str
    reason: str = ""
    """Why it is undecided, or the server's message."""
    reached: Ids = frozenset()
    """Stored rows that it reached; of INSERT, those that are like the ones it may add."""
    statement: str = ""


@dataclass
class Writer(Belonging):
    """The writes of one role on one relation, a table or a view through which it can be written."""

    def may(self, command: str) -> tuple[str, ...] | None:
        """The columns that the role may use in a command that the relation takes."""
        if not self.relation.updatable & WRITES[command]:
            return None
        return self.catalog.columns(self.relation, self.role, command)

    # -- UPDATE and DELETE ---

    def update(self, identity: Identity, sighted: bool) -> Cell:
        """All rows that an UPDATE without a WHERE, or with one that is true, changes."""
        columns = self.may("UPDATE")
        if columns is None or (sighted and not self._readable):
            return Cell(PRIVILEGE)
        column = self.harmless(columns)
        if column is None and not sighted:
            column = self.harmless(columns, read=True)
        if column is None and not sighted:
            return self._by_whose(identity, columns)
        name = self._itself(columns) if column is None else sql.Identifier(column.name)
        if name is None:
            return Cell(UNDECIDED, "no column that it may change takes its own value")
        value = self.constant(column) if column else name
        statement = sql.SQL("UPDATE {} SET {} = {}").format(
            self.relation.name.identifier, name, value
        )
        return self._reached(identity, statement, sighted)

    def delete(self, identity: Identity, sighted: bool) -> Cell:
        """All rows that a DELETE without a WHERE, or with one that is true, removes."""
        if self.may("DELETE") is None or (sighted and not self._readable):
            return Cell(PRIVILEGE)
        statement = sql.SQL("DELETE FROM {}").format(self.relation.name.identifier)
        return self._reached(identity, statement, sighted)

    @cached_property
    def _readable(self) -> tuple[str, ...]:
        return self.catalog.columns(self.relation, self.role, "SELECT") or ()

    def _itself(self, columns: Sequence[str]) -> sql.Identifier | None:
        """A column that can be set to what it holds."""
        assert self.base is not None
        found = (c.name for c in self.base.columns if c.settable and c.name in columns)
        return next(map(sql.Identifier, found), None)

    def harmless(self, columns: Sequence[str], read: bool = False) -> Column | None:
        """A column that no condition, key or constraint looks at.

        One that conditions ``read`` serves as well, if it does not say whose a row is.
        """
        assert self.base is not None
        for column in self.base.columns:
            free = not (column.in_key or column.in_check) and column.settable
            looked_at = self.inputs.principal if read else self.telling
            if free and column.name in columns and column.name not in looked_at:
                return column
        return None

    def constant(self, column: Column) -> sql.Composable:
        """A value that some row holds in a column."""
        rows = self.rows
        return sql.Literal(rows[0].stored.get(column.name) if rows else None)

    def _by_whose(self, identity: Identity, columns: Sequence[str]) -> Cell:
        """The same by a column that says whose a row is: by each value until one is accepted."""
        cells = []
        for name in columns:
            assert self.base is not None
            column = self.base.column(name)
            if not column.settable:
                continue
            for value in self.values_of(name):
                statement = sql.SQL("UPDATE {} SET {} = {}").format(
                    self.relation.name.identifier, sql.Identifier(name), sql.Literal(value)
                )
                cells.append(self._reached(identity, statement, sighted=False))
                if cells[-1].answer not in ("policy", UNDECIDED):
                    return cells[-1]
        if any(cell.answer == "policy" for cell in cells):
            return next(cell for cell in cells if cell.answer == "policy")
        return Cell(UNDECIDED, "every column that it may change is in a key")

    def _reached(self, identity: Identity, statement: sql.Composed, sighted: bool) -> Cell:
        if sighted:
            seen = sql.Identifier(self._readable[0])
            statement += sql.SQL(" WHERE {0} IS NULL OR {0} IS NOT NULL").format(seen)
        text = statement.as_string(None)
        assert self.base is not None
        look = self.base.places
        actor = identity.actor(self.role.name)
        answer = retried(self.attempts, [Attempt(actor, text, look=look)])[0]
        if not answer.state:
            gone = self.reader.total(self.base) - answer.left
            return Cell(self.visible.classes(identity, gone), reached=gone, statement=text)
        if answer.refused in ("policy", "check option"):
            return self._one_by_one(identity, statement, sighted)
        if answer.state.startswith("23"):
            return Cell(UNDECIDED, f"{answer.state}: {answer.message}", statement=text)
        return _raised(answer, text)

    def _one_by_one(self, identity: Identity, statement: sql.Composed, sighted: bool) -> Cell:
        """Where one row spoils the statement: those that can be reached by themselves."""
        assert self.base is not None
        text = statement.as_string(None)
        if not self.relation.holds_rows or not self.catalog.whole(
            self.relation, self.role, "SELECT"
        ):
            return Cell("policy", statement=text)
        joint = " AND (" if sighted else " WHERE ("
        places = sorted(self.reader.total(self.base))[:40]
        tried = []
        for place in places:
            oid, _, rest = place.partition("(")
            alone = f"{joint}tableoid = {oid}::oid AND ctid = '({rest}'::tid)"
            tried.append(
                Attempt(identity.actor(self.role.name), text + alone, look=self.base.places)
            )
        answers = retried(self.attempts, tried)
        gone = frozenset(p for p, a in zip(places, answers, strict=True) if _removed(p, a))
        if not gone:
            return Cell("policy", statement=text)
        return Cell(self.visible.classes(identity, gone), reached=gone, statement=text)

    # -- INSERT ---

    def insert(self, identity: Identity) -> Cell:
        """Whose rows it may add: rows like those that are there."""
        columns = self.may("INSERT")
        if columns is None:
            return Cell(PRIVILEGE)
        assert self.base is not None
        rows = [row.stored for row in self.rows]
        whose = [row.principal for row in self.rows]
        rows += self._own_rows(identity)
        if not rows:
            return Cell(UNDECIDED, self.seeds.refused.get(self.base.name, "it has no rows"))
        statements = [self.insertion(row, columns) for row in rows]
        viewers = self.viewers(identity)
        look = self.base.places
        tried = [
            Attempt(
                identity.actor(self.role.name), one, look=look,
                viewers=[viewer for _, viewer in viewers],
            )
            for one in statements
        ]  # fmt: skip
        answers = retried(self.attempts, tried)
        kept = [n for n, answer in enumerate(answers) if not self._is_lost(answer)]
        if not kept:
            return Cell(UNDECIDED, answers[0].message, statement=statements[0])
        rows, answers = [rows[n] for n in kept], [answers[n] for n in kept]
        whose = [whose[n] for n in kept if n < len(whose)]
        found, like, without = set[str](), set[str](), set[str]()
        for n, (row, answer) in enumerate(zip(rows, answers, strict=True)):
            if answer.refused:
                without |= self._like(identity, row)
            else:
                sort = self._sort_of(identity, row, answer, viewers)
                if answer.state and n >= len(whose):
                    sort = {OWN}  # permitted, and refused by a constraint: nobody else's
                others = n < len(whose) and whose[n] not in (None, identity.principal)
                if sort == {SHARED} and others and self.whose and self._is_public(row):
                    sort = {FOR_OTHERS}
                found |= sort
                like |= self.ids_like(row)
        if found:
            order = (OWN, SHARED, FOR_OTHERS, ANOTHERS, UNSEEN)
            text = ", ".join(_of(n, without) for n in order if n in found)
            return Cell(text, reached=frozenset(like), statement=statements[0])
        refused = list(dict.fromkeys(answer.refused for answer in answers))
        odd = next((one for one in answers if one.refused not in ("policy", "check option")), None)
        if odd is not None and odd.refused == refused[0]:
            return _raised(odd, statements[0])
        return Cell("policy", statement=statements[0])

    def _is_lost(self, answer: Answer) -> bool:
        """Whether no partition takes the row, which is found out before a policy is asked."""
        assert self.base is not None
        partitioned = self.base.kind == "p"
        return partitioned and answer.state == "23514" and not answer.constraint

    def _is_public(self, row: Row) -> bool:
        """Whether everybody with rows of his own sees a row, so that seeing says nothing."""
        ids = self.ids_like(row)
        persons = [one for one in self.reader.identities if one.principal is not None]
        seen = self.visible.seen
        return bool(ids) and all(ids <= seen.get(one.name, frozenset()) for one in persons)

    def _own_rows(self, identity: Identity) -> list[Row]:
        """What a stranger's own row would be: values of nobody else."""
        if identity.name != STRANGE or not self.rows or self.base is None:
            return []
        changed = {}
        for name in self.telling:
            column = self.base.column(name)
            value = value_of_type(column.type, STRANGER, identity.user or "")
            if value is not None and name in self.inputs.principal:
                changed[name] = value
        return [{**row.stored, **changed} for row in self.rows[:8]] if changed else []

    def insertion(self, row: Row, columns: Sequence[str]) -> str:
        """An INSERT of a row like this one, with keys of its own where no condition reads them."""
        assert self.base is not None
        values = dict[str, sql.Composable]()
        for column in self.base.columns:
            if column.generated or column.name not in columns or column.name not in row:
                continue
            renewed = column.in_key and column.name not in self.telling and not column.in_check
            if not renewed:
                if column.identity != "a" or column.name in self.telling:
                    values[column.name] = sql.Literal(row[column.name])
            elif not column.has_default:
                values[column.name] = fresh(column, row[column.name])
        return self.into(values)

    def into(self, values: Mapping[str, sql.Composable]) -> str:
        """An INSERT of these values."""
        assert self.base is not None
        if not values:
            return f"INSERT INTO {self.relation.sql} DEFAULT VALUES"
        always = any(self.base.column(name).identity == "a" for name in values)
        return (
            sql.SQL("INSERT INTO {} ({}){} VALUES ({})")
            .format(
                self.relation.name.identifier,
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(" OVERRIDING SYSTEM VALUE" if always else ""),
                sql.SQL(", ").join(values.values()),
            )
            .as_string(None)
        )

    def viewers(self, identity: Identity) -> list[tuple[Identity, Viewer]]:
        """It, and others, to see whose a row is afterwards; only those who have settings."""
        assert self.base is not None
        relation = self.relation if self.relation.holds_rows else self.base
        read_query = self.reader.read_query(relation, self.role)
        if read_query is None or read_query.rows is not None or identity.settings is None:
            return []
        others = [
            one
            for one in self.reader.identities
            if one.settings is not None and one.name != identity.name and one.name != "expired"
        ]
        some = [identity, *others[:_VIEWERS]]
        return [(one, Viewer(one.actor(self.role.name), read_query.query)) for one in some]

    def _sort_of(
        self,
        identity: Identity,
        row: Row,
        answer: Answer,
        viewers: Sequence[tuple[Identity, Viewer]],
    ) -> set[str]:
        """Whose a row is that was let in."""
        assert self.base is not None
        new = answer.left - self.reader.total(self.base)
        if new and viewers:
            seen = [bool(new & rows) for rows in answer.others]
            others = any(
                s
                for (one, _), s in zip(viewers[1:], seen[1:], strict=True)
                if one.principal is None or one.principal != identity.principal
            )
            if seen[0]:
                return {SHARED if others else OWN}
            return {ANOTHERS if others else UNSEEN}
        return self._like(identity, row)

    def _like(self, identity: Identity, row: Row) -> set[str]:
        """Whose the row is that it is like."""
        ids = self.ids_like(row)
        text = self.visible.classes(identity, ids) if ids else UNSEEN
        return {SHARED} if text == ALL else {one.removeprefix(SOME) for one in text.split(", ")}


def _raised(answer: Answer, statement: str) -> Cell:
    """What a condition raised; undecided where it may be our statement that is at fault."""
    if answer.is_of_condition:
        return Cell(answer.refused, answer.message, statement=statement)
    return Cell(UNDECIDED, f"{answer.state}: {answer.message}", statement=statement)


def _of(sort: str, without: set[str]) -> str:
    """A class of rows; some of it where rows of this class are refused."""
    return SOME + sort if sort in without and sort in (OWN, SHARED) else sort


def _removed(place: str, answer: Answer) -> bool:
    return not answer.state and place not in answer.left


def fresh(column: Column, held: str | None) -> sql.Composable:
    """A value that no row has."""
    if column.type in ("int2", "int4", "int8", "numeric"):
        return sql.Literal("30001")
    if column.type == "uuid":
        return sql.SQL("gen_random_uuid()")
    if column.type in ("text", "varchar", "citext", "name"):
        return sql.Literal("fresh")
    return sql.Literal(held)
