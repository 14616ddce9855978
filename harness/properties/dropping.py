"""What drops a constraint or a rule, so that others are seen without it."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from harness.postgres.schema_model import Column, Rule, Table


def constraint(table: Table, name: str) -> sql.Composed:
    """The statement for a constraint of a table."""
    text = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {} CASCADE")
    return text.format(table.identifier, sql.Identifier(name))


def domain_check(column: Column, name: str) -> Iterator[sql.Composed]:
    """The statement for a CHECK of one of the domains that a column is of, if it is one."""
    for domain in column.type.domains:
        if any(check.name == name for check in domain.checks):
            text = sql.SQL("ALTER DOMAIN {} DROP CONSTRAINT {}")
            where = sql.Identifier(domain.schema, domain.name)
            yield text.format(where, sql.Identifier(name))


def rule(table: Table, found: Rule) -> sql.Composed:
    """The statement for a rule of a table."""
    return sql.SQL("DROP RULE {} ON {}").format(sql.Identifier(found.name), table.identifier)


def check(table: Table, name: str) -> Iterator[sql.Composed]:
    """The statement for a CHECK of a table, or of the domains of its columns."""
    if any(one.name == name and not one.inherited for one in table.checks):
        yield constraint(table, name)
    for column in table.columns:
        yield from domain_check(column, name)
