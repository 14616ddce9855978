"""Joining: rows that an identity adds or changes where policies look, so that it sees more."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg import sql

from harness.access.attempts import Attempt, Viewer
from harness.access.bypasses import FAMILIES, Bypass, BypassSearch
from harness.access.catalog import Column, Function, Relation
from harness.access.identities import Identity
from harness.access.reading import holding, removal, stored_in
from harness.access.values import Row, value_of
from harness.access.writing import Writer

_MOST_CALLS = 12


@dataclass
class Joining(BypassSearch):
    """The memberships that one role can give itself."""

    def joined(self) -> Iterator[Bypass]:
        """A row that an identity adds or changes where policies look, after which it sees more."""
        for oid in sorted(self.inputs.consulted):
            relation = self.catalog.by_oid.get(oid)
            if relation is None or not relation.holds_rows:
                continue
            writer = self.writer(relation)
            columns = writer.may("INSERT")
            if columns is not None and relation.protected:
                yield from itertools.islice(self._join(writer, columns), 1)
            columns = writer.may("UPDATE")
            if columns is not None and relation.protected:
                yield from _gravest(self._promote(writer, columns))

    def joined_by_functions(self) -> Iterator[Bypass]:
        """A SECURITY DEFINER function after which an identity sees more: that makes it a member.

        Given the number of another's invitation. A text or a uuid may be a secret, for whoever
        knows it to redeem; an invitation that names the identity is to be accepted.
        """
        for function in self.catalog.functions:
            if function.volatility != "v" or not function.types or not self.is_open(function):
                continue
            text = self.reached_by(function)
            named = [r for r in self.catalog.relations if r.holds_rows and self.is_in(r, text)]
            for identity in self.persons():
                found = next(self._joined_by(function, named, identity), None)
                if found is not None:
                    yield found
                    break

    def _joined_by(
        self, function: Function, named: Sequence[Relation], identity: Identity
    ) -> Iterator[Bypass]:
        known = [self.writer(table) for table in named]
        persons = [
            (w.relation, w.ids_of(row)) for w in known if (row := self._of_person(w, identity))
        ]
        before = "; ".join(removal(table, rows) for table, rows in persons if rows)
        for table in named:
            rows = list(self.rows_of_others(table, identity))
            own = {n: text for row in self._naming(table, identity) for n, text in row.items()}
            rows += [{**row, **own} for row in rows] if own else []
            for call in itertools.islice(self.calls(function, table, rows), 2 * _MOST_CALLS):
                found = self._sees_more(identity, call, self._protected())
                if found is None:
                    continue
                without = self._sees_more(identity, call, self._protected(), before or None)
                guessed = all(type_ in FAMILIES[0] for type_ in function.types)
                title = (
                    f"{function} makes {identity.name} a member: it sees rows of {found}"
                    " that it does not see"
                )
                kind = "function" if guessed and without is not None else "accepting"
                yield Bypass(kind, str(function), found, self.role.name, identity.name, title, call)

    def _protected(self) -> list[Relation]:
        """The protected tables that the role reads."""
        return [
            r
            for r in self.catalog.relations
            if r.protected and r.holds_rows and self.catalog.whole(r, self.role, "SELECT")
        ]

    def _beyond(self, relation: Relation) -> list[Relation]:
        """The protected tables, other than this one, that the role reads."""
        return [r for r in self._protected() if r is not relation]

    def _promote(self, writer: Writer, columns: Sequence[str]) -> Iterator[Bypass]:
        """UPDATEs of what the rows say that are a person's by their key: a role, a flag.

        Of a tenant, one that the person has nothing to do with: to choose among one's own is meant.
        """
        relation = writer.relation
        table = self.reader.schema.by_name.get(relation.name)
        keys = {name for key in table.keys for name in key.columns} if table else set()
        if not keys & self.inputs.principal:
            return
        for column in relation.columns:
            if not column.settable or column.name not in set(columns) & {*writer.telling}:
                continue
            if column.in_key and column.name in self.inputs.principal:
                continue
            rows = [r for r in writer.rows if r.principal == 2 or column.name not in writer.whose]
            held = (row.stored.get(column.name) for row in rows)
            for value in list(dict.fromkeys(text for text in held if text is not None))[:6]:
                for identity in self.persons():
                    yield from self._promoted(writer, identity, column, value)

    def _promoted(
        self, writer: Writer, identity: Identity, column: Column, value: str
    ) -> Iterator[Bypass]:
        relation = writer.relation
        for statement in self._settings(writer, identity, column, value):
            found = self._sees_more(identity, statement, self._beyond(relation))
            if found is not None:
                pending = self._is_pending(writer, identity, column.name, value, found)
                title = (
                    f"{identity.name} sets {column.name} in {relation},"
                    f" and sees rows of {found} that it does not see"
                )
                yield Bypass(
                    "accepting" if pending else "membership", str(relation), found,
                    self.role.name, identity.name, title, statement,
                )  # fmt: skip
            elif column.name not in writer.whose:
                found = self._writes_more(writer, identity, statement)
                if found is not None:
                    title = (
                        f"{identity.name} sets {column.name} in {relation},"
                        f" and changes rows of {found} that it could not change"
                    )
                    yield Bypass(
                        "membership", str(relation), found,
                        self.role.name, identity.name, title, statement,
                    )  # fmt: skip

    def _writes_more(self, writer: Writer, identity: Identity, statement: str) -> Relation | None:
        """The first table of which it can change rows that others see, and could not before."""
        actor, relation = identity.actor(self.role.name), writer.relation
        answer = self.attempts.make([Attempt(actor, statement, look=relation.places)])[0]
        changed = self.reader.total(relation) - answer.left
        if answer.state or not changed:
            return None
        before = f"{statement} WHERE {stored_in(changed)}"
        for one in self.catalog.relations:
            if one.protected and one.holds_rows and one is not relation:
                other = self.writer(one)
                cells = (other.delete(identity, False), other.update(identity, False))
                tried = [cell for cell in cells if cell.statement]
                answers = self.attempts.make(
                    [Attempt(actor, c.statement, look=one.places, before=before) for c in tried]
                )
                theirs = other.visible.others(identity) | other.anothers(identity)
                for cell, after in zip(tried, answers, strict=True):
                    now = self.reader.total(one) - after.left
                    if not after.state and (now - cell.reached) & theirs:
                        return one
        return None

    def _settings(
        self, writer: Writer, identity: Identity, column: Column, value: str
    ) -> Iterator[str]:
        """UPDATEs of all rows that it may change; in a key, of one of its own each."""
        statement = sql.SQL("UPDATE {} SET {} = {}").format(
            writer.relation.name.identifier, sql.Identifier(column.name), sql.Literal(value)
        )
        if not column.in_key:
            yield statement.as_string(None)
            return
        key = writer.table.primary_key if writer.table else None
        mine = self._of_person(writer, identity)
        for row in writer.rows if key is not None and mine else ():
            if all(row.stored.get(name) == text for name, text in mine.items()):
                assert key is not None
                where = holding({name: row.stored[name] for name in key.columns})
                yield (statement + sql.SQL(" WHERE ") + where).as_string(None)

    def _of_person(self, writer: Writer, identity: Identity) -> Row:
        """What says in the rows of a table that they are a person's."""
        mine = self.seeds.principal(writer.relation.name, identity.principal or 0) or {}
        return {name: mine[name] for name in self.inputs.principal if mine.get(name)}

    def _naming(self, relation: Relation, identity: Identity) -> list[Row]:
        """A person's name in each column that holds one."""
        named = [c for c in relation.columns if c.name in self.inputs.principal]
        number, users = identity.principal or 0, self.seeds.users
        texts = [(column.name, value_of(column, number, users)) for column in named]
        return [{name: text} for name, text in texts if text is not None]

    def _is_pending(
        self, writer: Writer, identity: Identity, column: str, value: str, found: Relation
    ) -> bool:
        """Whether rows give a person nothing before they have this value: an invitation.

        Of a table with several rows for a person, each of a tenant's; a flag of one's own is none.
        """
        principal, table = self.inputs.principal, self.reader.schema.by_name[writer.relation.name]
        read_query = self.reader.read_query(found, self.role)
        row = self._of_person(writer, identity)
        alone = any({*key.columns} <= principal and len(key.columns) == 1 for key in table.keys)
        if read_query is None or alone:
            return False
        rows = [row]
        if any({*key.columns} <= principal for key in table.keys):  # who asks, and who is asked
            rows = self._naming(writer.relation, identity)
        named = frozenset[str]().union(*map(writer.ids_of, rows))
        pending = named - writer.ids_of({column: value})
        if not pending:
            return False
        actor = identity.actor(self.role.name)
        with_them, without = self.attempts.make(
            [
                Attempt(actor, read_query.query, is_query=True, before=before)
                for before in (None, removal(writer.relation, pending))
            ]
        )
        return not with_them.state and with_them.found == without.found

    def _join(self, writer: Writer, columns: Sequence[str]) -> Iterator[Bypass]:
        protected = self._beyond(writer.relation)
        for identity in self.persons():
            mine = self.seeds.principal(writer.relation.name, identity.principal or 0)
            if mine is None:
                continue
            for values in self._own_memberships(writer, identity, mine):
                statement = writer.insertion(values, columns)
                found = self._sees_more(identity, statement, protected)
                if found is not None:
                    title = (
                        f"{identity.name} makes itself a member in {writer.relation},"
                        f" and sees rows of {found} that it does not see"
                    )
                    yield Bypass(
                        "membership", str(writer.relation), found, self.role.name, identity.name,
                        title, statement,
                    )  # fmt: skip

    def _own_memberships(self, writer: Writer, identity: Identity, mine: Row) -> Iterator[Row]:
        """Rows of others with its name in them, in one place if there are several; as accepted."""
        whose = [name for name in sorted(self.inputs.principal) if name in mine]
        flags = {n: "true" for n in writer.telling if writer.relation.column(n).type == "bool"}
        names = [whose, *([name] for name in whose if len(whose) > 1)]
        for row in self.rows_of_others(writer.relation, identity):
            for some in names:
                values = {**row, **{name: mine[name] for name in some}}
                yield values
                if flags:
                    yield {**values, **flags}

    def _sees_more(
        self,
        identity: Identity,
        statement: str,
        protected: Sequence[Relation],
        before: str | None = None,
    ) -> Relation | None:
        """The first of these of which it sees rows that only others saw before, and not its own."""
        actor = identity.actor(self.role.name)
        viewers = []
        for one in protected:
            read_query = self.reader.read_query(one, self.role)
            assert read_query is not None
            viewers.append(Viewer(actor, read_query.query))
        answer = self.attempts.make([Attempt(actor, statement, before=before, viewers=viewers)])[0]
        if answer.state:
            return None
        for one, rows in zip(protected, answer.others, strict=True):
            if rows & self.writer(one).anothers(identity):
                return one
        return None


def _gravest(found: Iterator[Bypass]) -> Iterator[Bypass]:
    """The first that cannot be meant, or else the first."""
    meant = None
    for one in found:
        if not one.may_be_meant:
            yield one
            return
        meant = meant or one
    if meant is not None:
        yield meant
