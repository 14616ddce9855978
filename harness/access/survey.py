"""The survey: everything that roles may do in a database, tried."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import psycopg
from psycopg import sql

from harness.access.attempts import Attempts
from harness.access.bypasses import Bypass, BypassSearch
from harness.access.cascades import cascading
from harness.access.catalog import Catalog, Policy, Relation, Role
from harness.access.classes import NONE
from harness.access.columns_shown import columns_shown
from harness.access.foreign import ForeignTables
from harness.access.handing_over import moves
from harness.access.identities import (
    NOBODY,
    Choosing,
    Identity,
    Judged,
    UndecidedCondition,
    unproved,
)
from harness.access.inputs import Inputs
from harness.access.joining import Joining
from harness.access.keys import reveals, upsert
from harness.access.memberships import hiding
from harness.access.reading import Reader
from harness.access.seeding import Seeds
from harness.access.states import states
from harness.access.tenants import Tenants, told_apart
from harness.access.writing import PRIVILEGE, UNDECIDED, Cell, Writer
from harness.core.errors import ServerError
from harness.postgres.cluster.ownership import create_role
from harness.postgres.database import Database
from harness.postgres.schema_model import Schema
from harness.rowgen.expression import Both, Constant, Node, parse

COMMANDS = (
    "SELECT", "INSERT", "UPDATE", "UPDATE sighted", "DELETE", "DELETE sighted", "GIVE", "TAKE",
    "UPSERT", "EXISTS",
)  # fmt: skip
"""The columns of a grid."""
USERS = ("harness_one", "harness_two", "harness_three", "harness_stranger")
"""Roles for as long as it takes, where ``current_user`` is read."""


class NotSuperuser(ServerError):  # noqa: N818  what is so, and no mistake of the caller's
    """The connection is no superuser's, who alone can be everybody."""

    reason = "only a superuser can act as every role"

    def __init__(self) -> None:
        super().__init__(f"access: {self.reason}")


@dataclass(frozen=True)
class Grid:
    """What a role can do with a relation, identity by identity."""

    relation: Relation
    role: str
    cells: dict[str, dict[str, Cell]]
    """Identity's name -> command -> cell."""
    anothers: dict[str, frozenset[str]] = field(default_factory=dict)
    """Identity's name -> rows of the table that only others see."""
    states: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    """Identity's name -> command and column -> its values in the rows reached, if not all."""


@dataclass(frozen=True)
class Facts:
    """What was found out about a database."""

    catalog: Catalog
    identities: tuple[Identity, ...]
    grids: tuple[Grid, ...]
    bypasses: tuple[Bypass, ...]
    unproved: tuple[UndecidedCondition, ...]
    refused: dict[str, str]
    """Tables without a row, and why."""
    unknown: tuple[str, ...]
    """Functions that read a setting whose name is computed."""
    attempts: int
    seeds: Seeds | None = None
    """The rows that it was tried with."""
    tenants: Tenants | None = None


def survey(
    database: Database,
    ignore: Collection[str] = (),
    provided: Collection[str] = (),
    only: Collection[str] = (),
    tenant: str = "",
) -> Facts:
    """Find out what every role may do, in a database of ours that rows are put into.

    ``ignore`` are schemas that are nobody's, ``provided`` those of a platform, which are filled
    and not judged; ``only`` names the tables that are wanted. ``tenant`` is the column that says
    whose a row is, if the project has one. Raises NotSuperuser.
    """
    with database.connect() as connection, database.connect() as fresh:
        given = (list(ignore), frozenset(provided), frozenset(only), tenant)
        return _Survey(connection, fresh, *given, database.cluster.mark).run()


