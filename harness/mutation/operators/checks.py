"""CHECKs of tables and of domains: dropped, another condition, not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from harness.mutation.declared import Declared
from harness.mutation.expressions import changes
from harness.mutation.mutant import ConditionChange, Mutant, plain, quoted
from harness.postgres.schema_model import Column, Constraint, DomainCheck, Name, Table, Type
from harness.rowgen.expression import substituted


class Checks:
    """Conditions on rows and values."""

    kind: ClassVar[str] = "check"

    def mutants(self, declared: Declared) -> Iterator[Mutant]:
        """Those of each CHECK of a table, then of each domain that a column is of."""
        domains: dict[tuple[str, str], tuple[Type, list[tuple[Table, Column]]]] = {}
        for table in declared.tables:
            for check in table.checks:
                if not check.inherited and check.expression is not None:
                    yield from _of_table(declared, table, check)
            for column in table.columns:
                for domain in column.type.domains:
                    if domain.schema not in (*declared.foreign, "pg_catalog"):
                        found = domains.setdefault((domain.schema, domain.name), (domain, []))
                        found[1].append((table, column))
        for domain, used in domains.values():
            yield from _of_domain(domain, used)


def _of_table(declared: Declared, table: Table, check: Constraint) -> Iterator[Mutant]:
    where, name, text = quoted(*table.name), quoted(check.name), check.expression or ""
    inherit = " NO INHERIT" if check.no_inherit else ""

    def mutant(operator: str, definition: str, detail: str = "", **more: Any) -> Mutant:
        drop = f"ALTER TABLE {where} DROP CONSTRAINT {name}"
        add = f"ALTER TABLE {where} ADD CONSTRAINT {name} {definition}{inherit}"
        return Mutant(
            kind=Checks.kind,
            object=plain(table.name, check.name),
            operator=operator,
            ddl=(drop, add) if definition else (drop,),
            before=f"CONSTRAINT {name} CHECK ({text}){inherit}",
            after=f"CONSTRAINT {name} {definition}{inherit}" if definition else "",
            detail=detail,
            tables=(table.name, *table.children),
            **more,
        )

    yield mutant("dropped", "", swap=ConditionChange(table.name, text, "true", True))
    for change in changes(text):
        swap = ConditionChange(table.name, text, change.text, True)
        definition = f"CHECK ({change.text})"
        yield mutant(change.operator, definition, change.detail, swap=swap, same=change.same)
    if check.validated:
        yield mutant("not valid", f"CHECK ({text}) NOT VALID")
    if declared.version >= 180000:
        twin = "what is not enforced is as good as dropped"
        yield mutant("not enforced", f"CHECK ({text}) NOT ENFORCED", twin=twin)


def _of_domain(domain: Type, used: list[tuple[Table, Column]]) -> Iterator[Mutant]:
    name = quoted(domain.schema, domain.name)
    tables = tuple(dict.fromkeys(table.name for table, _ in used))

    def mutant(operator: str, ddl: tuple[str, ...], before: str, after: str) -> Mutant:
        object_ = plain(Name(domain.schema, domain.name))
        return Mutant(Checks.kind, object_, operator, ddl, before, after, tables=tables)

    for check in domain.checks:
        for found, text in _domain_check(name, check, mutant):
            yield replace(found, swap=_swap(check, text, used))
    if domain.not_null:
        ddl = (f"ALTER DOMAIN {name} DROP NOT NULL",)
        yield mutant("not null dropped", ddl, f"{name} NOT NULL", name)
    if domain.default is not None:
        ddl = (f"ALTER DOMAIN {name} DROP DEFAULT",)
        yield mutant("default dropped", ddl, f"{name} DEFAULT {domain.default}", name)


def _domain_check(name: str, check: DomainCheck, mutant: Any) -> Iterator[tuple[Mutant, str]]:
    """Each mutant of a domain's CHECK, and its condition."""
    drop = f"ALTER DOMAIN {name} DROP CONSTRAINT {quoted(check.name)}"
    add = f"ALTER DOMAIN {name} ADD CONSTRAINT {quoted(check.name)} CHECK"
    was = f"CONSTRAINT {quoted(check.name)} CHECK ({check.expression})"
    own: Mutant = mutant("dropped", (drop,), was, "")
    yield replace(own, object=f"{own.object}.{check.name}"), "true"
    for change in changes(check.expression):
        after = f"CONSTRAINT {quoted(check.name)} CHECK ({change.text})"
        own = mutant(change.operator, (drop, f"{add} ({change.text})"), was, after)
        name_ = f"{own.object}.{check.name}"
        yield replace(own, object=name_, detail=change.detail, same=change.same), change.text


def _swap(
    check: DomainCheck, text: str, used: list[tuple[Table, Column]]
) -> ConditionChange | None:
    """The two conditions, said of the first column of the domain that takes values."""
    for table, column in used:
        if column.insertable:
            names = {"VALUE": quoted(column.name)}
            before = substituted(check.expression, names)
            return ConditionChange(table.name, before, substituted(text, names), True)
    return None
