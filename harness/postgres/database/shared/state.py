"""SharedState: a snapshot of what all databases of a server share.

Roles and their memberships, settings and passwords, privileges on parameters, tablespaces,
databases that are not the harness' own, comments and security labels on all of these,
prepared transactions, replication slots and origins, and what ALTER SYSTEM wrote.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import psycopg

from harness.postgres.database.drop import Connect
from harness.postgres.database.shared.notes import notes, reason
from harness.postgres.database.shared.removal import Removal, write_back
from harness.postgres.database.shared.rows import Change, Row, Rows, changes, read
from harness.postgres.database.shared.sessions import undisturbed


@dataclass(frozen=True, slots=True)
class Restored:
    """What putting the server back came to."""

    notes: tuple[str, ...] = ()
    """What was done, and what was not, for whoever changed the state."""
    complete: bool = True
    """Whether the server is as it was."""


UNCHANGED = Restored()


@dataclass(frozen=True, slots=True, eq=False)
class SharedState:
    """The state of a server at one time."""

    rows: Rows = field(repr=False)

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> SharedState:
        """The state of the server that is connected to, without what is the harness' own.

        One query, prepared: over a connection that is kept it takes half a millisecond.
        """
        return cls(read(connection))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharedState) and not changes(self.rows, other.rows)

    __hash__ = None  # type: ignore[assignment]  # equality is by content

    def restore(
        self,
        connection: psycopg.Connection[Any],
        connect: Connect,
        *,
        owned: bool,
        named: Collection[tuple[str, str]] = (),
    ) -> Restored:
        """Put the server back to this state; never raises for what the server refuses.

        ``connection`` is one in autocommit to the maintenance database, ``connect`` opens
        others. With ``owned`` everything is put back, which takes a superuser. Without,
        others use the server too: only what is in ``named`` (see created_names) and was
        not there before is dropped, and the rest is only spoken of. What the file did in
        a database of its own is not looked at: drop that before.
        """
        try:
            if not changes(self.rows, read(connection)):
                return UNCHANGED
            with undisturbed(connection):
                return self._restored(Removal(connection, connect, owned), named)
        except psycopg.Error as error:
            return Restored((f"could not put the server back: {reason(error)}",), False)

    def _restored(self, removal: Removal, named: Collection[tuple[str, str]]) -> Restored:
        connection, owned = removal.connection, removal.owned
        found = changes(self.rows, read(connection))
        reasons = removal.remove(self._removable(found, owned, named))
        if owned:
            reasons |= write_back(connection, self.rows)
        left = changes(self.rows, read(connection))
        return Restored(notes(found, left, reasons, owned), not left)

    def _removable(
        self, found: list[Change], owned: bool, named: Collection[tuple[str, str]]
    ) -> list[Row]:
        """The new objects that are to be dropped."""
        created = [change.row for change in found if change.created]
        if owned:
            return created
        before = {row.object for row in self.rows.values() if not row.aspect}
        wanted = {f"{kind} {name}" for kind, name in named} - before
        return [row for row in created if row.object in wanted]
