"""Writing: which rows an identity changes, removes, adds, gives away and takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from psycopg import sql

from harness.access.attempts import Answer, Attempt, Attempts, Viewer, retried
from harness.access.catalog import WRITES, Catalog, Column, Relation, Role
from harness.access.classes import NONE, Ids, Sight
from harness.access.identities import STRANGE, Identity
from harness.access.inputs import Inputs
from harness.access.seeding import STRANGER, Row, Seeded, Seeds, value_of_type
from harness.access.sight import Reader
from harness.postgres.schema_model import Table

PRIVILEGE, UNDECIDED = "privilege", "undecided"
FOR_OTHERS = "for others"
"""Of INSERT: rows in the name of others, which everybody sees."""
_TEMPLATES = 14
_VIEWERS = 5
_TAKEN = ("23505", "23P01")


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
class Writer:
    """The writes of one role on one relation, a table or a view through which it can be written."""

    attempts: Attempts
    catalog: Catalog
    inputs: Inputs
    seeds: Seeds
    reader: Reader
    relation: Relation
    role: Role

    @cached_property
    def base(self) -> Relation | None:
        """The table that holds the rows."""
        return self.reader.base(self.relation)

    @cached_property
    def sight(self) -> Sight:
        """What is seen of its rows: through the view where that tells."""
        assert self.base is not None
        own = self.reader.sight(self.relation, self.role)
        way = self.reader.way(self.relation, self.role)
        if self.relation is self.base or (way is not None and way.base is self.base):
            return own
        return self.reader.sight(self.base, self.role)

    @cached_property
    def rows(self) -> list[Seeded]:
        """Rows of the table to make others like."""
        assert self.base is not None
        found, seen = list[Seeded](), set[object]()
        below = [r for r in self.catalog.relations if self.base in self.catalog.above(r)]
        for relation in (self.base, *below):
            for row in self.seeds.rows.get(relation.name, ()):
                key = tuple(row.stored.get(name) for name in self.telling)
                if key not in seen:
                    seen.add(key)
                    found.append(row)
        return found[:_TEMPLATES]

    @cached_property
    def telling(self) -> list[str]:
        """The columns in which rows differ, as conditions see them."""
        assert self.base is not None
        names = {column.name for column in self.base.columns}
        return [name for name in self.inputs.of_relation(self.base) if name in names]

    @cached_property
    def _table(self) -> Table | None:
        return self.reader.schema.by_name.get(self.base.name) if self.base else None

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
        column = self._harmless(columns)
        if column is None and not sighted:
            column = self._harmless(columns, read=True)
        if column is None and not sighted:
            return Cell(UNDECIDED, "every column that it may change is in a key, or says whose")
        name = self._itself(columns) if column is None else sql.Identifier(column.name)
        if name is None:
            return Cell(UNDECIDED, "no column that it may change takes its own value")
        value = self._constant(column) if column else name
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

    def _harmless(self, columns: Sequence[str], read: bool = False) -> Column | None:
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

    def _constant(self, column: Column) -> sql.Composable:
        rows = self.rows
        return sql.Literal(rows[0].stored.get(column.name) if rows else None)

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
            return Cell(self.sight.classes(identity, gone), reached=gone, statement=text)
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
        return Cell(self.sight.classes(identity, gone), reached=gone, statement=text)

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
        viewers = self._viewers(identity)
        look = self.base.places
        tried = [
            Attempt(
                identity.actor(self.role.name), one, look=look,
                viewers=[viewer for _, viewer in viewers],
            )
            for one in statements
        ]  # fmt: skip
        answers = retried(self.attempts, tried)
        found, like = set[str](), set[str]()
        for n, (row, answer) in enumerate(zip(rows, answers, strict=True)):
            if not answer.refused:
                sort = self._sort_of(identity, row, answer, viewers)
                if answer.state and n >= len(whose):
                    sort = {"own"}  # permitted, and refused by a constraint: nobody else's
                others = n < len(whose) and whose[n] not in (None, identity.principal)
                if sort == {"shared"} and others and self._whose and self._is_public(row):
                    sort = {FOR_OTHERS}
                found |= sort
                like |= self.ids_like(row)
        if found:
            order = ("own", "shared", FOR_OTHERS, "another's", "unseen")
            text = ", ".join(n for n in order if n in found)
            return Cell(text, reached=frozenset(like), statement=statements[0])
        refused = list(dict.fromkeys(answer.refused for answer in answers))
        odd = next((one for one in answers if one.refused not in ("policy", "check option")), None)
        if odd is not None and odd.refused == refused[0]:
            return _raised(odd, statements[0])
        return Cell("policy", statement=statements[0])

    def _is_public(self, row: Row) -> bool:
        """Whether everybody with rows of his own sees a row, so that seeing says nothing."""
        ids = self.ids_like(row)
        persons = [one for one in self.reader.identities if one.principal is not None]
        seen = self.sight.seen
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
            fresh = column.in_key and column.name not in self.telling and not column.in_check
            if not fresh:
                if column.identity != "a" or column.name in self.telling:
                    values[column.name] = sql.Literal(row[column.name])
            elif not column.has_default:
                values[column.name] = _fresh(column, row[column.name])
        return self._into(values)

    def _into(self, values: Mapping[str, sql.Composable]) -> str:
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

    def _viewers(self, identity: Identity) -> list[tuple[Identity, Viewer]]:
        """It, and others, to see whose a row is afterwards; only those who have settings."""
        assert self.base is not None
        relation = self.relation if self.relation.holds_rows else self.base
        way = self.reader.way(relation, self.role)
        if way is None or way.rows is not None or identity.settings is None:
            return []
        others = [
            one
            for one in self.reader.identities
            if one.settings is not None and one.name != identity.name and one.name != "expired"
        ]
        some = [identity, *others[:_VIEWERS]]
        return [(one, Viewer(one.actor(self.role.name), way.query)) for one in some]

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
                return {"shared" if others else "own"}
            return {"another's" if others else "unseen"}
        return self._like(identity, row)

    def _like(self, identity: Identity, row: Row) -> set[str]:
        """Whose the row is that it is like."""
        ids = self.ids_like(row)
        text = self.sight.classes(identity, ids) if ids else "unseen"
        return {"shared"} if text == "all" else set(text.split(", "))

    def ids_like(self, row: Row) -> Ids:
        """Where the rows are stored that are the same in what conditions read."""
        assert self.base is not None
        wheres = [
            sql.SQL("{}::text IS NOT DISTINCT FROM {}").format(
                sql.Identifier(name), sql.Literal(row.get(name))
            )
            for name in self.telling
        ]
        where = sql.SQL(" AND ").join(wheres).as_string(None) or "true"
        return self.reader.as_superuser(f"{self.base.places} WHERE {where}")

    # -- rows that change hands ---

    def moves(self, identity: Identity, changed: Ids) -> tuple[Cell, Cell]:
        """Rows given away, and rows taken, by UPDATE of what says whose they are.

        ``changed`` are the rows that it may change otherwise: what it can change only by saying
        whose it is, is taken.
        """
        columns = self.may("UPDATE")
        whose = [name for name in self._whose if columns and name in columns]
        if columns is None or not whose:
            return Cell(PRIVILEGE), Cell(PRIVILEGE)
        assert self.base is not None
        viewers = self._viewers(identity)
        tried = []
        for name in whose:
            for value in self._values(name):
                statement = sql.SQL("UPDATE {} SET {} = {}").format(
                    self.relation.name.identifier, sql.Identifier(name), sql.Literal(value)
                )
                tried.append(
                    Attempt(
                        identity.actor(self.role.name),
                        statement.as_string(None),
                        look=self.base.places,
                        viewers=[viewer for _, viewer in viewers],
                    )
                )
        answers = retried(self.attempts, tried)
        given, taken = Cell(NONE), Cell(NONE)
        total, mine = self.reader.total(self.base), self.sight.seen.get(identity.name, frozenset())
        for one, answer in zip(tried, answers, strict=True):
            gone = total - answer.left if not answer.state else frozenset()
            new = answer.left - total
            if not gone:
                continue
            if anothers := (gone & self.sight.anothers(identity)) | (gone - changed):
                taken = Cell("another's", reached=anothers, statement=one.command)
            if gone & mine and viewers:
                lost = new - answer.others[0]
                others = frozenset().union(*answer.others[1:])
                if lost & others and not lost & answer.others[0]:
                    given = Cell("another's", reached=gone & mine, statement=one.command)
        return given, taken

    @cached_property
    def _whose(self) -> list[str]:
        """Columns that say whose a row is: several values, and conditions read them."""
        assert self.base is not None
        table = self._table
        keys = {n for key in table.foreign_keys for n in key.columns} if table else set[str]()
        found = []
        for name in self.telling:
            column = self.base.column(name)
            telling = name in keys or name in self.inputs.principal
            if telling and column.settable and len(self._values(name)) > 1:
                found.append(name)
        return found

    def _values(self, name: str) -> list[str]:
        every = (row.stored.get(name) for row in self.rows if row.principal is not None)
        return list(dict.fromkeys(text for text in every if text is not None))[:3]

    # -- keys ---

    def upsert(self, identity: Identity) -> Cell:
        """Rows that INSERT ... ON CONFLICT (primary key) DO UPDATE changes, own values given."""
        inserts, updates = self.may("INSERT"), self.may("UPDATE")
        table = self._table
        key = table.primary_key if table else None
        if inserts is None or updates is None:
            return Cell(PRIVILEGE)
        column = self._harmless(updates)
        if key is None or column is None or not set(key.columns) <= set(inserts):
            return Cell(PRIVILEGE)
        assert self.base is not None
        mine = self._own_row(identity)
        if mine is None:
            return Cell(NONE)
        tried, rows = [], self.rows
        for row in rows:
            values = dict(mine) | {name: row.stored[name] for name in key.columns}
            literals = {
                c.name: sql.Literal(values[c.name])
                for c in self.base.columns
                if c.name in inserts and c.name in values and not c.generated
            }
            suffix = sql.SQL(" ON CONFLICT ({}) DO UPDATE SET {} = {}").format(
                sql.SQL(", ").join(map(sql.Identifier, key.columns)),
                sql.Identifier(column.name),
                self._constant(column),
            )
            text = self._into(literals) + suffix.as_string(None)
            actor = identity.actor(self.role.name)
            tried.append(Attempt(actor, text, look=self.base.places))
        answers = retried(self.attempts, tried)
        total, gone = self.reader.total(self.base), set[str]()
        for answer in answers:
            if not answer.state:
                gone |= total - answer.left
        if not gone:
            return Cell("policy" if any(a.refused for a in answers) else NONE)
        reached = frozenset(gone)
        return Cell(
            self.sight.classes(identity, reached), reached=reached, statement=tried[0].command
        )

    def _own_row(self, identity: Identity) -> Row | None:
        if identity.principal is None or self.base is None:
            return None
        found = (r.stored for r in self.rows if r.principal == identity.principal)
        return next(found, None)

    def reveals(self, identity: Identity) -> list[str]:
        """Unique keys by which an INSERT of its own row tells that another's is there."""
        columns, mine = self.may("INSERT"), self._own_row(identity)
        if columns is None or mine is None or self._table is None or self.base is None:
            return []
        theirs = next(self._rows_of_others(identity), None)
        if theirs is None:
            return []
        tried, names = [], []
        for index in self._table.indexes:
            keys = [name for name in index.columns if name is not None]
            if not (index.unique or index.exclusion) or index.predicate:
                continue
            if not set(keys) <= set(columns):
                continue
            if index.exclusion:  # what says whose the row is stays its own
                keys = [name for name in keys if name not in self.inputs.principal]
            values = dict[str, sql.Composable]()
            for column in self.base.columns:
                if column.generated or column.name not in columns or column.name not in mine:
                    continue
                if column.name in keys:
                    values[column.name] = sql.Literal(theirs[column.name])
                elif column.in_key and column.name not in self.telling and not column.in_check:
                    if not column.has_default:
                        values[column.name] = _fresh(column, mine[column.name])
                elif column.identity != "a":
                    values[column.name] = sql.Literal(mine[column.name])
            tried.append(Attempt(identity.actor(self.role.name), self._into(values)))
            names.append(index.name)
        answers = self.attempts.make(tried)
        pairs = zip(names, answers, strict=True)
        keys = [n for n, a in pairs if a.state in _TAKEN and a.constraint == n]
        return keys + list(self._references(identity, mine, columns))

    def _references(self, identity: Identity, mine: Row, columns: Sequence[str]) -> Iterator[str]:
        """Foreign keys by which its own row refers to another's, which tells that it is there."""
        for key in self._table.foreign_keys if self._table else ():
            target = self.catalog.by_name.get(key.target) if key.target else None
            if target is None or target is self.base or not target.protected:
                continue
            hidden = self.reader.sight(target, self.role).anothers(identity)
            rows = self.seeds.rows.get(target.name, ())
            theirs = next(
                (r.stored for r in rows if r.principal not in (None, identity.principal)), None
            )
            if not hidden or theirs is None:
                continue
            pairs = zip(key.columns, key.target_columns, strict=True)
            values = {**mine, **{here: theirs[there] for here, there in pairs}}
            statement = self.insertion(values, columns)
            if not self.attempts.make([Attempt(identity.actor(self.role.name), statement)])[
                0
            ].state:
                yield key.name

    def _rows_of_others(self, identity: Identity) -> Iterator[Row]:
        anothers = self.sight.anothers(identity)
        for row in self.rows:
            not_own = row.principal is not None and row.principal != identity.principal
            if not_own and self.ids_like(row.stored) & anothers:
                yield row.stored


def _raised(answer: Answer, statement: str) -> Cell:
    """What a condition raised; undecided where it may be our statement that is at fault."""
    if answer.is_of_condition:
        return Cell(answer.refused, answer.message, statement=statement)
    return Cell(UNDECIDED, f"{answer.state}: {answer.message}", statement=statement)


def _removed(place: str, answer: Answer) -> bool:
    return not answer.state and place not in answer.left


def _fresh(column: Column, held: str | None) -> sql.Composable:
    """A value that no row has."""
    if column.type in ("int2", "int4", "int8", "numeric"):
        return sql.Literal("30001")
    if column.type == "uuid":
        return sql.SQL("gen_random_uuid()")
    if column.type in ("text", "varchar", "citext", "name"):
        return sql.Literal("fresh")
    return sql.Literal(held)
