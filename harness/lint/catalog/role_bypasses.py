"""A role that policies or grants do not restrict.

No policy applies to a role with BYPASSRLS. Unless a table has FORCE ROW LEVEL SECURITY, its
policies do not apply to its owner, nor to a member of its owner. A member of pg_read_all_data or
pg_write_all_data needs no grant. A role with REPLICATION can copy every row, and before PostgreSQL
16 a role with CREATEROLE can make itself a member of the owner. An owner that only runs migrations
is left out: it does not log in, no policy names it, and other roles use the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.access.catalog import Relation, Role, is_of_platform
from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View


class RoleBypasses:
    """A client is bound by no policy, or a login role owns a table that is not forced."""

    id: ClassVar[str] = "role-bypasses"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each such role."""
        protected = [r for r in view.protected if view.catalog.of(r)]
        for role in view.catalog.roles:
            if is_of_platform(role.name):
                continue
            if why := _why(view, role, protected):
                yield Objection(Object("role", "", role.name), f"role {role.name} {why}")


def _is_used_by(view: View, relation: Relation, owner: Role) -> bool:
    """Whether the owner is a client: it logs in, a policy names it, or there is no other."""
    named = any(owner.name in policy.roles for policy in view.catalog.of(relation))
    return owner.logs_in or named or not view.users(relation)


_PREDEFINED = ("pg_read_all_data", "pg_write_all_data")


def _why(view: View, role: Role, protected: list[Relation]) -> str:
    """Why policies do not bind a role; empty where they do."""
    if role.owns:
        own = [r for r in protected if r.owner == role.name and not r.forced]
        mine = next((r for r in own if _is_used_by(view, r, role)), None)
        if mine is None or role.bypasses:
            return ""
        return f"works with {mine} as its owner, which is not FORCE ROW LEVEL SECURITY"
    if role.bypasses and protected:
        return "is BYPASSRLS: no policy binds it"
    if role.replicates and protected:
        return "has REPLICATION: it can copy every row of the server"
    if role.creates_roles and protected and view.connection.info.server_version < 160000:
        return "has CREATEROLE: it can make itself a member of any role but a superuser"
    for name in _PREDEFINED:
        if name in role.member_of:
            return f"is a member of {name}: it needs no grant"
    for relation in protected:
        if relation.owner in role.member_of and not relation.forced:
            return f"is a member of {relation.owner}, which owns {relation}: no policy binds it"
    return ""
