"""Classes: what a set of rows is to somebody. Counts are accidents of our rows, classes are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.access.identities import Identity

ALL, OWN, SHARED, ANOTHERS, UNSEEN, NONE = "all", "own", "shared", "another's", "unseen", "none"
SOME = "some "
"""Before ``own`` and ``shared``: not all of these rows, but drafts, say, or those not deleted."""
Ids = frozenset[str]


@dataclass(frozen=True)
class Visibility:
    """What each identity of one role sees of one table."""

    total: Ids
    seen: Mapping[str, Ids]
    """Identity's name -> rows; an identity that may not read sees none."""
    identities: Sequence[Identity]

    def others(self, identity: Identity) -> Ids:
        """Rows that other persons see; whoever sees all of it says nothing of whose rows are.

        Unless everybody does.
        """
        found = set[str]()
        for other in self.identities:
            if other.name == identity.name or _same_person(other, identity):
                continue
            rows = self.seen.get(other.name, frozenset())
            if rows != self.total or self.seen.get(identity.name) == self.total:
                found |= rows
        return frozenset(found)

    def anothers(self, identity: Identity) -> Ids:
        """Rows that only others see, whoever sees all included; not itself by other claims."""
        others = (other for other in self.identities if not _same_person(other, identity))
        rows = (self.seen.get(other.name, frozenset()) for other in others)
        return frozenset().union(*rows) - self.seen.get(identity.name, frozenset())

    def classes(self, identity: Identity, rows: Ids, left_out: Ids = frozenset()) -> str:
        """``all``, ``none``, or which of own, shared, another's and unseen there are.

        Of own and shared ones ``some``, where more of them are seen than ``rows`` has, or where
        ``left_out`` holds one of ``rows``.
        """
        if not rows:
            return NONE
        if rows >= self.total and len(self.total) > 1:
            return ALL
        mine, others = self.seen.get(identity.name, frozenset()), self.others(identity)
        anothers = self.anothers(identity)
        found = []
        for name, seen in ((OWN, mine - others), (SHARED, mine & others)):
            if some := rows & seen:
                whole = some == seen and not some & left_out
                found.append(name if whole else SOME + name)
        rest = {ANOTHERS: rows - mine & anothers, UNSEEN: rows - mine - anothers}
        return ", ".join([*found, *(name for name, some in rest.items() if some)])


def _same_person(one: Identity, other: Identity) -> bool:
    return one.principal is not None and one.principal == other.principal