@dataclass
class _Survey:
    connection: psycopg.Connection[Any]
    fresh: psycopg.Connection[Any]
    ignore: list[str]
    provided: frozenset[str]
    only: frozenset[str]
    tenant: str
    mark: str
    """The comment of roles that it makes, on a named server."""

    def run(self) -> Facts:
        """Everything; nothing but the catalog where there is no role to be."""
        self.catalog = Catalog.read(self.connection, self.ignore)
        if not self.catalog.tried:
            return Facts(self.catalog, (), (), (), (), {}, (), 0)
        if self.connection.info.parameter_status("is_superuser") != "on":
            raise NotSuperuser()
        self.foreign = ForeignTables.prepare(self.connection, self.catalog, self.ignore)
        schema = Schema.read(self.connection, self.ignore)
        self.foreign.fill(self.connection, schema)
        return self._tried(schema)

    def _tried(self, schema: Schema) -> Facts:
        self.inputs = told_apart(Inputs.of(self.catalog), self.catalog, self.tenant)
        with self._users() as users:
            self.seeds = Seeds(self.catalog, self.inputs, users)
            with self.connection.transaction():
                self.connection.execute("SET LOCAL client_min_messages = error")
                self.seeds.fill(self.connection, schema, self.foreign.unread)
            self.attempts = Attempts(self.connection, self.fresh)
            judged = Judged(self.attempts, self.catalog)
            identities = Choosing(self.inputs, self.seeds, judged).identities()
            unread = self.foreign.unread
            self.reader = Reader(self.attempts, self.catalog, schema, identities, unread)
            grids, bypasses = [], []
            for role in self.catalog.tried:
                with self._members(role, users):
                    grids += list(self._grids(role))
                    bypasses += list(self._bypasses(role))
            policies = [p for p in self.catalog.policies if self._is_ours(p)]
            arms = list(dict.fromkeys((p, t) for p in policies for t in _arms(p)))
            return Facts(
                self.catalog,
                tuple(identities),
                tuple(grids),
                tuple(bypasses),
                (
                    *(one for one in unproved(judged, identities, arms) if self._is_known(one)),
                    *self._closed(policies, grids),
                ),
                {str(name): why for name, why in self.seeds.refused.items()},
                self.inputs.unknown,
                self.attempts.count,
                self.seeds,
                Tenants.of(self.tenant, self.catalog, self.seeds, self.attempts, identities),
            )

    def _is_ours(self, policy: Policy) -> bool:
        return self._wanted(self.catalog.by_oid[policy.relation])

    def _closed(
        self, policies: Sequence[Policy], grids: Sequence[Grid]
    ) -> Iterator[UndecidedCondition]:
        """Policies that let nobody see a row, where another table's rows decide.

        Rows of ours may be what is missing, so that this shows nothing.
        """
        tried = {role.name: role for role in self.catalog.tried}
        for policy in policies:
            elsewhere = any(oid != policy.relation for oid, _ in policy.reads)
            if policy.command not in ("SELECT", "ALL") or not policy.permissive or not elsewhere:
                continue
            answers = {
                row["SELECT"].answer
                for grid in grids
                if grid.relation.oid == policy.relation and policy.applies_to(tried[grid.role])
                for row in grid.cells.values()
            }
            if NONE in answers and answers <= {NONE, PRIVILEGE}:
                yield UndecidedCondition(policy, policy.qual or "", "never true")

    def _is_known(self, one: UndecidedCondition) -> bool:
        """Whether a condition is for us what it is for clients.

        Policies of what a subquery reads do not bind whom we asked as: it is true too often.
        """
        if "pg_has_role(" in one.text:
            return False  # which is so for a superuser; the grids are for each role
        if self.inputs.by_user and one.policy.functions:
            return False  # a function takes us for the current user
        others = (self.catalog.by_oid.get(oid) for oid, _ in one.policy.reads)
        bound = any(r and r.protected and r.oid != one.policy.relation for r in others)
        return one.why == "never true" or not bound

    def _wanted(self, relation: Relation) -> bool:
        if relation.name.schema in self.provided:
            return False
        return not self.only or bool({str(relation), relation.name.name} & self.only)

    @contextmanager
    def _users(self) -> Iterator[Sequence[str]]:
        """Roles for as long as current_user matters, one a principal, the last a stranger's."""
        if not self.inputs.by_user:
            yield ()
            return
        made = []
        try:
            for name in USERS:
                create_role(self.connection, name, self.mark)
                made.append(name)
            yield USERS
        finally:
            for name in made:
                self.connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))

    @contextmanager
    def _members(self, role: Role, users: Sequence[str]) -> Iterator[None]:
        """The users as members of a role."""
        names = sql.SQL(", ").join(map(sql.Identifier, users))
        one = sql.Identifier(role.name)
        if users:
            self.connection.execute(sql.SQL("GRANT {} TO {}").format(one, names))
        try:
            yield
        finally:
            if users:
                self.connection.execute(sql.SQL("REVOKE {} FROM {}").format(one, names))

    def _grids(self, role: Role) -> Iterator[Grid]:
        for relation in self.catalog.relations:
            if self._wanted(relation):
                yield self._grid(relation, role)

    def _grid(self, relation: Relation, role: Role) -> Grid:
        writer = Writer(
            self.attempts, self.catalog, self.inputs, self.seeds, self.reader, relation, role
        )
        cells = {one.name: self._row(writer, one) for one in self.reader.identities}
        if writer.base is not None:
            anothers = {one.name: writer.anothers(one) for one in self.reader.identities}
        else:
            visible = self.reader.visible(relation, role)
            anothers = {one.name: visible.anothers(one) for one in self.reader.identities}
        of_each = {name: states(writer, row) for name, row in cells.items()}
        found = {name: {(c, n): text for c, n, text in some} for name, some in of_each.items()}
        return Grid(relation, role.name, cells, anothers, found)

    def _row(self, writer: Writer, identity: Identity) -> dict[str, Cell]:
        cells = {"SELECT": self._select(writer, identity)}
        if not any(writer.may(command) is not None for command in ("INSERT", "UPDATE", "DELETE")):
            return cells | {name: Cell(PRIVILEGE) for name in ("INSERT", "UPDATE", "DELETE")}
        if writer.relation.kind == "f":
            given = (self.attempts, self.catalog, writer.relation, writer.role)
            return cells | {
                name: self.foreign.write(*given, name, identity)
                for name in ("INSERT", "UPDATE", "DELETE")
            }
        if writer.base is None:
            undecided = Cell(UNDECIDED, "it is no view of one table")
            return cells | {
                name: undecided if writer.may(name) is not None else Cell(PRIVILEGE)
                for name in ("INSERT", "UPDATE", "DELETE")
            }
        cells["INSERT"] = writer.insert(identity)
        cells["UPDATE"] = writer.update(identity, sighted=False)
        cells["UPDATE sighted"] = writer.update(identity, sighted=True)
        cells["DELETE"] = writer.delete(identity, sighted=False)
        cells["DELETE sighted"] = writer.delete(identity, sighted=True)
        if writer.relation.protected or not writer.relation.holds_rows:
            changed = cells["UPDATE"].reached | cells["UPDATE sighted"].reached
            cells["GIVE"], cells["TAKE"] = moves(writer, identity, changed)
            cells["UPSERT"] = upsert(writer, identity)
            keys = reveals(writer, identity)
            cells["EXISTS"] = Cell(", ".join(keys) or NONE)
        return cells

    def _select(self, writer: Writer, identity: Identity) -> Cell:
        relation, role = writer.relation, writer.role
        if reason := self.foreign.unread.get(relation.oid):
            may = self.catalog.columns(relation, role, "SELECT") is not None
            return Cell(UNDECIDED, reason) if may else Cell(PRIVILEGE)
        answer = self.reader.answers(relation, role).get(identity.name)
        if answer is None:
            return Cell(PRIVILEGE)
        if answer.state and not (answer.is_of_condition and self._is_of_here(relation)):
            return Cell(UNDECIDED, f"{answer.state}: {answer.message}")
        if answer.state:
            return Cell(answer.state, answer.message)
        visible = self.reader.visible(relation, role)
        if not visible.total:
            return Cell(UNDECIDED, self.seeds.refused.get(relation.name, "it has no rows"))
        read_query = self.reader.read_query(relation, role)
        columns = self.catalog.columns(relation, role, "SELECT") or ()
        narrow = "" if len(columns) == len(relation.columns) else f" ({', '.join(columns)})"
        left_out = writer.left_out(identity) if answer.found else frozenset[str]()
        text = visible.classes(identity, answer.found, left_out) + narrow
        return Cell(text, reached=answer.found, statement=read_query.query if read_query else "")

    def _is_of_here(self, relation: Relation) -> bool:
        """Whether an error is the schema's: files and users of servers come from elsewhere."""
        return not any(one.kind == "f" for one in (relation, *self.catalog.below(relation)))

    def _bypasses(self, role: Role) -> Iterator[Bypass]:
        given = (self.attempts, self.catalog, self.inputs, self.seeds, self.reader, role)
        search, joining = BypassSearch(*given), Joining(*given)
        members = chain(joining.joined(), joining.joined_by_functions(), hiding(search))
        bypasses = (search.all(), members, columns_shown(search), cascading(search))
        for bypass in chain.from_iterable(bypasses):
            if self._wanted(bypass.relation):
                yield bypass


def _arms(policy: Policy) -> Iterator[str]:
    """A policy's conditions, and what is joined by AND and OR in them, as far as it can be told."""
    for text in policy.texts:
        whole = parse(text)
        if not isinstance(whole, Constant):
            yield text
        for node in _leaves(whole) if isinstance(whole, Both) else ():
            if not isinstance(node, Constant):
                yield node.sql


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, Both):
        for operand in node.operands:
            yield from _leaves(operand)
    else:
        yield node


__all__ = ["COMMANDS", "NOBODY", "Facts", "Grid", "survey"]
