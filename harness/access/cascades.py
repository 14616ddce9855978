"""Cascades: rows of others that go with a row that somebody may delete."""

from __future__ import annotations

from collections.abc import Iterator

from harness.access.attempts import Attempt
from harness.access.bypasses import Bypass, BypassSearch
from harness.access.catalog import Relation

_REACHING = ("cascade", "set null", "set default")


def cascading(search: BypassSearch) -> Iterator[Bypass]:
    """Foreign keys by which a DELETE removes or changes rows that only others see.

    Foreign keys are followed as the table's owner: no policy is asked. A project's tasks are meant
    to go with it, whosever they are, so this is for a record to tell.
    """
    for table in search.catalog.relations:
        writer = search.writer(table)
        if not table.protected or not table.holds_rows or writer.may("DELETE") is None:
            continue
        for other in _referring(search, table):
            for identity in search.persons():
                hidden = search.reader.visible(other, search.role).anothers(identity)
                cell = writer.delete(identity, sighted=False)
                if not hidden or not cell.reached:
                    continue
                actor = identity.actor(search.role.name)
                tried = Attempt(actor, cell.statement, look=other.places)
                answer = search.attempts.make([tried])[0]
                if not answer.state and (search.reader.total(other) - answer.left) & hidden:
                    title = (
                        f"{identity.name}: DELETE of {table} reaches rows of {other}"
                        " that it does not see"
                    )
                    yield Bypass(
                        "cascade", str(table), other, search.role.name, identity.name, title,
                        cell.statement,
                    )  # fmt: skip
                    break


def _referring(search: BypassSearch, table: Relation) -> Iterator[Relation]:
    """Protected tables that refer to this one, and that a DELETE here reaches."""
    for other in search.reader.schema:
        relation = search.catalog.by_name.get(other.name)
        keys = [
            k for k in other.foreign_keys if k.target == table.name and k.on_delete in _REACHING
        ]
        if keys and relation and relation.protected and relation is not table:
            yield relation
