"""A privilege that policies do not restrict.

On a table with row level security, TRUNCATE ignores policies. REFERENCES and TRIGGER can reveal or
change the rows of others, and WITH GRANT OPTION lets a role pass its access on. UPDATE on a
sequence can set it back. CREATE on a schema in the search_path of a SECURITY DEFINER function lets
a role create an object that the function finds by name. On Supabase, ``anon`` and ``authenticated``
are left out, since Supabase grants them everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.core.findings import Severity
from harness.lint.catalog._rule import Object, Objection
from harness.lint.catalog._view import View
from harness.lint.catalog.definer_search_path import search_path


class ExcessPrivilege:
    """A client has a privilege on a protected table that no policy binds."""

    id: ClassVar[str] = "excess-privilege"
    severity: ClassVar[Severity] = "error"

    def find(self, view: View) -> Iterator[Objection]:
        """Each object and role."""
        yield from _on_tables(view)
        yield from _on_sequences(view)
        yield from _on_schemas(view)


_UNBOUND = ("TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")


def _clients(view: View) -> set[str]:
    """Those whose privileges are the project's: a platform grants its own clients everything."""
    platform = {"anon", "authenticated"} if view.provided else set[str]()
    return {role.name for role in view.clients} - platform


def _on_tables(view: View) -> Iterator[Objection]:
    clients = _clients(view)
    found: dict[tuple[int, str], list[str]] = {}
    for one in view.catalog.privileges:
        relation = view.catalog.by_oid.get(one.oid)
        if one.kind != "relation" or one.role not in clients or not relation:
            continue
        if not relation.protected:
            continue
        if one.privilege in _UNBOUND:
            found.setdefault((one.oid, one.role), []).append(one.privilege)
        elif one.how == "grantable":
            found.setdefault((one.oid, one.role), []).append(f"{one.privilege} WITH GRANT OPTION")
    for (oid, role), privileges in found.items():
        relation = view.catalog.by_oid[oid]
        yield Objection(
            Object("grant", *relation.name, relation.name.name, role),
            f"{relation}: {role} has {', '.join(privileges)}, which no policy binds",
        )


def _on_sequences(view: View) -> Iterator[Objection]:
    clients = _clients(view)
    for one in view.catalog.privileges:
        if one.kind == "sequence" and one.privilege == "UPDATE" and one.role in clients:
            schema, _, name = one.object.partition(".")
            yield Objection(
                Object("grant", schema, name, name, one.role),
                f"sequence {one.object}: {one.role} may set it to any number (UPDATE)",
            )


def _on_schemas(view: View) -> Iterator[Objection]:
    clients = _clients(view)
    for function in view.catalog.functions:
        path = search_path(function) if function.definer else None
        for one in view.catalog.privileges:
            inside = (
                one.kind == "schema" and one.privilege == "CREATE" and one.object in (path or ())
            )
            if inside and one.role in clients:
                yield Objection(
                    Object("function", function.schema, function.name),
                    f"{function} is SECURITY DEFINER and looks for names in {one.object},"
                    f" where {one.role} may create some",
                )
