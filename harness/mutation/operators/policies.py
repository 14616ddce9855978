"""Row level security: its switches, and policies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from harness.mutation.declared import Declared, Policy
from harness.mutation.expressions import changes
from harness.mutation.mutant import ConditionChange, Mutant, plain, quoted
from harness.postgres.schema_model import Table


class Policies:
    """Which rows somebody sees and writes."""

    kind: ClassVar[str] = "policy"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """The switches of each table, then those of each policy."""
        for table in declared.tables:
            yield from _switches(declared, table)
        for policy in declared.policies:
            yield from _of_policy(policy)


def _switches(declared: Declared, table: Table) -> Iterator[Mutant]:
    security = declared.row_security.get(table.name)
    if security is None:
        return
    on = [("disabled", "ENABLE", "DISABLE")] if security.enabled else []
    off = [("enabled", "DISABLE", "ENABLE")] if not security.enabled else []
    forced = [("not forced", "FORCE", "NO FORCE")] if security.forced else []
    for operator, was, now in [*on, *off, *forced]:
        yield Mutant(
            kind=Policies.kind,
            object=plain(table.name),
            operator=f"row security {operator}",
            ddl=(f"ALTER TABLE {quoted(*table.name)} {now} ROW LEVEL SECURITY",),
            before=f"{was} ROW LEVEL SECURITY",
            after=f"{now} ROW LEVEL SECURITY",
            tables=(table.name,),
        )


def _of_policy(policy: Policy) -> Iterator[Mutant]:
    yield _mutant(policy, None, "dropped")
    for operator, detail, new, swap in _changed(policy):
        yield _mutant(policy, new, operator, detail, swap=swap)


def _changed(policy: Policy) -> Iterator[tuple[str, str, Policy, ConditionChange | None]]:
    if policy.roles != ("PUBLIC",):
        yield "roles", "PUBLIC", replace(policy, roles=("PUBLIC",)), None
    for role in policy.roles if len(policy.roles) > 1 else ():
        rest = tuple(other for other in policy.roles if other != role)
        yield "role removed", role, replace(policy, roles=rest), None
    if policy.command == "ALL":
        new = replace(policy, command="SELECT", check=None)
        if policy.using is not None:
            yield "command", "SELECT", new, None
    else:
        using = policy.using if policy.using is not None else policy.check
        yield "command", "ALL", replace(policy, command="ALL", using=using), None
    word = "RESTRICTIVE" if policy.permissive else "PERMISSIVE"
    yield "kind", word, replace(policy, permissive=not policy.permissive), None
    for clause, text in (("using", policy.using), ("check", policy.check)):
        if text is None:
            continue
        if text != "true":
            swap = ConditionChange(policy.table, text, "true", False)
            yield clause, "true", _with(policy, clause, "true"), swap
        for change in changes(text):
            detail = f"{change.operator}:{change.detail}"
            swap = ConditionChange(policy.table, text, change.text, False)
            yield clause, detail, _with(policy, clause, change.text), swap
    if policy.using is not None and policy.check not in (None, policy.using):
        yield "check dropped", "", replace(policy, check=None), None


def _with(policy: Policy, clause: str, text: str) -> Policy:
    if clause == "using":
        return replace(policy, using=text)
    return replace(policy, check=text)


def _mutant(
    policy: Policy, new: Policy | None, operator: str, detail: str = "", **more: Any
) -> Mutant:
    return Mutant(
        kind=Policies.kind,
        object=plain(policy.table, policy.name),
        operator=operator,
        ddl=(policy.drop, new.create) if new else (policy.drop,),
        before=policy.create,
        after=new.create if new else "",
        detail=detail,
        tables=(policy.table,),
        **more,
    )
