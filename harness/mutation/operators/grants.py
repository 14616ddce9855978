"""Grants and default privileges: revoked, or given to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from harness.mutation.declared import Declared, Privilege
from harness.mutation.mutant import Mutant, plain, quoted
from harness.postgres.schema_model import Name

_COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


class Grants:
    """Who may do what."""

    kind: ClassVar[str] = "grant"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Each privilege revoked, each table open to everybody, each default privilege revoked."""
        used = _schemas(declared)
        everybodys = {one.on for one in declared.privileges if one.role == "PUBLIC"}
        for privilege in declared.privileges:
            if privilege.kind != "SCHEMA" or privilege.name in used:
                yield from _revoked(privilege, privilege.on in everybodys)
        public = {
            (p.schema, p.name, p.privilege)
            for p in declared.privileges
            if p.role == "PUBLIC" and p.kind == "TABLE"
        }
        for table in declared.tables:
            for command in _COMMANDS:
                if (*table.name, command) not in public:
                    yield _to_public(table.name, command)
        yield from _defaults(declared)


def _schemas(declared: Declared) -> set[str]:
    """Those with anything in them that a role may use."""
    found = {one.schema for one in declared.functions} | {one.schema for one in declared.enums}
    found |= {one.name.schema for one in (*declared.schema, *declared.schema.sequences)}
    return found | {view.schema for view in declared.views}


def _role(name: str) -> str:
    return "PUBLIC" if name == "PUBLIC" else quoted(name)


def _tables(privilege: Privilege) -> tuple[Name, ...]:
    of_table = privilege.kind in ("TABLE", "COLUMN")
    return (Name(privilege.schema, privilege.name),) if of_table else ()


def _object(privilege: Privilege) -> str:
    if privilege.kind == "SCHEMA":
        return privilege.name
    name = plain(Name(privilege.schema, privilege.name))
    if privilege.kind == "COLUMN":
        return f"{name}.{privilege.part}"
    routine = privilege.kind in ("FUNCTION", "PROCEDURE")
    return f"{name}({privilege.part})" if routine else name


def _revoked(privilege: Privilege, everybodys: bool) -> Iterator[Mutant]:
    role, object_ = _role(privilege.role), _object(privilege)
    given = f"GRANT {privilege.on} TO {role}"
    detail = f"{privilege.privilege} from {privilege.role}"
    needless = everybodys and privilege.role != "PUBLIC" and not privilege.grantable
    yield Mutant(
        kind=Grants.kind,
        object=object_,
        operator="revoked",
        ddl=(f"REVOKE {privilege.on} FROM {role} CASCADE",),
        before=given,
        detail=detail,
        tables=_tables(privilege),
        same="PUBLIC has it as well" if needless else "",
    )
    if privilege.grantable:
        yield Mutant(
            kind=Grants.kind,
            object=object_,
            operator="grant option revoked",
            ddl=(f"REVOKE GRANT OPTION FOR {privilege.on} FROM {role} CASCADE",),
            before=f"{given} WITH GRANT OPTION",
            after=given,
            detail=detail,
            tables=_tables(privilege),
        )


def _to_public(table: Name, command: str) -> Mutant:
    grant = f"GRANT {command} ON TABLE {quoted(*table)} TO PUBLIC"
    return Mutant(
        kind=Grants.kind,
        object=plain(table),
        operator="granted",
        ddl=(grant,),
        after=grant,
        detail=f"{command} to PUBLIC",
        tables=(table,),
    )


def _defaults(declared: Declared) -> Iterator[Mutant]:
    for one in declared.default_privileges:
        within = f" IN SCHEMA {quoted(one.schema)}" if one.schema else ""
        alter = f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(one.owner)}{within}"
        what = f"{one.privilege} ON {one.objects}"
        yield Mutant(
            kind=Grants.kind,
            object=one.schema or "database",
            operator="default privilege revoked",
            ddl=(f"{alter} REVOKE {what} FROM {_role(one.role)}",),
            before=f"{alter} GRANT {what} TO {_role(one.role)}",
            detail=f"{one.privilege} on {one.objects.lower()} of {one.owner} from {one.role}",
        )
